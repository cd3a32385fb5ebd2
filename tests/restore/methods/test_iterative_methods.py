"""The iterative methods at the front door: the same as their functions, reported, with progress."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

import restore
from restore import deconvolve, psf

KERNEL = psf.gaussian(1.5)  # nowhere negative in frequency: Van Cittert's iteration runs away otherwise


@pytest.fixture(scope="module")
def observed():
    tiles = np.kron(np.indices((8, 7)).sum(axis=0) % 3 / 2, np.ones((9, 9)))
    return restore.degrade(tiles, KERNEL, noise_sigma=0.01, rng=0, boundary="reflect")


FUNCTIONS = {
    "hyper_laplacian": (restore.hyper_laplacian, {"strength": 0.002}),
    "total_variation": (restore.total_variation, {"strength": 0.002}),
    "richardson_lucy": (restore.richardson_lucy, {"iterations": 12}),
    "landweber": (restore.landweber, {"iterations": 9}),
    "tikhonov_miller": (
        lambda *a, **k: restore.tikhonov_miller(
            *a, **{"regularization": deconvolve(*a, method="cls", boundary=k["boundary"]).parameter} | k
        ),
        {"regularization": 0.01},
    ),
    "van_cittert": (restore.van_cittert, {"iterations": 9}),
    "aggregate": (restore.aggregate, {"noise_var": 1e-4}),
    "aggregate_patches": (lambda *a, **k: restore.aggregate(*a, patches=True, **k), {"noise_var": 1e-4}),
    "nonlocal_fast": (lambda *a, **k: restore.nonlocal_deconvolution(*a, fast=True, **k), {"noise_var": 1e-4}),
}


@pytest.mark.parametrize("method", FUNCTIONS)
@pytest.mark.filterwarnings("ignore:rule .* ended at the edge")  # the picture is not circular
@pytest.mark.parametrize("boundary", ["unknown", "periodic"])
def test_the_same_as_the_function(observed, method, boundary):
    function, given = FUNCTIONS[method]
    for arguments in ({}, given) if boundary == "unknown" else (given,):
        found = deconvolve(observed, KERNEL, method=method, boundary=boundary, **arguments)
        expected = function(observed, KERNEL, boundary=boundary, **arguments)
        assert_allclose(found.image, expected, atol=1e-6)
        assert (found.rule == "given") == bool(arguments)
        assert found.method == method
        assert found.iterations > 0
        assert found.diagnosis.gain.size == 0


@pytest.mark.parametrize("method", FUNCTIONS)
def test_masks_colour_and_types_pass(observed, method):
    mask = np.zeros(observed.shape, bool)
    mask[20:22, 10:40] = True
    colour = np.stack([np.where(mask, 7, observed), observed[::-1], observed[:, ::-1]]).astype(np.float32)
    found = deconvolve(colour, KERNEL, method=method, mask=mask, channel_axis=0)
    assert found.image.shape == colour.shape
    assert found.image.dtype == np.float32
    assert np.abs(found.image[0] - observed)[mask].max() < 1.5


@pytest.mark.parametrize("method", FUNCTIONS)
def test_progress_grows_and_what_it_raises_passes(observed, method):
    shares = []
    deconvolve(observed, KERNEL, method=method, callback=shares.append)
    assert shares == sorted(shares)
    assert shares[0] > 0
    assert shares[-1] == pytest.approx(1)

    def stop(share):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        deconvolve(observed, KERNEL, method=method, callback=stop)


def test_counted_light():
    stars = np.full((48, 40), 0.02)
    stars[[12, 30], [20, 11]] = 15
    observed = restore.degrade(stars, psf.gaussian(1.5), photons=300, rng=0)
    found = deconvolve(observed, psf.gaussian(1.5), method="richardson_lucy", gain=1 / 300, read_noise=0.01)
    assert found.image.min() >= 0
    assert found.parameter == found.iterations


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"method": "wiener", "strength": 1.0}, "strength does not belong to method 'wiener', got 1.0"),
        ({"method": "total_variation", "strength": -1}, "strength must be finite and >= 0, got -1"),
        ({"method": "total_variation", "iterations": 3}, "iterations does not belong to method 'total_variation'"),
        ({"method": "richardson_lucy", "iterations": 0}, "iterations must be >= 1, got 0"),
        ({"method": "richardson_lucy", "read_noise": 0.1}, "gain must be given with read_noise"),
        ({"method": "richardson_lucy", "gain": 0}, "gain must be finite and > 0, got 0"),
        ({"method": "nonlocal", "noise_var": -1}, "noise_var must be finite and >= 0, got -1"),
    ],
)
def test_bad_arguments(arguments, message):
    with pytest.raises(ValueError, match=message):
        deconvolve(np.ones((40, 40)), np.ones((1, 1)), **arguments)
