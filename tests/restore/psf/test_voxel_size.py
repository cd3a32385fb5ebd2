"""PSFs on samples of another size."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from restore import psf


@pytest.mark.parametrize(
    ("sigma", "factors"), [((2.0, 1.5), (1.5, 2.0)), ((3.0, 4.0), (0.5, 0.37)), ((2.5,), (1 / 3,))]
)
def test_a_gaussian_stays_one_and_all_its_light(sigma, factors):
    h = psf.resampled(psf.gaussian(sigma, truncate=6), factors)
    # A sample's own width, 1/12 of its square, does not grow with it.
    own = 1 / 12
    expected = psf.gaussian(
        [np.sqrt((s**2 - own) * f**2 + own) for s, f in zip(sigma, factors, strict=True)], truncate=8
    )
    middle = [
        slice(n // 2 - min(n, m) // 2, n // 2 + min(n, m) // 2 + 1)
        for n, m in zip(h.shape, expected.shape, strict=True)
    ]
    theirs = [
        slice(m // 2 - min(n, m) // 2, m // 2 + min(n, m) // 2 + 1)
        for n, m in zip(h.shape, expected.shape, strict=True)
    ]
    assert_allclose(h[tuple(middle)], expected[tuple(theirs)], rtol=0, atol=0.01 * expected.max())
    assert_allclose(h.sum(), 1, rtol=1e-12)
    assert h[tuple(middle)].sum() > 1 - 1e-3
    assert all(n % 2 for n in h.shape)


def test_a_microscope_on_other_voxels_is_that_drawn_on_them():
    optics = {"NA": 0.9, "wavelength": 0.6, "ni": 1.0}
    fine = psf.born_wolf((41, 63, 63), spacing=(0.2, 0.08, 0.08), **optics)
    for spacing, shape in (((0.2, 0.12, 0.16), (41, 41, 31)), ((0.2, 0.05, 0.08), (41, 99, 63))):
        there = psf.born_wolf(shape, spacing=spacing, **optics)
        ours = psf.resampled(fine, [a / b for a, b in zip((0.2, 0.08, 0.08), spacing, strict=True)])
        cut = [slice((n - m) // 2, (n + m) // 2) for n, m in zip(ours.shape, there.shape, strict=True)]
        ours = ours[tuple(cut)]
        assert_allclose(ours / ours.sum(), there, rtol=0, atol=0.015 * there.max())


def test_whole_samples_are_taken_together():
    h = np.arange(1.0, 16.0)
    # 7 is the middle: three and three around it.
    assert_allclose(psf.resampled(h, 1 / 3), h.reshape(5, 3).sum(axis=1) / h.sum(), rtol=1e-12)
    even = psf.resampled(np.ones((2, 4)) / 8, 1)
    assert_allclose(even, np.pad(np.ones((2, 4)) / 8, [(0, 1), (0, 1)]), rtol=0, atol=1e-15)


@pytest.mark.parametrize(("factors", "words"), [((1, 2, 3), "one for each of 2 axes"), (0, "must be finite and > 0")])
def test_factors_that_cannot_be_are_refused(factors, words):
    with pytest.raises(ValueError, match=words):
        psf.resampled(psf.disk(2), factors)
