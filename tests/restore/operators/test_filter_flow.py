"""The blur that changes over the grid against sums sample by sample, its adjoint, and the blur that does not change."""

import numpy as np
import pytest

import restore
from restore.operators.filter_flow import CircularBlur, FilterFlow
from restore.operators.otf import psf_to_otf
from restore.psf.at_places import grid
from restore.psf.varying import filter_flow, windows


def psfs(rng, count, shape):
    stack = rng.random((count, *shape))
    return stack / stack.sum(axis=tuple(range(1, stack.ndim)), keepdims=True)


def spread_sample_by_sample(light, varying, start):
    """Every sample of light spreads by the PSF of its own place, on a circular grid."""
    blurred = np.zeros_like(light)
    for place in np.ndindex(light.shape[:-1]):
        psf = varying.at(np.subtract(place, start))
        for offset in np.ndindex(psf.shape):
            there = tuple((np.array(place) + offset - np.array(psf.shape) // 2) % light.shape[:-1])
            blurred[there] += psf[offset] * light[place]
    return blurred


CASES = {
    "asymmetric": ((21, 26), (4, 5), [(y, x) for y in (2, 15) for x in (-3, 8.5, 24)]),
    "small windows": ((40, 31), (3, 3), [(y, x) for y in range(4, 40, 7) for x in range(3, 31, 6)]),
    "one row": ((12, 40), (5, 2), [(6, x) for x in (0, 13, 26, 39)]),
    "one": ((9, 11), (3, 4), [(4, 4)]),
    "large psf": ((10, 12), (9, 12), [(2, 3), (2, 9), (8, 3), (8, 9)]),
    "scattered": ((24, 24), (3, 5), [(2, 3), (5, 20), (12, 11), (21, 4), (19, 22), (9, 7), (3, 12)]),
    "volume": ((6, 9, 10), (2, 3, 4), [(z, y, x) for z in (1, 4) for y in (2, 7) for x in (0, 9)]),
}


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("start", [0, 3])
def test_it_is_the_sum_over_all_samples_and_has_its_adjoint(case, start):
    shape, size, places = CASES[case]
    rng = np.random.default_rng(5)
    varying = grid(psfs(rng, len(places), size), places)
    f, g = rng.random((*shape, 2)), rng.random((*shape, 2))
    blur = filter_flow(varying, shape, (start,) * len(shape), np.float64)
    blurred = blur.forward(f)
    np.testing.assert_allclose(blurred, spread_sample_by_sample(f, varying, start), atol=1e-12)
    assert np.vdot(blurred, g) == pytest.approx(np.vdot(f, blur.adjoint(g)), rel=1e-12)
    np.testing.assert_allclose(blurred.sum(axis=tuple(range(len(shape)))), f.sum(axis=tuple(range(len(shape)))))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("psf", [restore.psf.motion(7, 30), np.array([[0.1, 0.2], [0.3, 0.4]])], ids=["odd", "even"])
def test_equal_psfs_are_one(psf, dtype):
    f = np.random.default_rng(0).random((45, 52, 3)).astype(dtype)
    places = [(y, x) for y in (5, 20, 40) for x in (5, 45)]
    blur = filter_flow(grid([psf] * 6, places), f.shape[:2], (0, 0), dtype)
    circular = CircularBlur(psf_to_otf(psf, f.shape[:2]).astype(np.result_type(dtype, np.complex64)), 2)
    for here, there in ((blur.forward, circular.forward), (blur.adjoint, circular.adjoint)):
        assert here(f).dtype == dtype
        np.testing.assert_allclose(here(f), there(f), atol=20 * np.finfo(dtype).eps)


def test_a_window_without_weight_on_the_grid_is_no_window():
    shares = [np.array([[1.0, 1, 1, 1], [0, 0, 0, 0]]), np.ones((1, 5))]
    blur = FilterFlow(np.array([[[1.0]], [[7.0]]]), shares, np.float64)
    f = np.random.default_rng(1).random((4, 5, 1))
    np.testing.assert_allclose(blur.forward(f), f, atol=1e-14)


@pytest.mark.parametrize("knots", [[3.0], [0.0, 4.0], [-2.0, 1.5, 7.0, 30.0]])
def test_windows_sum_to_one_everywhere(knots):
    shares = windows(np.array(knots), np.arange(-5, 40))
    np.testing.assert_allclose(shares.sum(axis=0), 1, atol=1e-15)
    assert shares.min() >= 0
