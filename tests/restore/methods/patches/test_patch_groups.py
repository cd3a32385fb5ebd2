"""Groups of similar patches: found as a search one by one finds them, put back without a trace, strip by strip."""

import numpy as np
import pytest

from restore.methods.patches import patch_groups as _patch_groups
from restore.methods.patches.group_shrinkage import low_rank
from restore.methods.patches.patch_groups import Layout, PatchGroups

LAYOUTS = {
    "overlapping": Layout(4, 2, 6, 3),
    "three to a patch": Layout(6, 2, 5, 4),
    "tiling": Layout(3, 3, 4, 5),
    "by means": Layout(6, 6, 5, 4, cell=2),
    "by few means": Layout(6, 6, 5, 4, cell=3),
}


def untouched(groups):
    return np.ones(len(groups), groups.dtype)


def searched(picture, reference, layout):
    """Distances to all patches within reach, one by one, and the patches."""
    padded = np.pad(picture, 40, mode="wrap")

    def patch(row, column):
        return padded[40 + row : 40 + row + layout.size, 40 + column : 40 + column + layout.size]

    def means(values):
        cells = values.shape[0] // layout.cell, layout.cell, values.shape[1] // layout.cell, layout.cell
        return values.reshape(cells).mean(axis=(1, 3))

    row, column = reference
    around = range(-layout.reach, layout.reach + 1)
    found = [patch(row + dy, column + dx) for dy in around for dx in around]
    return np.array([np.sum(means(p - patch(row, column)) ** 2) for p in found]), np.array([p.ravel() for p in found])


@pytest.mark.parametrize("layout", LAYOUTS.values(), ids=LAYOUTS)
@pytest.mark.parametrize("shape", [(24, 24), (23, 20)], ids=["whole cells", "broken cells"])
@pytest.mark.parametrize("corner", [(0, 0), (1, 2)], ids=["at the origin", "moved"])
def test_groups_are_those_of_a_search_one_by_one(layout, shape, corner):
    picture = np.random.default_rng(0).random(shape)
    seen = []

    def collect(groups):
        seen.append(groups.copy())
        return untouched(groups)

    PatchGroups(picture, layout, corner).filtered(picture, collect)
    groups = np.concatenate(seen)
    rows, columns = (range(c, c + n, layout.step) for c, n in zip(corner, shape, strict=True))
    references = [(row, column) for row in rows for column in columns]
    assert len(groups) == len(references)
    for group, reference in zip(groups, references, strict=True):
        unlike, patches = searched(picture, reference, layout)
        nearest = np.argsort(unlike)[: layout.count]
        np.testing.assert_array_equal(sorted(map(tuple, group)), sorted(map(tuple, patches[nearest])))


@pytest.mark.parametrize("layout", LAYOUTS.values(), ids=LAYOUTS)
@pytest.mark.parametrize("shape", [(30, 27), (7, 50), (6, 6)], ids=["large", "narrow", "tiny"])
def test_untouched_patches_give_the_picture_back(layout, shape):
    picture = np.random.default_rng(1).random(shape)
    other = np.random.default_rng(2).random(shape)
    for corner in ((0, 0), (2, 1)):
        np.testing.assert_allclose(PatchGroups(picture, layout, corner).filtered(other, untouched), other, rtol=1e-12)


def test_the_size_of_strips_tiles_and_batches_does_not_matter(monkeypatch):
    picture = np.random.default_rng(3).random((50, 44))
    layout = Layout(6, 3, 8, 5)
    whole = PatchGroups(picture, layout).filtered(picture, low_rank(0.2))
    monkeypatch.setattr(_patch_groups, "STRIP_SAMPLES", 1)
    monkeypatch.setattr(_patch_groups, "TILE", 7)
    monkeypatch.setattr(_patch_groups, "BATCH_SAMPLES", 3000)
    np.testing.assert_allclose(PatchGroups(picture, layout).filtered(picture, low_rank(0.2)), whole, rtol=1e-12)


def test_a_periodic_picture_may_be_moved():
    shrinkage = low_rank(0.2)
    picture, layout = np.random.default_rng(4).random((30, 36)), Layout(6, 3, 8, 5)
    moved = np.roll(picture, (9, -12), (0, 1))  # by whole steps: the references move along
    expected = np.roll(PatchGroups(picture, layout).filtered(picture, shrinkage), (9, -12), (0, 1))
    np.testing.assert_allclose(PatchGroups(moved, layout).filtered(moved, shrinkage), expected, rtol=1e-10)


def test_memory_does_not_grow_with_the_number_of_groups():
    import tracemalloc

    layout, peaks = Layout(6, 3, 32, 12), []
    for rows in (96, 768):
        picture = np.random.default_rng(5).random((rows, 512), np.float32)
        tracemalloc.start()
        PatchGroups(picture, layout).filtered(picture, untouched)
        peaks.append(tracemalloc.get_traced_memory()[1] - 24 * picture.nbytes)
        tracemalloc.stop()
    assert peaks[1] < 1.2 * peaks[0]
