"""The transfer function against padding, rolling and transforming."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from restore import autocorrelation_to_spectrum, otf_to_psf, psf_to_otf

ROUNDING = 1e-14  # a few eps per FFT stage on values of at most 1


def test_psf_to_otf_is_the_transform_of_the_rolled_padded_psf(scene):
    expected = scene.otf[..., : scene.shape[-1] // 2 + 1]
    assert_allclose(psf_to_otf(scene.psf, scene.shape), expected, rtol=0, atol=ROUNDING)


@pytest.mark.parametrize("shape", [(8, 9), (9, 8), (12, 12), (7, 3)], ids=str)
@pytest.mark.parametrize("size", [(3, 3), (4, 2), (1, 3), (7, 1)], ids=str)
def test_odd_and_even_sizes_on_odd_and_even_grids(shape, size, oracle):
    psf = oracle.asymmetric(size)
    expected = oracle.otf(psf, shape)
    half = psf_to_otf(psf, shape)
    assert_allclose(half, expected[:, : shape[1] // 2 + 1], rtol=0, atol=ROUNDING)
    assert_allclose(otf_to_psf(half, shape, size), psf, rtol=0, atol=ROUNDING)
    assert_allclose(otf_to_psf(expected, shape, size), psf, rtol=0, atol=ROUNDING)


def test_round_trip(scene):
    otf = psf_to_otf(scene.psf, scene.shape)
    assert_allclose(otf_to_psf(otf, scene.shape, scene.psf.shape), scene.psf, rtol=0, atol=ROUNDING)


def test_round_trip_does_not_use_up_its_argument(scene):
    otf = psf_to_otf(scene.psf, scene.shape)
    kept = otf.copy()
    otf_to_psf(otf, scene.shape, scene.psf.shape)
    assert_array_equal(otf, kept)


def test_sum_is_kept_at_frequency_zero(scene):
    assert_allclose(psf_to_otf(25 * scene.psf, scene.shape).flat[0], 25, rtol=1e-14)


@pytest.mark.parametrize("size", [(3, 3), (4, 4), (1, 2), (5, 4)], ids=str)
def test_centre_of_a_delta_is_size_over_two(size):
    delta = np.zeros(size)
    delta[size[0] // 2, size[1] // 2] = 1
    assert_array_equal(psf_to_otf(delta, (6, 7)), 1)


def test_symmetric_odd_psf_has_a_real_transfer_function(oracle):
    psf = oracle.asymmetric((5, 3))
    symmetric = (psf + psf[::-1, ::-1]) / 2
    assert_allclose(psf_to_otf(symmetric, (10, 11)).imag, 0, atol=ROUNDING)


def test_asymmetric_psf_keeps_its_phase(oracle):
    assert np.abs(psf_to_otf(oracle.asymmetric((4, 3)), (10, 11)).imag).max() > 0.05


def test_moving_the_psf_multiplies_by_a_phase(oracle):
    psf = oracle.asymmetric((3, 3))
    moved = np.pad(psf, [(2, 0), (0, 0)])  # the centre of 5 samples is one sample later, the content two
    u = np.arange(12)[:, None] / 12
    expected = psf_to_otf(psf, (12, 10)) * np.exp(-2j * np.pi * u)
    assert_allclose(psf_to_otf(moved, (12, 10)), expected, rtol=0, atol=ROUNDING)


def test_smaller_psf_shape_cuts_about_the_centre(oracle):
    psf = oracle.asymmetric((5, 5))
    cut = otf_to_psf(psf_to_otf(psf, (9, 8)), (9, 8), (3, 3))
    assert_allclose(cut, psf[1:4, 1:4], rtol=0, atol=ROUNDING)


def test_spectrum_of_a_circular_autocorrelation_is_the_periodogram(scene):
    power = np.abs(np.fft.fftn(scene.image)) ** 2
    correlation = np.fft.ifftn(power).real
    centred = np.roll(correlation, [n // 2 for n in scene.shape], range(len(scene.shape)))
    spectrum = autocorrelation_to_spectrum(centred, scene.shape)
    assert_allclose(spectrum, power[..., : scene.shape[-1] // 2 + 1], rtol=1e-10, atol=1e-10)


def test_spectrum_of_a_short_autocorrelation_and_of_a_number_is_white():
    assert_array_equal(autocorrelation_to_spectrum(0.3, (6, 5)), np.full((6, 3), 0.3))
    assert_allclose(autocorrelation_to_spectrum([[0.3]], (6, 5)), np.full((6, 3), 0.3))


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: psf_to_otf(np.ones((3, 3)) * 1j, (8, 8)), TypeError, "psf must be real, got complex128"),
        (lambda: psf_to_otf(np.ones((9, 3)), (8, 8)), ValueError, r"psf must fit into .*\(8, 8\), got shape \(9, 3\)"),
        (lambda: psf_to_otf(np.ones(3), (8, 8)), ValueError, r"psf must have 2 axes .* got shape \(3,\)"),
        (lambda: psf_to_otf(np.ones((0, 3)), (8, 8)), ValueError, "psf must hold samples"),
        (lambda: psf_to_otf([[np.nan]], (8, 8)), ValueError, r"psf must be finite, got 1 .* the first at \(0, 0\)"),
        (lambda: otf_to_psf(np.ones((8, 4)), (8, 8), (3, 3)), ValueError, r"otf must have shape \(8, 5\) or \(8, 8\)"),
        (lambda: otf_to_psf(np.ones((8, 5)), (8, 8), (9, 3)), ValueError, "psf_shape must fit into shape"),
        (lambda: otf_to_psf(np.ones((8, 5)), (8, 8), (3,)), ValueError, "psf_shape must fit into shape"),
        (lambda: otf_to_psf(np.ones((8, 5)), (8, 8), (0, 3)), ValueError, "psf_shape must be >= 1, got 0"),
        (lambda: autocorrelation_to_spectrum(-1.0, (8, 8)), ValueError, "autocorrelation must be finite and >= 0"),
        (lambda: autocorrelation_to_spectrum(np.ones((9, 9)), (8, 8)), ValueError, "autocorrelation must fit into"),
    ],
)
def test_bad_arguments(call, error, message):
    with pytest.raises(error, match=message):
        call()
