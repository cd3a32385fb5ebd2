"""Noise that rows or columns share is taken off tiles as it is taken off the whole, by numbers that all of them see."""

import itertools

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

import restore
from restore.methods.evened import shared_noise
from restore.noise.banding import Lines, banding, banding_of
from restore.observation.observation import observe
from restore.tiles.cells import evened
from restore.tiles.kinds import picture_of
from restore.tiles.preparation import prepared

PSF = restore.psf.disk(3)
NOISE = 0.006
TILES = {"method": "wiener", "nsr": 0.02, "tile": 120}


@pytest.fixture(scope="module")
def blurred(pictures):
    return restore.degrade(pictures["moon"][97:303, 57:303], PSF, noise_sigma=NOISE, rng=0, boundary="valid")


@pytest.fixture(scope="module")
def rows(blurred):
    return np.random.default_rng(1).normal(0, 1.5 * NOISE, (blurred.shape[0], 1))


@pytest.fixture
def small_pieces(monkeypatch):
    monkeypatch.setattr(evened, "PIECE", (60, 90))


def found(image, **settings):
    return prepared(
        picture_of(image, None, settings.get("mask")), PSF, {"method": "wiener", **settings}, memory=1e9, tile=120
    )


def test_sums_of_parts_are_those_of_the_whole(blurred, rows):
    """Whatever the parts, and with samples hidden: the same strength and the same numbers."""
    whole = np.stack([blurred + rows, blurred[::-1]], axis=-1)
    hidden = np.zeros(whole.shape, bool)
    hidden[:50, 30:180] = True
    lines = [Lines.of(axis, whole.shape[:2], 2, whole.dtype) for axis in (0, 1)]
    for down, across in itertools.product([(0, 70), (70, 200)], [(0, 100), (100, 240)]):
        here = slice(*down), slice(*across)
        for these in lines:
            these.add((down[0], across[0]), whole[here], hidden[here])
    together, alone = banding_of(lines, PSF), banding(whole, PSF, hidden)
    assert [shared.axis for shared in together] == [shared.axis for shared in alone] != []
    for one, other in zip(together, alone, strict=True):
        assert one.strength == pytest.approx(other.strength, rel=1e-9)
        assert_allclose(one.offsets, other.offsets, atol=1e-12)


@pytest.mark.parametrize("axis", [0, 1])
def test_what_is_taken_off_is_what_the_whole_takes_off(blurred, axis, small_pieces):
    shared = np.random.default_rng(1).normal(0, 1.5 * NOISE, blurred.shape[axis])
    banded = blurred + np.expand_dims(shared, 1 - axis)
    noise = found(banded).shared
    expected, _ = shared_noise(observe(banded, PSF, "unknown", completed=False))
    assert [taken.axis for taken in noise.taken] == [axis]
    assert noise.strength == pytest.approx(expected[axis].strength, rel=1e-6)
    assert_allclose(noise.taken[0].offsets, expected[axis].offsets, atol=1e-9)


def test_tiles_of_a_banded_picture_are_nearly_those_of_one_without(blurred, rows):
    cut = restore.map_tiles(blurred + rows, PSF, **TILES)
    kept = restore.map_tiles(blurred + rows, PSF, banding="keep", **TILES)
    clean = restore.map_tiles(blurred, PSF, **TILES)
    whole = restore.deconvolve(blurred + rows, PSF, method="wiener", nsr=0.02).image
    inside = np.s_[40:-40, 40:-40]
    assert np.abs(cut - whole)[inside].max() < 0.02
    assert np.std((cut - clean)[inside]) < 0.4 * np.std((kept - clean)[inside])


def test_a_picture_without_is_read_as_it_is_and_keep_keeps(blurred, rows):
    assert found(blurred).shared.taken == ()
    kept = found(blurred + rows, banding="keep").shared
    assert kept.taken == ()
    assert kept.left == pytest.approx(1.5, rel=0.3)
    assert_array_equal(
        restore.map_tiles(blurred, PSF, **TILES), restore.map_tiles(blurred, PSF, banding="keep", **TILES)
    )


def test_tiles_of_any_edge_see_the_same_numbers(blurred, rows, small_pieces):
    cut, one = (restore.map_tiles(blurred + rows, PSF, **{**TILES, "tile": tile}) for tile in (90, 1000))
    assert np.abs(cut - one).max() < 1e-4


def test_what_holds_no_picture_and_dead_columns_stay_as_they_are(blurred, rows, small_pieces):
    torn = blurred + rows
    torn[:40] = 0
    torn[:, [37, 111]] = 0
    common = found(torn)
    read = common.tiles_of(picture_of(torn, None))._as_is(((0, 200), (0, 240)))
    assert common.shared.strength == pytest.approx(1.5, rel=0.3)
    assert_array_equal(read[:30, 60:100], 0)
    cut = restore.map_tiles(torn, PSF, **TILES)
    assert_array_equal(cut[:36, 45:105], 0)
    assert np.abs(cut[60:-20, 50:100] - restore.map_tiles(blurred, PSF, **TILES)[60:-20, 50:100]).std() < 0.02


def test_unknown_samples_have_no_say(blurred, rows, small_pieces):
    mask = np.zeros(blurred.shape, bool)
    mask[:70, :100] = mask[120:130, 100:200] = True  # a whole piece with what is around it, and more
    torn = np.where(mask, np.nan, blurred + rows)
    noise = found(torn, mask=mask).shared
    assert noise.strength == pytest.approx(1.5, rel=0.4)
    assert np.isfinite(noise.taken[0].offsets).all()


def test_a_dask_array_is_looked_at_where_the_data_decide(blurred, rows):
    da = pytest.importorskip("dask.array")
    banded = blurred + rows
    words = {"method": "wiener", "outliers": "keep", "tile": 200}
    lazy = restore.map_tiles(da.from_array(banded, chunks=(70, 90)), PSF, **words).compute(scheduler="synchronous")
    assert_allclose(lazy, restore.map_tiles(banded, PSF, **words), atol=1e-9)
    kept = restore.map_tiles(da.from_array(banded), PSF, **TILES)  # with a strength that is given it is not looked at
    assert np.abs(kept.compute(scheduler="synchronous") - restore.map_tiles(banded, PSF, **TILES)).max() > NOISE


def test_stacks_and_words(blurred):
    volume = np.random.default_rng(0).random((6, 20, 20))
    common = prepared(picture_of(volume, None), np.ones((3, 3, 3)) / 27, {"method": "wiener", "nsr": 1}, memory=1e9)
    assert common.shared.taken == ()
    with pytest.raises(ValueError, match="banding"):
        restore.map_tiles(blurred, PSF, banding="off", **TILES)
