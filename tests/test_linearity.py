"""Filters of a fixed strength are linear in the picture; automatic ones follow its unit and its zero."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from restore import (
    blur,
    constrained_least_squares,
    degrade,
    geometric_mean_filter,
    inverse_filter,
    psf,
    wiener,
)

SCENES = {
    "asymmetric": ((14, 15), np.array([[0.1, 0.0, 0.3], [0.0, 0.5, 0.1]])),
    "3-D": ((6, 7, 8), np.arange(1.0, 13).reshape(2, 3, 2) / 78),
    "1-D": ((25,), np.array([0.1, 0.2, 0.6, 0.1])),
}
FIXED = {
    "wiener": lambda g, h, **k: wiener(g, h, nsr=0.05, **k),
    "least squares": lambda g, h, **k: constrained_least_squares(g, h, regularization=0.05, **k),
    "inverse": inverse_filter,
    "geometric mean": lambda g, h, **k: geometric_mean_filter(g, h, nsr=0.05, **k),
    "blur": blur,
}
AUTOMATIC = {
    "wiener": wiener,
    "least squares": constrained_least_squares,
    "gcv": lambda g, h, **k: constrained_least_squares(g, h, rule="gcv", **k),
    "discrepancy": lambda g, h, **k: constrained_least_squares(g, h, rule="discrepancy", **k),
}


@pytest.mark.parametrize(("shape", "kernel"), SCENES.values(), ids=SCENES)
@pytest.mark.parametrize("operation", FIXED.values(), ids=FIXED)
class TestFixedStrength:
    @pytest.mark.parametrize("boundary", ["periodic", "smooth", "reflect", "symmetric", "edge", "zero", "taper"])
    @pytest.mark.parametrize("dtype", [np.float32, np.float64])
    def test_is_linear(self, shape, kernel, operation, boundary, dtype):
        one, other = np.random.default_rng(0).random((2, *shape), dtype)
        together = operation((3 * one - 2 * other).astype(dtype), kernel, boundary=boundary)
        apart = 3 * operation(one, kernel, boundary=boundary) - 2 * operation(other, kernel, boundary=boundary)
        # Rounding of some ten values of size 5, amplified by 1 / H.
        assert_allclose(together, apart, rtol=0, atol=1e3 * np.finfo(dtype).eps * np.abs(apart).max())

    @pytest.mark.parametrize("factor", [-2.0, 255.0, 1e-5])
    def test_scales_when_the_outside_is_unknown(self, shape, kernel, operation, factor):
        """The completion looks at the picture, so that sums of pictures are not sums of restorations."""
        image = np.random.default_rng(0).random(shape)
        expected = factor * operation(image, kernel)
        assert_allclose(operation(factor * image, kernel), expected, rtol=0, atol=1e-6 * np.abs(expected).max())


@pytest.mark.parametrize("operation", AUTOMATIC.values(), ids=AUTOMATIC)
@pytest.mark.parametrize("boundary", ["unknown", "periodic"])
class TestAutomaticStrength:
    @pytest.fixture
    def observed(self, boundary):
        y, x = np.mgrid[:48, :50]
        sharp = 0.5 + 0.3 * np.sign(np.sin(x / 4) * np.cos(y / 5))
        return degrade(sharp, psf.disk(2), noise_sigma=0.02, rng=0, boundary="periodic")

    @pytest.mark.parametrize("factor", [-1.0, 255.0, 1e-4])
    def test_follows_the_unit(self, observed, operation, boundary, factor):
        expected = factor * operation(observed, psf.disk(2), boundary=boundary)
        found = operation(factor * observed, psf.disk(2), boundary=boundary)
        assert_allclose(found, expected, rtol=0, atol=2e-3 * abs(factor))  # a search ends within its tolerance

    @pytest.mark.parametrize("offset", [-1.0, 10.0])
    def test_follows_the_zero(self, observed, operation, boundary, offset):
        expected = operation(observed, psf.disk(2), boundary=boundary) + offset
        found = operation(observed + offset, psf.disk(2), boundary=boundary)
        assert_allclose(found, expected, rtol=0, atol=2e-3)


def test_blur_is_linear_in_the_psf():
    image = np.random.default_rng(0).random((20, 21))
    for boundary in ("periodic", "reflect"):
        mixed = blur(image, 0.3 * psf.box(5) + 0.7 * np.pad(psf.box(3), 1), boundary=boundary)
        apart = 0.3 * blur(image, psf.box(5), boundary=boundary) + 0.7 * blur(image, psf.box(3), boundary=boundary)
        assert_allclose(mixed, apart, rtol=0, atol=1e-13)
