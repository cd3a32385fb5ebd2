"""Camera shake through the program: --psf blind and --psf-size."""

import json

import numpy as np
import pytest
from PIL import Image
from scipy import signal
from skimage import data


def opened(path):
    with Image.open(path) as picture:
        return np.asarray(picture, float)


def error(path, reference):
    """Least mean squared error over shifts of a few pixels, which a blind kernel leaves open."""
    found, sharp = (opened(p) for p in (path, reference))
    inner = sharp[16:-16, 16:-16]
    shifted = (np.roll(found, (i, j), (0, 1))[16:-16, 16:-16] for i in range(-4, 5) for j in range(-4, 5))
    return min(np.mean((s - inner) ** 2) for s in shifted)


@pytest.fixture
def shaken(tmp_path):
    """Return a shaken photograph of the camera man as 8-bit linear codes, and the sharp one."""
    kernel = np.zeros((13, 13))
    kernel[2:9, 3] = kernel[8, 3:11] = 1
    sharp = data.camera()[60:230, 110:280]
    codes = np.round(signal.fftconvolve(sharp, kernel / kernel.sum(), mode="valid")).astype(np.uint8)
    path, reference = tmp_path / "shaken.png", tmp_path / "sharp.png"
    Image.fromarray(codes).save(path)
    Image.fromarray(sharp[6:-6, 6:-6]).save(reference)
    return path, reference


def test_a_shaken_photograph_is_restored(run, shaken, capsys):
    path, reference = shaken
    assert run("deblur", path, "--linear", "--psf", "blind", "--psf-size", 13, "--json") == 0
    report, told = capsys.readouterr()
    found = json.loads(report)
    assert found["psf"]["family"] == "blind"
    assert found["psf"]["size"] == 13
    assert found["method"] == "hyper_laplacian"
    assert found["psf"]["confidence"] in ("confident", "weak")
    restored, exact = path.parent / "shaken.restored.png", path.parent / "exact.png"
    assert error(restored, reference) < 0.5 * error(path, reference)
    # As if the kernel were known: the data choose another strength.
    known = ["--psf-error", 0, "--method", "hyper_laplacian", "-o", exact]
    assert run("deblur", path, "--linear", "--psf", "blind", "--psf-size", 13, *known) == 0
    assert error(restored, reference) < 0.85 * error(exact, reference)
    assert "blind, size 13 px (estimated" in told
    assert (path.parent / "shaken.restored.figure.png").exists()


@pytest.mark.slow
def test_the_restoration_is_judged_like_any_other(run, shaken, tmp_path, capsys):
    """It comes through the front door: with iterations, a residual, and diagnostics below the figure."""
    path, _ = shaken
    words = ["--linear", "--psf", "blind", "--psf-size", 13, "--json", "--force", "--diagnostics"]
    assert run("deblur", path, *words, "--figure", tmp_path / "judged.png") == 0
    record = json.loads(capsys.readouterr().out)
    assert record["iterations"] == 12
    assert record["rule"] == "evidence"
    assert record["residual_sigma"] > 0
    assert record["psf_looks"] in ("consistent", "too wide", "too narrow", "turned")
    assert run("deblur", path, *words[:-1], "--figure", tmp_path / "plain.png") == 0
    with Image.open(tmp_path / "judged.png") as judged, Image.open(tmp_path / "plain.png") as plain:
        assert judged.size[1] > plain.size[1] + 300


@pytest.mark.slow
def test_a_strength_that_is_given_holds_after_a_kernel_was_found(run, shaken, capsys):
    path, _ = shaken
    words = ["--linear", "--psf", "blind", "--psf-size", 13, "--json", "--no-figure", "--force"]
    assert run("deblur", path, *words, "--strength", 0.002) == 0
    record = json.loads(capsys.readouterr().out)
    assert (record["method"], record["parameter"], record["rule"]) == ("hyper_laplacian", 0.002, "given")
    assert run("deblur", path, *words, "--regularization", 1) == 2
    assert "regularization does not belong to method 'hyper_laplacian'" in capsys.readouterr().err


def test_a_picture_without_edges_is_refused(run, tmp_path, capsys):
    path = tmp_path / "flat.png"
    Image.fromarray(np.full((64, 64), 90, np.uint8)).save(path)
    assert run("deblur", path, "--psf", "blind") == 2
    told = capsys.readouterr().err
    assert "collapsed" in told
    assert "--psf auto" in told
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--psf", "gaussian", "--psf-size", "9"], "--psf-size does not belong to --psf gaussian"),
        (["--psf", "blind", "--psf-size", "8"], "--psf-size must be odd, got 8"),
        (["--psf", "blind", "--psf-size", "33"], "at most a third"),
        (["--psf", "blind", "--sigma", "2"], "--sigma does not belong to --psf blind"),
    ],
)
def test_options_that_do_not_fit(run, tmp_path, capsys, words, told):
    path = tmp_path / "photo.png"
    Image.fromarray(data.camera()[:80, :80]).save(path)
    assert run("deblur", path, *words) == 2
    assert told in capsys.readouterr().err


def test_the_kernel_is_kept_by_estimate(run, shaken, tmp_path, capsys):
    kept = tmp_path / "kernel.npy"
    assert run("estimate", shaken[0], "--psf", "blind", "--psf-size", 13, "-o", kept, "--json") == 0
    record = json.loads(capsys.readouterr().out)
    assert record["psf"] == {"family": "blind", "size": 13, "estimated": []}
    assert np.load(kept).sum() == pytest.approx(1)
    assert run("estimate", shaken[0], "--psf-size", 13) == 2
    assert "--psf-size does not belong to --psf auto" in capsys.readouterr().err
