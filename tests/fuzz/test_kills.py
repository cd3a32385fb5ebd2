"""Processes that are killed, disks that are full, and several writers at once: outputs are whole or as they were."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

import restore
import upsample
from tests.fuzz.campaign import run_cases
from tests.fuzz.corpus import build
from tests.fuzz.kills import LINES, FullDisks, Kills, Writers, begun, ended, is_whole

pytestmark = pytest.mark.fuzz

#: How many of each are tried, and by which seed: `python -m tests.fuzz --what kills` runs others and more.
KILLS, DISKS, SEED = 50, 30, 20


@pytest.mark.parametrize(("writers", "count"), [(Kills, KILLS), (FullDisks, DISKS)])
def test_outputs_are_whole_or_as_they_were(writers, count, tmp_path):
    build(tmp_path)
    outcomes = run_cases(writers(tmp_path), SEED, range(count))
    assert len(outcomes) == count
    assert [outcome for outcome in outcomes if outcome.is_fault] == []


@pytest.mark.parametrize("line", ["blur png", "deblur png", "estimate", "upsample png", "contrast"])
def test_several_writers_of_one_output(line, tmp_path):
    build(tmp_path)
    writers = Writers(tmp_path)
    for _ in range(3):
        children = [begun(LINES[line], tmp_path) for _ in range(4)]
        codes = [ended(child) for child in children]
        assert set(codes) <= {0, 2}
        assert 0 in codes
        assert writers.hidden() == []
        assert all(is_whole(path) for path in tmp_path.glob("out*"))


def test_threads_do_not_disturb_each_other():
    rng = np.random.default_rng(0)
    pictures = [rng.random((40, 44)) for _ in range(16)]
    psf, weight = restore.psf.disk(2), rng.random((1, 1, 4, 4))
    calls = (
        lambda picture: restore.deconvolve(picture, psf).image,
        lambda picture: restore.wiener(picture, psf),
        lambda picture: restore.richardson_lucy(picture, psf, iterations=5),
        lambda picture: upsample.conv_transpose(picture[None], weight, stride=2),
    )
    for call in calls:
        with ThreadPoolExecutor(8) as pool:
            at_once = list(pool.map(call, pictures))
        for picture, result in zip(pictures, at_once, strict=True):
            assert np.array_equal(result, call(picture))
