"""Refusals are said in the program's words: what a remedy says of an argument becomes the option of that meaning."""

import ast
import re
from pathlib import Path

import numpy as np
import pytest

import restore
import upsample
from deconv.errors import ARGUMENTS, LIBRARY, OPTIONS, UsageError, in_options, input_error, user_error
from deconv.main import build_parser
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


def test_every_argument_that_a_refusal_begins_with_is_an_option_of_that_name():
    known = {option for action in actions(build_parser()) for option in action.option_strings}
    assert set(ARGUMENTS.values()) <= known


def actions(parser):
    for action in parser._actions:
        yield action
        for command in (action.choices or {}).values() if action.dest == "command" else ():
            yield from actions(command)


TOO_LARGE = "the numbers are too large to compute with (scale the samples to about 1, or give smaller options)"


@pytest.mark.parametrize(
    ("error", "line"),
    [
        (restore.checks.InvalidValue("noise_var must be odd"), "--noise must be odd"),
        (restore.checks.InvalidType("psf must be odd"), "psf must be odd"),
        (upsample.checks.InvalidValue("output_padding must be odd"), "--output-padding must be odd"),
        (UsageError("must be odd"), "must be odd"),
        (PictureError("b.png", "is odd", "give `axes`"), "b.png: is odd (give --axes)"),
        (MemoryError(), "not enough memory (crop the picture, or use a machine with more)"),
        (OverflowError(34, "Numerical result out of range"), TOO_LARGE),
        (
            OSError(36, "File name too long", "b.png"),
            "b.png: file name too long (check the names, the folders and their permissions)",
        ),
        (OSError("12 requested and 5 written"), None),
        (ValueError("operands could not be broadcast together"), None),
        (TypeError("unsupported operand"), None),
        (np.linalg.LinAlgError("Singular matrix"), None),
    ],
)
def test_what_is_refused_is_one_line_and_what_is_not_is_a_fault(error, line):
    assert user_error(error) == line


@pytest.mark.parametrize(
    ("error", "alone", "of_many"),
    [
        (UsageError("must be odd"), "a.png: must be odd", "a.png: must be odd"),
        (UsageError("a.png: must be odd"), "a.png: must be odd", "a.png: must be odd"),
        (UsageError("--psf must be odd"), "--psf must be odd", "a.png: --psf must be odd"),
        (PictureError("b.png", "is odd", "turn it"), "b.png: is odd (turn it)", "a.png: b.png: is odd (turn it)"),
        (restore.checks.InvalidValue("psf must be odd"), "a.png: psf must be odd", "a.png: psf must be odd"),
    ],
)
def test_an_error_names_its_input_unless_it_speaks_for_itself(error, alone, of_many):
    assert str(input_error(error, "a.png", is_alone=True)) == alone
    assert str(input_error(error, "a.png", is_alone=False)) == of_many


def test_a_fault_is_no_error_of_the_input():
    assert input_error(ZeroDivisionError(), "a.png", is_alone=True) is None


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
