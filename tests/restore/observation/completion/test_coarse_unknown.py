"""A coarse grid shows as known what is known all around."""

import numpy as np
import pytest

from restore.observation.completion import coarse_unknown
from restore.observation.completion.coarse_unknown import coarse_grid
from restore.observation.unknown import Unknown


@pytest.fixture(autouse=True)
def small(monkeypatch):
    monkeypatch.setattr(coarse_unknown, "LEAST_SIZE", 8)


def known(unknown, shape):
    values = np.ones(shape)
    return unknown.restrict(np.ones((*shape, 1)))[..., 0] == 0 if values.size else None


@pytest.mark.parametrize("masked", [False, True])
def test_what_is_known_there_is_known_all_around(masked):
    shape, frame = (120, 90), (slice(7, 111), slice(5, 88))
    mask = None
    if masked:
        mask = np.zeros((104, 83, 1))
        mask[40:47, 20:61] = 1
    unknown = Unknown(frame, True, mask)
    coarse = coarse_grid(shape, unknown)
    whole, seen = known(unknown, shape), known(coarse.unknown, coarse.shape)
    assert coarse.shape == (30, 24)
    assert 0.5 < seen.mean() <= whole.mean()
    steps = np.array(shape) / coarse.shape
    for place in np.argwhere(seen):
        low, high = np.floor(place * steps), np.ceil(place * steps)
        assert whole[tuple(slice(int(a), int(b) + 1) for a, b in zip(low, high, strict=True))].all()


def test_a_picture_that_is_short_along_one_axis_has_none():
    assert coarse_grid((120, 12), Unknown((slice(7, 111), slice(2, 10)), True)) is None
    assert coarse_grid((12, 120, 120), Unknown((slice(2, 10), slice(7, 111), slice(7, 111)), True)) is None


def test_many_small_holes_leave_nothing_to_see():
    mask = np.zeros((104, 83, 1))
    mask[::4, ::4] = 1
    assert coarse_grid((120, 90), Unknown((slice(7, 111), slice(5, 88)), True, mask)) is None


def test_of_circular_data_all_is_in_the_frame():
    mask = np.zeros((120, 90, 1))
    mask[50:60, 30:50] = 1
    coarse = coarse_grid((120, 90), Unknown((slice(0, 120), slice(0, 90)), False, mask))
    assert known(coarse.unknown, coarse.shape)[[0, -1]].all()
