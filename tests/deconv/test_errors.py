"""Refusals are said in the program's words: what a remedy says of an argument becomes the option of that meaning."""

import ast
import re
from pathlib import Path

import numpy as np
import pytest

from deconv.errors import LIBRARY, OPTIONS, explained, in_options, user_error
from deconv.options import UsageError
from deconv.pictures import PictureError

SOURCES = sorted((Path(__file__).resolve().parents[2] / "deconv" / "pictures").rglob("*.py"))


def remedies():
    """Text of every remedy that the layer of pictures gives, its values left out."""
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if name in ("refuse", "PictureError") and len(node.args) >= 2:
                parts = [part.value for part in ast.walk(node.args[-1]) if isinstance(part, ast.Constant)]
                yield "".join(part for part in parts if isinstance(part, str))


@pytest.mark.parametrize(
    ("remedy", "line"),
    [
        ("raise `max_pixels`, or crop the picture", "raise the limit with --max-pixels, or crop the picture"),
        (
            'choose one with `frame`, 0 to 3, or take `frame="all"`',
            "choose one with --frame N, 0 to 3, or take --frame all",
        ),
        ("use `frame=N` with N from 0 to 3", "use --frame N with N from 0 to 3"),
        ("name them with `axes`, e.g. YXC", "name them with --axes, e.g. YXC"),
        (
            "allow it to be replaced with `force=True`, or name another `output`",
            "allow it to be replaced with --force, or name another --output",
        ),
        ("extract the frames into files of their own", "extract the frames into files of their own"),
    ],
)
def test_remedies_name_options(remedy, line):
    error = PictureError("a.png", "is odd", remedy)
    assert user_error(error) == f"a.png: is odd ({line})"
    assert str(error) == f"a.png: is odd ({remedy.replace('`', '')})"


def test_every_argument_that_a_remedy_speaks_of_has_an_option():
    found = list(remedies())
    assert len(found) > 30
    assert {word for remedy in found for word in re.findall("`([^`]+)`", remedy)} == set(OPTIONS)


def test_the_layer_of_pictures_knows_no_option():
    for path in SOURCES:
        assert not re.search(r"--[a-z]", path.read_text(encoding="utf-8")), path


def test_a_refusal_of_a_package_names_the_file_and_a_refused_picture_names_its_own():
    def refuse(error):
        raise error

    with pytest.raises(UsageError, match=r"^a\.png: must be odd$"):
        explained("a.png", lambda: refuse(ValueError("must be odd")))
    with pytest.raises(PictureError) as caught:
        explained("a.png", lambda: refuse(PictureError("b.png", "is odd", "give `axes`")))
    assert user_error(caught.value, "a.png") == "a.png: b.png: is odd (give --axes)"


def test_refusals_of_the_packages_name_options(photo, refused, tmp_path):
    weight = np.ones((2, 1, 3, 3))
    np.save(tmp_path / "weight.npy", weight)
    np.save(tmp_path / "volume.npy", np.ones((3, 3, 3)) / 27)
    words = ["upsample", "photo.png", "--kernel", "weight.npy"]
    refused(*words, expected="Keras (*kernel, out, in): say which with --layout")
    words = ["deblur", "photo.png", "--psf", "volume.npy"]
    refused(
        *words, expected="the PSF has 3 axes, the picture 2 (give a 2-D PSF, or a 3-D one and every plane with --frame"
    )


def test_what_the_packages_say_is_said_so_by_them():
    """A phrase that changed there would no longer be found."""
    said = "".join(
        part.value
        for package in ("restore", "upsample")
        for path in sorted((SOURCES[0].parents[2] / package).rglob("*.py"))
        for part in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(part, ast.Constant) and isinstance(part.value, str)
    )
    assert [words for words in LIBRARY if words not in said] == []
    assert not re.search(r"[a-z]_[a-z]|channel_axis", " ".join(map(in_options, LIBRARY)))
