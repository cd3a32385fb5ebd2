"""What is wrong with a line is said before that a file is in the way, which --force would settle."""

import numpy as np
import pytest
from PIL import Image

BOX = ["--psf", "box", "--size", "3"]
#: Lines whose output exists, and what else is wrong with each.
WRONG = {
    "family": (["deblur", "photo.png", "--psf", "gausian"], "did you mean gaussian?"),
    "parameter": (["deblur", "photo.png", "--psf", "box"], "needs --size"),
    "method": (["deblur", "photo.png", *BOX, "--method", "wienner"], "did you mean wiener?"),
    "foreign strength": (["deblur", "photo.png", *BOX, "--method", "cls", "--nsr", "1"], "nsr does not belong"),
    "rule": (["deblur", "photo.png", *BOX, "--method", "cls", "--rule", "best"], "upre"),
    "quality": (["deblur", "photo.png", *BOX, "--method", "cls", "--quality", "fast"], "quality"),
    "boundary": (["deblur", "photo.png", *BOX, "--boundary", "wrap"], "periodic"),
    "mask": (["deblur", "photo.png", *BOX, "--mask", "none.png"], "none.png: does not exist"),
    "reference": (["deblur", "photo.png", *BOX, "--reference", "small.png"], "same size"),
    "large PSF": (["deblur", "photo.png", "--psf", "large.npy"], "larger than the picture"),
    "padding": (
        ["upsample", "photo.png", "--stride", "2", "--output-padding", "2"],
        "--output-padding must be smaller",
    ),
    "kernel": (["upsample", "photo.png", "--kernel", "none"], "no such kernel"),
    "blur": (["blur", "photo.png", "--psf", "auto"], "needs its parameters"),
    "contrast": (["contrast", "photo.png", "--psf", "box"], "--size"),
    "nothing": (["deblur", "photo.png", *BOX], "exists already (allow it to be replaced with --force"),
}


@pytest.mark.parametrize("case", WRONG)
def test_a_file_in_the_way_is_complained_of_last(case, photo, tmp_path, refused):
    for word in ("restored", "upsampled", "blurred", "contrast"):
        (tmp_path / f"photo.{word}.png").write_bytes(b"precious")
    Image.new("L", (5, 5)).save(tmp_path / "small.png")
    np.save(tmp_path / "large.npy", np.ones((300, 9)))
    words, expected = WRONG[case]
    refused(*words, expected=expected)
