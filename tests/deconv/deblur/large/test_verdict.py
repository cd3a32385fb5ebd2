"""The report of tiles says what that of the whole says: shared noise, and what speaks against the result."""

import json

import numpy as np
import pytest
import tifffile
from skimage import data

import restore

WORDS = ("--psf", "gaussian", "--sigma", "1.2", "--method", "wiener", "--nsr", "0.02", "--no-figure", "--json")


@pytest.fixture
def banded(tmp_path, light):
    path, rows = tmp_path / "banded.tif", np.random.default_rng(1).normal(0, 0.012, (304, 1))
    tifffile.imwrite(path, (light[0] + rows).astype(np.float32), tile=(64, 64))
    return path


@pytest.fixture
def said(cut, tmp_path, capsys):
    """Restore a picture and return what is said of it: for machines, and for people."""

    def run(path, *words, name="out.tif"):
        assert cut(path, *WORDS, *words, "-o", tmp_path / name, "--force") == 0
        out, err = capsys.readouterr()
        return json.loads(out.splitlines()[-1]), err

    return run


def test_shared_noise_is_taken_off_and_said_in_the_same_words(said, banded):
    tiled, in_tiles = said(banded, "--memory", "2M")
    whole, at_once = said(banded)
    assert tiled["tiles"]["count"] > 1
    assert "tiles" not in whole
    assert tiled["banding"] == pytest.approx(whole["banding"], rel=0.05)
    assert whole["banding"] > 1
    line = next(line for line in at_once.splitlines() if line.startswith("  banding"))
    assert line in in_tiles.splitlines()


def test_what_is_kept_is_announced_as_of_the_whole(said, banded):
    tiled, _ = said(banded, "--memory", "2M", "--banding", "keep")
    whole, _ = said(banded, "--banding", "keep")
    assert tiled["banding"] == whole["banding"] == 0
    assert any("rows or columns share noise" in warning for warning in tiled["warnings"])
    assert set(tiled["warnings"]) == set(whole["warnings"])


def test_a_wrong_psf_is_doubted_and_the_right_one_is_not(said, light, tmp_path):
    large = tmp_path / "large.tif"
    picture = restore.degrade(data.camera()[100:404, 60:388] / 255.0, light[1], noise_sigma=0.004, rng=0)
    tifffile.imwrite(large, picture.astype(np.float32), tile=(64, 64))
    right, _ = said(large, "--memory", "2M")
    assert right["warnings"] == []
    assert right["psf_looks"] == "consistent"
    wrong = ("--sigma", "3")
    tiled, err = said(large, *wrong, "--memory", "4M")
    whole, _ = said(large, *wrong)
    assert tiled["tiles"]["count"] > 1
    assert [w.split("%")[-1] for w in tiled["warnings"]] == [w.split("%")[-1] for w in whole["warnings"]] != []
    assert tiled["psf_looks"] == whole["psf_looks"]
    assert tiled["undershoot"] == pytest.approx(whole["undershoot"], abs=0.01)
    assert "  warning   " in err


def test_a_run_that_is_gone_on_with_says_the_same(said, cut, banded, tmp_path, monkeypatch, capsys):
    from deconv.deblur.large.tile_work import TileWork

    done = TileWork.done

    def ended(self, place):
        if place[1] == (1, 1):
            raise KeyboardInterrupt
        return done(self, place)

    one, _ = said(banded, "--memory", "2M", name="one.tif")
    with monkeypatch.context() as patch:
        patch.setattr(TileWork, "done", ended)
        assert cut(banded, *WORDS, "--memory", "2M", "-o", tmp_path / "two.tif") == 130
    words = ("--memory", "2M", "--resume", "-o", tmp_path / "two.tif")
    assert cut(banded, *WORDS, *words, "--banding", "keep") == 2
    assert "the settings are others" in capsys.readouterr().err
    assert cut(banded, *WORDS, *words) == 0
    two = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert two["tiles"]["resumed"] > 0
    for key in ("banding", "warnings", "undershoot", "residual_sigma", "psf_looks"):
        assert one[key] == two[key]
    assert (tmp_path / "one.tif").read_bytes() == (tmp_path / "two.tif").read_bytes()


def test_workers_see_the_same_numbers(cut, said, banded, tmp_path, capsys):
    distributed = pytest.importorskip("distributed")
    pytest.importorskip("zarr")
    one, _ = said(banded, "--memory", "2M", name="one.zarr")
    quick = {"processes": False, "n_workers": 1, "threads_per_worker": 2, "dashboard_address": None}
    with distributed.LocalCluster(**quick, memory_limit=0) as cluster:
        two, _ = said(banded, "--memory", "2M", "--scheduler", cluster.scheduler_address, name="two.zarr")
    assert (one["banding"], one["warnings"]) == (two["banding"], two["warnings"])
    files = [
        {p.relative_to(s): p.read_bytes() for p in s.rglob("*") if p.is_file()}
        for s in (tmp_path / "one.zarr", tmp_path / "two.zarr")
    ]
    assert files[0] == files[1]
    expected = restore.map_tiles(
        tifffile.imread(banded), restore.psf.gaussian(1.2), method="wiener", nsr=0.02, tile=10_000
    )
    import zarr

    assert np.abs(zarr.open_array(str(tmp_path / "one.zarr" / "0"), mode="r")[:] - expected).max() < 1e-4
