"""What a spectrum shows of a picture of which a part was completed."""

import numpy as np
import pytest

import restore
from restore.observation.masks import out_of_reach
from restore.spectrum.observed_spectrum import circular, through_window


@pytest.mark.parametrize("seen", [through_window, circular])
def test_a_part_without_detail_does_not_thin_the_power_of_the_others(seen):
    rng = np.random.default_rng(0)
    picture = rng.standard_normal((300, 280, 2))
    completed = np.zeros((300, 280, 1))
    completed[:, :110] = completed[::7, 200] = 1
    empty = np.zeros_like(completed)
    empty[:, :100] = 1
    whole, part = seen(picture, 2), seen(picture * (1 - empty), 2, completed, empty)
    assert part.power.mean() == pytest.approx(whole.power.mean(), rel=0.03)
    assert 0.85 < part.noisy < 1
    assert whole.noisy == 1


def test_only_what_no_known_sample_shows_is_out_of_reach():
    psf, mask = restore.psf.disk(3), np.zeros((60, 70, 3))
    mask[20:24, :] = mask[5, 5] = 1  # a scratch narrower than the PSF, and a sample
    assert out_of_reach(mask, psf) is None
    assert out_of_reach(None, psf) is None
    mask[40:, :, 1] = 1  # one channel alone
    assert out_of_reach(mask, psf) is None
    mask[40:] = 1
    expected = np.zeros((60, 70, 1))
    expected[40 + psf.shape[0] // 2 :] = 1
    assert np.array_equal(out_of_reach(mask, psf), expected)
