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
    "size": (["deblur", "photo.png", "--psf", "blind", "--psf-size", "8"], "must be odd"),
    "weight": (["upsample", "photo.png", "--kernel", "weight.npy"], "weight must be"),
    "channels": (["upsample", "photo.png", "--kernel", "channels.npy"], "cannot hold the 2 channels"),
    "blur": (["blur", "photo.png", "--psf", "auto"], "needs its parameters"),
    "border": (["blur", "photo.png", *BOX, "--boundary", "wrap"], "periodic"),
    "contrast": (["contrast", "photo.png", "--psf", "box"], "--size"),
    "nothing": (["deblur", "photo.png", *BOX], "exists already (allow it to be replaced with --force"),
}


@pytest.mark.parametrize("case", WRONG)
def test_a_file_in_the_way_is_complained_of_last(case, photo, tmp_path, refused):
    for word in ("restored", "upsampled", "blurred", "contrast"):
        (tmp_path / f"photo.{word}.png").write_bytes(b"precious")
    Image.new("L", (5, 5)).save(tmp_path / "small.png")
    np.save(tmp_path / "large.npy", np.ones((300, 9)))
    np.save(tmp_path / "weight.npy", np.ones((2, 2, 3, 3)))
    np.save(tmp_path / "channels.npy", np.ones((3, 2, 3, 3)))
    words, expected = WRONG[case]
    refused(*words, expected=expected)


@pytest.mark.parametrize(
    ("words", "output", "work"),
    [
        (["blur", "photo.png", *BOX], "photo.blurred.png", "restore.degrade"),
        (["deblur", "photo.png", *BOX], "photo.restored.png", "restore.deconvolve"),
        (["deblur", "photo.png", "--psf", "auto"], "photo.restored.png", "restore.estimate_psf"),
        (["estimate", "photo.png", "-o", "psf.npy"], "psf.npy", "restore.estimate_psf"),
        (["upsample", "photo.png"], "photo.upsampled.png", "upsample.ConvTranspose.__call__"),
        (["upsample", "photo.png", "--learn"], "photo.kernel.npy", "upsample.learn_kernel"),
        (["contrast", "photo.png"], "photo.contrast.png", "deconv.contrast.run.both_meanings"),
    ],
    ids=lambda value: value if isinstance(value, str) else value[0],
)
def test_nothing_is_computed_before_that(words, output, work, photo, tmp_path, refused, monkeypatch):
    (tmp_path / output).write_bytes(b"precious")
    monkeypatch.setattr(work, None)  # calling it would be a fault of the program
    refused(*words, expected="exists already")
