"""Samples that contradict the PSF, of a large picture: as in the whole, wherever tiles end, and nothing else."""

from types import SimpleNamespace

import numpy as np
import pytest

import restore
from restore.tiles import preparation
from restore.tiles.cells import contradictions, division
from restore.tiles.kinds import picture_of

PSFS = {
    "gaussian": restore.psf.gaussian(1.2),
    "asymmetric": np.array([[0.1, 0.2, 0.0], [0.3, 0.3, 0.1]]),
    "even": np.full((2, 4), 1 / 8),
}


@pytest.fixture(autouse=True)
def small_cells(monkeypatch):
    monkeypatch.setattr(division, "CELL", 64)
    monkeypatch.setattr(division, "AROUND", 24)


@pytest.fixture(scope="module")
def scene():
    sharp = np.kron(np.random.default_rng(5).random((15, 13)), np.ones((8, 8)))
    psf = PSFS["gaussian"]
    return SimpleNamespace(sharp=sharp, psf=psf, observed=restore.degrade(sharp, psf, noise_sigma=0.01, rng=0))


def error(restored, scene):
    return float(np.std((restored - scene.sharp)[8:-8, 8:-8]))


@pytest.fixture(scope="module")
def speckled(scene):
    """The picture with one percent of impulses, and where these are."""
    rng = np.random.default_rng(1)
    wrong = rng.random(scene.observed.shape) < 0.01
    return np.where(wrong, rng.integers(0, 2, wrong.shape), scene.observed), wrong


@pytest.mark.parametrize("method", ["wiener", pytest.param("auto", marks=pytest.mark.slow)])
def test_impulses_cost_no_more_than_in_the_whole(scene, speckled, method):
    tiled = restore.map_tiles(speckled[0], scene.psf, method=method, tile=60)
    whole = restore.deconvolve(speckled[0], scene.psf, method=method).image
    clean = restore.map_tiles(scene.observed, scene.psf, method=method, tile=60)
    kept = restore.map_tiles(speckled[0], scene.psf, method=method, tile=60, outliers="keep")
    assert error(tiled, scene) < 1.04 * error(whole, scene)
    assert error(tiled, scene) < 1.08 * error(clean, scene) < error(kept, scene)


BOUNDARIES = {"gaussian": "unknown", "asymmetric": "reflect", "even": "periodic"}


@pytest.mark.parametrize(("name", "boundary"), BOUNDARIES.items())
def test_wherever_tiles_end_the_result_is_the_same(scene, speckled, name, boundary):
    psf = PSFS[name]
    observed = restore.degrade(scene.sharp, psf, noise_sigma=0.01, rng=0)
    image = np.where(speckled[1], speckled[0], observed)
    words = {"method": "wiener", "boundary": boundary}
    cut, one = (restore.map_tiles(image, psf, tile=n, **words) for n in (72, 1000))
    assert np.abs(cut - one).max() < 1e-4
    assert np.abs(one - restore.map_tiles(image, psf, tile=1000, outliers="keep", **words)).max() > 0.1


@pytest.mark.parametrize("boundary", ["unknown", "periodic", "reflect"])
def test_a_clean_picture_stays_bit_by_bit(scene, boundary, monkeypatch):
    monkeypatch.setattr(contradictions, "resolved", lambda *_, **__: pytest.fail("looked at closely"))
    words = {"method": "wiener", "boundary": boundary, "tile": 64}
    looked, kept = (restore.map_tiles(scene.observed, scene.psf, outliers=o, **words) for o in ("auto", "keep"))
    assert np.array_equal(looked, kept)


def test_a_lone_sample_is_told_and_no_other(scene):
    image = scene.observed.astype(np.float32)
    image[60, 70] += 0.5
    common = preparation.prepared(picture_of(image, None), scene.psf, {"method": "wiener"}, memory=1e9, tile=50)
    tiles = common.tiles_of(picture_of(image, None))
    wrong = np.zeros(image.shape, bool)
    for index in common.plan.indices():
        part = tiles.solved(index)
        if part.wrong is not None:
            wrong[tuple(slice(*span) for span in common.plan.core(index))] = part.wrong[..., 0]
    assert wrong[60, 70]
    assert wrong.sum() < 4


def test_channels_and_stacks(scene, speckled):
    colour = np.stack([scene.observed, speckled[0]])
    tiled, kept = (
        restore.map_tiles(colour, scene.psf, method="wiener", tile=60, channel_axis=0, outliers=o)
        for o in ("auto", "keep")
    )
    assert error(tiled[1], scene) < 1.1 * error(tiled[0], scene) < error(kept[1], scene)
    sharp = np.kron(np.random.default_rng(0).random((4, 5, 5)), np.ones((4, 5, 5)))
    line = np.array([0.25, 0.5, 0.25])
    psf = line[:, None, None] * line[:, None] * line
    volume = restore.degrade(sharp, psf, noise_sigma=0.01, rng=0)
    volume[np.random.default_rng(1).random(volume.shape) < 0.01] = 2
    words = {"method": "richardson_lucy", "iterations": 5, "acceleration": False, "tile": 13, "boundary": "reflect"}
    tiled, kept = (restore.map_tiles(volume, psf, outliers=o, **words) for o in ("auto", "keep"))
    assert np.std(tiled - sharp) < 0.85 * np.std(kept - sharp)


def test_beside_masked_samples_and_areas_without_a_picture(scene, speckled):
    image, wrong = speckled
    image, mask, dead = image.copy(), np.zeros(wrong.shape, bool), np.zeros(wrong.shape, bool)
    mask[64:67, 20:90], dead[90:, 60:] = True, True
    image[mask], image[dead] = np.nan, 0
    words = {"mask": mask, "method": "wiener", "boundary": "reflect"}
    tiled, one = (restore.map_tiles(image, scene.psf, tile=n, **words) for n in (70, 1000))
    clean = np.where(mask | dead, image, scene.observed)
    usual = restore.map_tiles(clean, scene.psf, tile=70, **words)
    assert np.abs(tiled - one).max() < 1e-4
    assert np.array_equal(tiled[dead], image[dead])
    far = np.s_[8:56, 8:-8]
    assert np.std((tiled - scene.sharp)[far]) < 1.1 * np.std((usual - scene.sharp)[far])


def test_a_word_that_is_none_is_refused(scene):
    with pytest.raises(ValueError, match="outliers must be"):
        restore.map_tiles(scene.observed, scene.psf, tile=50, outliers="mask")


def test_windows_are_looked_at_again_without_what_hides_the_noise(scene, monkeypatch):
    observed = restore.degrade(scene.sharp, scene.psf, noise_sigma=0.002, rng=0)
    image = observed.copy()
    image[:, 30] = image[:, 80] = 0
    clean, seen_through = (restore.map_tiles(g, scene.psf, method="wiener", tile=50) for g in (observed, image))
    monkeypatch.setattr(preparation, "LOOKS", 0)
    at_first = restore.map_tiles(image, scene.psf, method="wiener", tile=50)
    assert error(seen_through, scene) < 1.01 * error(clean, scene) < error(at_first, scene)


def test_stars_are_no_wrong_samples():
    stars = np.zeros((130, 126))
    stars[20:120:40, 20:120:40] = np.geomspace(2000, 300000, 9).reshape(3, 3)
    psf = restore.psf.moffat(3.2, beta=3, reach=4)
    counts = np.random.default_rng(1).poisson(restore.degrade(stars, psf, boundary="periodic") + 200.0) - 200.0
    own = {"method": "richardson_lucy", "iterations": 3, "acceleration": False, "tile": 130}
    kept, looked = (restore.map_tiles(counts, psf, outliers=word, **own) for word in ("keep", "auto"))
    np.testing.assert_array_equal(looked, kept)
