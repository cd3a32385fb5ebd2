"""Places of a picture that hold something, and what is looked at there alone, against looking everywhere."""

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from scipy import ndimage

from restore.observation import dead_areas as module
from restore.observation.places import places_of


def scattered(shape, count, seed):
    where, rng = np.zeros(shape, bool), np.random.default_rng(seed)
    for _ in range(count):
        corner = [int(rng.integers(n)) for n in shape]
        where[tuple(slice(c, c + int(rng.integers(1, 9))) for c in corner)] = True
    return where


@pytest.mark.parametrize("shape", [(300, 411), (64, 700), (40, 60, 50)])
@pytest.mark.parametrize("count", [0, 1, 4, 30])
def test_places_hold_all_with_a_margin_and_never_meet(shape, count):
    margin, where = 5, scattered(shape, count, seed=count)
    times = np.zeros(shape, int)
    for place in places_of(where, margin):
        times[place] += 1
    assert times.max(initial=0) <= 1
    around = ndimage.maximum_filter(where, 2 * margin + 1)
    assert times[around].all()


def test_few_places_are_a_small_part():
    where = np.zeros((2000, 2000), bool)
    where[100, 200] = where[1900, 1500] = True
    boxes = places_of(where, 8)
    assert len(boxes) == 2
    assert sum(np.prod([side.stop - side.start for side in box]) for box in boxes) < 0.01 * where.size


@pytest.mark.parametrize("shape", [(259, 301, 3), (130, 97, 1), (31, 6, 1)])
def test_even_squares_are_found_tile_by_tile_as_everywhere(shape):
    rng = np.random.default_rng(0)
    picture = rng.random(shape, np.float32)
    for _ in range(25):  # also at the rim and across tiles
        y, x = (int(rng.integers(-10, n)) for n in shape[:2])
        picture[max(y, 0) : max(y, 0) + int(rng.integers(3, 40)), max(x, 0) : max(x, 0) + int(rng.integers(3, 40))] = (
            0.5
        )
    picture += 1e-3 * rng.random(shape, np.float32)
    size, margin = (5, 5, 1), 0.5e-3
    for limit in (margin, 2 * margin):
        ranges = ndimage.maximum_filter(picture, size, mode="nearest") - ndimage.minimum_filter(
            picture, size, mode="nearest"
        )
        quiet = (ranges <= limit).all(axis=-1)
        everywhere = module.large_parts(ndimage.binary_dilation(quiet, np.ones((5, 5), bool)))
        by_tiles = module._nearly_equal(picture, None, limit)
        if everywhere is None or by_tiles is None:  # none of the coarse squares was even
            assert by_tiles is None
        else:
            assert_array_equal(by_tiles, everywhere)
    assert everywhere is not None or min(shape[:2]) < 10
