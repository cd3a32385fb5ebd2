"""--psf-grid: a PSF that changes over the picture, from a file, to blur and to restore with."""

import json

import numpy as np
import pytest
from PIL import Image

import restore

PLACES = [(y, x) for y in (5, 90) for x in (5, 110)]


@pytest.fixture
def lens(tmp_path):
    path = tmp_path / "lens.npz"
    psfs = [restore.psf.gaussian(s, truncate=8 / s) for s in (0.7, 1.5, 1.5, 2.5)]
    np.savez(path, psfs=psfs, positions=PLACES)
    return path


def samples(path):
    return np.asarray(Image.open(path)).astype(float) / 255


def test_a_picture_is_blurred_and_restored(run, photo, lens, tmp_path, capsys):
    soft, restored = tmp_path / "soft.png", tmp_path / "restored.png"
    assert run("blur", photo, "--psf-grid", lens, "--noise", "0.002", "-o", soft, "--linear", "--no-figure") == 0
    grid = restore.psf.grid(*(np.load(lens)[name] for name in ("psfs", "positions")))
    expected = restore.blur(samples(photo), grid, channel_axis=-1)
    assert np.sqrt(np.mean((samples(soft) - expected) ** 2)) < 0.004
    capsys.readouterr()
    words = ("--psf-grid", lens, "-o", restored, "--linear", "--reference", photo, "--json")
    assert run("deblur", soft, *words) == 0
    out, err = capsys.readouterr()
    record = json.loads(out)
    assert record["method"] == "total_variation"
    assert record["psf"]["family"] == str(lens)
    assert record["psf"]["grid"] == {"count": 4, "places": [list(map(float, place)) for place in PLACES]}
    assert record["isnr"] > 2
    assert "lens.npz, 4 PSFs of 17 x 17 px" in err
    assert "4 PSFs at Y 5 to 90 and X 5 to 110" in err
    page = tmp_path / "page.html"
    assert run("deblur", soft, *words, "--quality", "fast", "--force", "--no-figure", "--report", page) == 0
    assert "The PSF changes over the picture" in page.read_text("utf-8")
    capsys.readouterr()
    for method in (("wiener",), ("richardson_lucy", "--iterations", "9")):
        assert run("deblur", soft, *words, "--method", *method, "--force", "--no-figure") == 0
        assert json.loads(capsys.readouterr().out)["isnr"] > 1.5


def test_a_result_is_older_than_its_grid(run, photo, lens, tmp_path, capsys):
    words = ("deblur", photo, "--psf-grid", lens, "--quality", "fast", "--no-figure", "-o", tmp_path / "o.png")
    assert run(*words) == run(*words, "--resume") == 0
    lens.touch()
    assert run(*words, "--resume") == 2


def test_sums_are_scaled(run, photo, tmp_path, capsys):
    np.savez(tmp_path / "counts.npz", psfs=np.full((4, 3, 3), 2.0), positions=PLACES)
    assert run("blur", photo, "--psf-grid", tmp_path / "counts.npz", "--no-figure") == 0
    assert "the PSFs' sums are scaled to 1" in capsys.readouterr().err


GRID = {"psfs": np.ones((2, 3, 3)), "positions": [(5, 5), (80, 90)]}


@pytest.mark.parametrize(
    ("arrays", "words", "expected"),
    [
        ({"psf": np.ones((2, 3, 3))}, (), "bad.npz: holds no array named psfs (write it with numpy.savez("),
        ({"psfs": np.ones((2, 3, 3))}, (), "holds no array named positions"),
        ({"psfs": np.ones((2, 3, 3)), "positions": [(5, 5)]}, (), "positions must have shape (2, 2), got (1, 2)"),
        ({"psfs": np.ones((3, 3)), "positions": [(5, 5)]}, (), "psfs must have shape (K, h, w)"),
        ({"psfs": 3.0, "positions": [(5, 5)]}, (), "psfs must have shape (K, h, w)"),
        ({"psfs": np.zeros((2, 3, 3)), "positions": [(5, 5), (9, 9)]}, (), "must have a positive sum"),
        ({"psfs": np.full((2, 3, 3), np.nan), "positions": [(5, 5), (9, 9)]}, (), "NaN"),
        ({"psfs": np.array(["a"]), "positions": [(5, 5)]}, (), "psfs must hold real numbers, got <U1"),
        ({"psfs": np.array([None]), "positions": [(5, 5)]}, (), "cannot be read as an .npz of numbers"),
        ({"psfs": np.ones((2, 3, 3)), "positions": [(0, 0), (1, 1)]}, (), "reach over nothing of the picture of 96"),
        ({"psfs": np.ones((2, 3, 3)), "positions": [(500, 0), (700, 0)]}, (), "reach over nothing of the picture"),
        ({"psfs": np.ones((2, 301, 3)), "positions": [(5, 5), (80, 90)]}, (), "larger than the picture"),
        ({"psfs": np.ones((2, 3, 3, 3)), "positions": [(0, 5, 5), (0, 80, 90)]}, (), "the PSF has 3 axes"),
        (GRID, ("--sigma", "2"), "--sigma is about one PSF, and --psf-grid has its own"),
        (GRID, ("--center",), "--center is about one PSF"),
        (GRID, ("--psf-from-edge", "1,1,20,20"), "--psf-from-edge is about one PSF"),
        (GRID, ("--method", "cls"), "method 'cls' takes one PSF for all"),
        (GRID, ("--psf-spread", "10%"), "--psf-spread must be 0 where the PSF changes"),
        (GRID, ("--card", "card.png"), "--card tries the neighbours of one PSF"),
        (GRID, ("--psf", "disk"), "not allowed with argument"),
    ],
)
def test_what_does_not_go_is_refused(arrays, words, expected, photo, tmp_path, refused):
    np.savez(tmp_path / "bad.npz", **arrays)
    refused("deblur", photo, "--psf-grid", "bad.npz", *words, expected=expected)


@pytest.mark.parametrize("content", [b"", b"no archive", b"PK\3\4 cut off"])
def test_what_is_no_archive_is_refused(content, photo, tmp_path, refused):
    (tmp_path / "bad.npz").write_bytes(content)
    refused("deblur", photo, "--psf-grid", "bad.npz", expected="bad.npz: cannot be read as an .npz of numbers")
    refused("blur", photo, "--psf-grid", "none.npz", expected="--psf-grid none.npz: there is no such file")
    np.save(tmp_path / "array.npy", np.ones((3, 3)))
    refused("blur", photo, "--psf-grid", "array.npy", expected="cannot be read as an .npz")
