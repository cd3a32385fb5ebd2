"""What needs the whole picture is said or taken whole; bad words are one line."""

import json

import numpy as np
import pytest
import tifffile
from PIL import Image

from deconv.deblur.large.options import size


@pytest.mark.parametrize(
    ("option", "words"),
    [
        (("--card", "card.png"), "--card needs the whole picture at once"),
        (("--report", "page.html"), "--report needs the whole picture at once"),
        (("--reference", "large.tif"), "--reference needs the whole picture at once"),
        (("--clipped", "mask"), "--clipped mask needs the whole picture at once"),
        (("--boundary", "smooth"), "boundary in tiles must be one of unknown"),
        (("--method", "nonlocal"), "method 'nonlocal' needs the whole picture at once"),
    ],
)
def test_what_needs_the_whole_is_refused_beside_little_memory(cut, large, refused, option, words):
    psf = ("--psf", "gaussian", "--sigma", "1.2")
    refused("deblur", large, *psf, *option, "--memory", "2M", "-o", "out.tif", expected=words)


def test_without_a_word_of_memory_it_goes_whole_as_before(cut, large, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr("deconv.deblur.large.budget.machine_memory", lambda: 2 << 20)
    words = ("--psf", "gaussian", "--sigma", "1.2", "--method", "nonlocal_fast", "--no-figure", "--json")
    assert cut(large, *words, "-o", tmp_path / "out.tif") == 0
    assert "tiles" not in json.loads(capsys.readouterr().out)


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("--memory", "0"), "argument --memory: must be a number of bytes > 0 such as 2G or 500M, got '0'"),
        (("--memory", "much"), "argument --memory: must be a number of bytes"),
        (("--memory", "20K", "--method", "wiener"), "--memory must hold a tile of (128, 128) and the"),
        (("--memory", "2M", "--max-pixels", "1000"), "more than the limit of 1000 (raise the limit with --max-pixels)"),
        (("--memory", "2M", "-o", "none/out.tif", "--method", "wiener"), "there is no folder none"),
        (("--scheduler", "tcp://127.0.0.1:1", "-o", "out.tif"), "--scheduler writes Zarr"),
    ],
)
def test_words_that_cannot_be(cut, large, refused, words, expected):
    output = () if "-o" in words else ("-o", "out.tif")
    refused("deblur", large, "--psf", "gaussian", "--sigma", "1.2", "--no-figure", *words, *output, expected=expected)


def test_samples_that_are_none_are_named_by_their_place_and_nothing_is_left(cut, refused, tmp_path, wiener):
    samples = np.full((304, 328), 0.5, np.float32)
    samples[250, 310] = np.nan
    tifffile.imwrite(tmp_path / "a.tif", samples, tile=(64, 64))
    refused("deblur", "a.tif", *wiener, "-o", "out.tif", expected="the first at (250, 310)")


def test_an_output_that_is_there_is_not_replaced_unless_forced(cut, large, refused, wiener, tmp_path, capsys):
    (tmp_path / "out.tif").write_text("mine")
    refused("deblur", large, *wiener, "--no-figure", "-o", "out.tif", expected="exists already")
    assert cut(large, *wiener, "--no-figure", "--force", "-o", tmp_path / "out.tif") == 0
    assert tifffile.imread(tmp_path / "out.tif").shape == (304, 328)
    capsys.readouterr()
    refused("deblur", large, *wiener, "--no-figure", "--force", "-o", "large.tif", expected="is also an input")


def test_without_zarr_a_store_says_what_to_install(cut, refused, tmp_path, monkeypatch):
    (tmp_path / "a.zarr").mkdir()
    (tmp_path / "a.zarr" / "zarr.json").write_text("{}")
    monkeypatch.setitem(__import__("sys").modules, "zarr", None)
    refused("deblur", "a.zarr", "--psf", "gaussian", "--sigma", "1", expected="or zarr itself")


@pytest.mark.parametrize(("text", "count"), [("2G", 2 << 30), ("500MB", 500 << 20), ("1.5 GiB", 3 << 29), ("7", 7)])
def test_sizes(text, count):
    assert size(text) == count


def test_a_cluster_is_for_files_that_are_read_in_parts(refused, tmp_path):
    picture = tmp_path / "picture.png"
    Image.fromarray(np.zeros((40, 40), np.uint8)).save(picture)
    words = ("--psf", "gaussian", "--sigma", "1", "--scheduler", "tcp://127.0.0.1:9")
    refused("deblur", picture, *words, expected="--scheduler is for TIFF, .npy and Zarr")
