"""The planner alone: whatever is asked for, the cores share the picture out and the blocks hold what they need."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from restore.tiles.border import ring
from restore.tiles.plan import cost, grown, overlap, plan_tiles, slices

AXES = st.lists(st.tuples(st.integers(1, 40), st.integers(0, 9), st.integers(0, 6)), min_size=1, max_size=3)


@given(AXES, st.floats(0.05, 1))
@settings(max_examples=40, deadline=None)
def test_cores_share_out_the_picture_and_blocks_fit(axes, share):
    shape, halo, gap = zip(*axes, strict=True)
    least, most = (
        cost([n + 2 * h for n, h in zip(size, halo, strict=True)], 4.0, gap) for size in ([1] * len(axes), shape)
    )
    memory = least + share * (most - least)
    plan = plan_tiles(shape, halo, memory, 4.0, gap)
    covered = np.zeros(shape, int)
    for index in plan.indices():
        core, block = plan.core(index), plan.block(index)
        covered[slices(core)] += 1
        around = grown(core, halo)
        assert overlap(around, block) == around  # the halo is there on every side
        assert tuple(end - start for start, end in block) == plan.block_shape
        within = grown(tuple((0, n) for n in shape), halo)
        assert overlap(block, within) == block
    assert (covered == 1).all()
    assert cost(plan.block_shape, 4.0, gap) <= memory
    assert [sum(lengths) for lengths in plan.chunks] == list(shape)
    assert [len(lengths) for lengths in plan.chunks] == list(plan.counts)


@given(AXES)
@settings(max_examples=30, deadline=None)
def test_the_ring_is_what_the_halo_adds(axes):
    shape, halo, _ = zip(*axes, strict=True)
    around = np.zeros([n + 2 * h for n, h in zip(shape, halo, strict=True)], int)
    origin = tuple((-h, n) for n, h in zip(shape, halo, strict=True))
    for box in ring(shape, halo):
        around[slices(box, origin)] += 1
    inside = tuple((0, n) for n in shape)
    assert (around[slices(inside, origin)] == 0).all()
    around[slices(inside, origin)] = 1
    assert (around == 1).all()


def test_too_little_memory_is_refused_with_what_is_needed():
    with pytest.raises(ValueError, match=r"memory must hold one sample and the \(32, 32\) around it.* got 1000 bytes"):
        plan_tiles((4000, 4000), (32, 32), 1000.0, 32.0)


def test_a_thin_stack_is_cut_across():
    assert plan_tiles((20, 2000, 2000), (8, 8, 8), 1e8, 32.0).counts[0] == 1
