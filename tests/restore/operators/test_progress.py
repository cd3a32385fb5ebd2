"""The share of a work that is done grows and ends at 1, whatever its stages turn out to be; raising ends the work."""

import math

import numpy as np
import pytest

import restore
from restore.operators.progress import Stages, advance, beside, watched


def shares_of(work):
    shares = []
    with watched(shares.append):
        work()
    return shares


def test_stages_take_their_shares():
    def work():
        stages = Stages({"first": 1.0, "second": 3.0})
        with stages.stage("first"):
            advance(0.5)
        with stages.stage("second"):
            inner = Stages({"a": 1.0, "b": 2.0})
            with inner.stage("a"):
                pass
            with inner.stage("b"):
                advance(0.5)

    assert shares_of(work) == pytest.approx([0.125, 0.25, 0.5, 0.75, 1, 1, 1])


def test_what_is_left_out_and_what_nobody_foresaw():
    def work():
        stages = Stages({"a": 1.0, "b": 1.0, "c": 1.0, "d": 1.0})
        with stages.stage("a"):
            pass
        with stages.stage("c"):  # "b" leaves its time to the others
            pass
        with stages.stage("surprise", cost=1.0):
            pass
        with stages.stage("d"):
            pass

    assert shares_of(work) == pytest.approx([1 / 4, 5 / 8, 13 / 16, 1, 1])


def test_the_share_never_falls_and_nobody_need_watch():
    assert shares_of(lambda: [advance(share) for share in (0.5, 0.2, 0.7, 3.0)]) == [0.5, 0.5, 0.7, 1, 1]
    advance(0.5)
    with Stages({}).stage("alone"):
        pass


def test_a_callback_is_told_beside_whoever_watches():
    told = []
    assert shares_of(lambda: beside(told.append)(0.5)) == [0.5, 1]
    assert told == [0.5]
    assert shares_of(lambda: beside(None)(0.5)) == [0.5, 1]


def test_within_a_watched_work_another_is_watched_by_itself():
    inner = []

    def work():
        with watched(inner.append):
            advance(0.5)
        with watched(None):
            advance(0.25)

    assert shares_of(work) == [0.25, 1]
    assert inner == [0.5, 1]


H = restore.psf.disk(2)
#: Whatever is restored: linear and not, completed or periodic, with unknown, dead and wrong samples.
RUNS = {
    "wiener": {},
    "cls": {"boundary": "periodic"},
    "inverse": {},
    "aggregate": {"mask": np.arange(72 * 64).reshape(72, 64) % 97 == 0},
    "hyper_laplacian": {"channel_axis": -1},
    "richardson_lucy": {"iterations": 5},
}


@pytest.fixture(scope="module")
def observed():
    scene = np.zeros((72, 64))
    scene[20:44, 18:40] = 0.7
    return restore.degrade(scene + 0.1, H, noise_sigma=0.005, rng=0)


@pytest.mark.parametrize("method", RUNS)
def test_a_restoration_is_told_from_its_beginning_to_its_end(observed, method):
    settings = RUNS[method]
    image = observed if "channel_axis" not in settings else np.stack([observed, observed[:, ::-1], observed], axis=-1)
    shares, told = [], []
    with watched(shares.append):
        seen = restore.deconvolve(image, H, method=method, callback=told.append, **settings)
    assert shares == sorted(shares)
    assert shares[0] < 0.5
    assert shares[-1] == 1
    assert len(shares) > 4
    assert told == sorted(told)  # by iterative methods alone
    assert bool(told) == (method not in ("wiener", "cls", "inverse"))
    alone = restore.deconvolve(image, H, method=method, **settings)
    np.testing.assert_array_equal(seen.image, alone.image)


def test_samples_that_contradict_the_psf_take_their_share(observed):
    wrong = observed.copy()
    wrong[30, 30] = 5
    shares = shares_of(lambda: restore.deconvolve(wrong, H, method="wiener"))
    assert shares == sorted(shares)
    assert shares[-1] == 1
    assert len([share for share in shares if share < 1]) > 60  # the iterations of the robust estimate


@pytest.mark.parametrize("heard", [1, 3, 12])
def test_whoever_watches_may_end_it(observed, heard):
    count = 0

    def end(_):
        nonlocal count
        count += 1
        if count == heard:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt), watched(end):
        restore.deconvolve(observed, H, method="wiener")
    assert count == heard
    assert shares_of(lambda: advance(0.5)) == [0.5, 1]  # nothing is left of it


def test_other_long_works_are_told_too(observed):
    for work in (
        lambda: restore.estimate_psf(np.tile(observed, (2, 2))),
        lambda: restore.psf_sensitivity(observed, [H, restore.psf.disk(3)], method="wiener"),
        lambda: restore.map_tiles(observed, H, tile=40, method="wiener", nsr=0.01, boundary="periodic"),
    ):
        shares = shares_of(work)
        assert shares == sorted(shares)
        assert math.isclose(shares[-1], 1)
        assert len({share for share in shares if share < 0.9}) > 2
