"""Names in any spelling: taken where they can mean one thing only, else the nearest ones are named."""

import pytest

import cli
from deconv.deblur.options import METHODS
from deconv.settings import PSF_WORDS
from deconv.spelling import meant, suggestion
from restore.psf.family import FAMILIES
from restore.psf.optics.model import MODELS


@pytest.mark.parametrize(
    ("word", "name"),
    [
        ("Gaussian", "gaussian"),
        ("gauss", "gaussian"),
        ("DISK", "disk"),
        ("TV", "total_variation"),
        ("total-variation", "total_variation"),
        ("Total Variation", "total_variation"),
        ("rl", "richardson_lucy"),
        ("Richardson-Lucy", "richardson_lucy"),
        ("nonlocal", "nonlocal"),
        ("hyperlaplacian", "hyper_laplacian"),
    ],
)
def test_a_word_that_can_mean_one_name_is_that_name(word, name):
    assert meant(word, (*PSF_WORDS, *METHODS)) == name


@pytest.mark.parametrize("word", ["nonloc", "agg", "di", "b", "", "wienner", "bokeh"])
def test_other_words_stay_as_they_are(word):
    assert meant(word, (*PSF_WORDS, *METHODS)) == word


@pytest.mark.parametrize(
    ("word", "text"),
    [
        ("wienner", "did you mean wiener?"),
        ("gausian", "did you mean gaussian?"),
        ("nonloc", "did you mean nonlocal or nonlocal_fast?"),
        ("disc", "did you mean disk?"),
        ("xyz", "choose from auto, "),
    ],
)
def test_the_nearest_names_are_said(word, text):
    assert suggestion(word, (*PSF_WORDS, *METHODS)).startswith(text)


def test_the_parser_knows_every_family_by_name():
    assert set(PSF_WORDS) == {"auto", "blind", "measured", *FAMILIES, *MODELS}


@pytest.mark.parametrize(
    ("words", "name", "value"),
    [
        ("deblur a.png --psf Gauss", "psf", "gaussian"),
        ("deblur a.png --psf gauss.npy", "psf", "gauss.npy"),
        ("deblur a.png --method TV", "method", "total_variation"),
        ("deblur a.png --quality Best", "quality", "best"),
        ("estimate a.png --psf MOTION", "psf", "motion"),
        ("upsample a.npy --kernel Bilinear --layout TensorFlow", "layout", "tensorflow"),
        ("upsample a.npy --kernel Bilinear", "kernel", "bilinear"),
    ],
)
def test_the_options_take_every_spelling(words, name, value):
    assert getattr(cli.build_parser().parse_args(words.split()), name) == value


def test_a_file_goes_before_a_spelling(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "gauss").write_bytes(b"a PSF without a suffix")
    assert cli.build_parser().parse_args(["deblur", "a.png", "--psf", "gauss"]).psf == "gauss"


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["deblur", "photo.png", "--psf", "gausian"], "did you mean gaussian?"),
        (["deblur", "photo.png", "--psf", "box", "--size", "3", "--method", "wienner"], "did you mean wiener?"),
        (["deblur", "photo.png", "--quality", "god"], "did you mean good?"),
        (["estimate", "photo.png", "--psf", "disc"], "did you mean disk?"),
        (["upsample", "photo.png", "--layout", "pytorch"], "did you mean torch?"),
        (["upsample", "photo.png", "--kernel", "bilinaer"], "did you mean bilinear?"),
    ],
)
def test_a_misspelt_name_is_refused_with_the_nearest(words, expected, photo, refused):
    refused(*words, expected=expected)
