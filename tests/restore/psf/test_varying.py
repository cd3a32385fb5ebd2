"""A grid of PSFs: what lies between the places, and what is refused."""

import numpy as np
import pytest

import restore
from restore.psf.at_places import grid


def test_psfs_that_change_linearly_are_met_exactly():
    one, other = restore.psf.box(7), restore.psf.gaussian(0.7)
    assert one.shape == other.shape

    def true(y, x):
        share = 0.2 + 0.01 * y + 0.005 * x
        return share * one + (1 - share) * other

    places = [(y, x) for y in (0, 30, 50) for x in (0, 20, 60)]
    varying = grid([true(*place) for place in places], places)
    for place in ((0, 0), (7.5, 33), (50, 60), (29, 1)):
        np.testing.assert_allclose(varying.at(place), true(*place), atol=1e-15)
    np.testing.assert_allclose(varying.at((-9, 80)), true(0, 60), atol=1e-15)  # beyond, the nearest
    scattered = [(0, 0), (0, 60), (50, 0), (50, 60), (20, 30), (31, 7), (44, 51), (8, 45), (12, 11)]
    measured = grid([true(*place) for place in scattered], scattered)
    assert [len(knots) for knots in measured.knots] == [3, 3]
    for place in ((0, 0), (25, 30), (40, 12)):
        np.testing.assert_allclose(measured.at(place), true(*place), atol=1e-12)


def test_places_on_a_slanted_line_take_the_nearest():
    psfs = [restore.psf.gaussian(s, truncate=3 / s) for s in (1, 1.5, 2)]
    varying = grid(psfs, [(0, 0), (10, 10), (20, 20)])
    np.testing.assert_array_equal(varying.at((0, 0)), psfs[0])
    np.testing.assert_array_equal(varying.at((20, 20)), psfs[2])


def test_what_a_spectrum_is_blurred_by():
    motion = np.pad(restore.psf.motion(5, 20), 2)
    same = grid([motion] * 4, [(0, 0), (0, 9), (9, 0), (9, 9)])
    np.testing.assert_allclose(same.effective, motion, atol=1e-15)
    np.testing.assert_allclose(same.mean, motion, atol=1e-15)
    sharp = np.zeros((15, 15))
    sharp[7, 7] = 1
    wide = restore.psf.gaussian(2, truncate=3.5)
    assert wide.shape == sharp.shape
    varying = grid([sharp, wide], [(0, 0), (0, 9)])
    power = np.abs(restore.psf_to_otf(varying.effective, (31, 31))) ** 2
    expected = (1 + np.abs(restore.psf_to_otf(wide, (31, 31))) ** 2) / 2
    np.testing.assert_allclose(power, expected, atol=0.02)
    assert varying.effective.sum() == pytest.approx(1)


@pytest.mark.parametrize(
    ("psfs", "positions", "message"),
    [
        (np.ones((3, 3)) / 9, [(0, 0)], r"psfs must have shape \(K, h, w\)"),
        (np.ones((0, 3, 3)), np.ones((0, 2)), r"psfs must have shape"),
        (np.ones((2, 3, 3)) / 9, [(0, 0)], r"positions must have shape \(2, 2\), got \(1, 2\)"),
        (np.ones((1, 3, 3, 3)) / 27, [(0, 0)], r"positions must have shape \(1, 3\)"),
        (np.ones((2, 3, 3)) / 9, [(0, 0), (0, 0)], "positions must differ"),
        (np.ones((2, 3, 3)) / 9, [(0, 0), (0, np.nan)], "positions must be finite"),
        ([np.ones((3, 3)) / 9, np.ones((3, 3))], [(0, 0), (0, 1)], r"psfs\[1\]: psf must sum to 1, got 9"),
    ],
)
def test_what_is_no_grid_is_refused(psfs, positions, message):
    with pytest.raises(ValueError, match=message):
        grid(psfs, positions)


def test_who_takes_one_psf_says_so():
    varying = grid([restore.psf.disk(1)] * 2, [(0, 0), (0, 9)])
    for door in (restore.wiener, restore.map_tiles, restore.aggregate, restore.richardson_lucy):
        with pytest.raises(TypeError, match=r"psf must be one array here, got a grid of PSFs: restore\.deconvolve"):
            door(np.ones((12, 12)), varying)
