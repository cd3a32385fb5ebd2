"""The refined spectrum: its fixed point, its symmetry, and that it sees what a smooth law cannot."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

import restore
from restore.observation.observation import observe
from restore.parameter_choice.local_spectrum import _smoothed, refined_ratio


def full_oracle(half, columns):
    """Smooth the full spectrum of a real signal by direct circular sums."""
    rows = half.shape[0]
    full = np.empty((rows, columns))
    for i in range(rows):
        for j in range(columns):
            full[i, j] = half[i, j] if j < half.shape[1] else half[-i % rows, columns - j]
    offsets = np.arange(-9, 10)
    kernel = np.exp(-(offsets**2) / 18)
    kernel /= kernel.sum()
    for axis in (0, 1):
        full = sum(w * np.roll(full, -o, axis) for w, o in zip(kernel, offsets, strict=True))
    return 2 * np.pi * 9 * full[:, : half.shape[1]]


@pytest.mark.parametrize("columns", [40, 41], ids=["even", "odd"])
def test_sums_over_neighbours_are_those_of_the_full_spectrum(columns):
    half = np.random.default_rng(0).random((36, columns // 2 + 1))
    assert_allclose(_smoothed(half, columns, 3.0), full_oracle(half, columns), rtol=1e-12)


def stripes(shape=(128, 128)):
    """A picture with a strong repeated texture on a natural background."""
    rng = np.random.default_rng(3)
    frequency = np.hypot(np.fft.fftfreq(shape[0])[:, None], np.fft.rfftfreq(shape[1]))
    spectrum = np.fft.rfft2(rng.standard_normal(shape)) / (frequency + 0.01) ** 1.3
    field = np.fft.irfft2(spectrum, s=shape)
    y, x = np.indices(shape)
    return 0.5 + 0.1 * field / field.std() + 0.1 * np.sin(2 * np.pi * (20 * x + 10 * y) / 128) * (y < 96)


@pytest.mark.parametrize("boundary", ["periodic", "unknown"])
def test_a_repeated_texture_is_restored_better_than_by_the_law_alone(boundary):
    sharp, psf = stripes(), restore.psf.gaussian(1.5)
    observed = restore.degrade(sharp, psf, bsnr=25, rng=0, boundary="periodic")
    fit = observe(observed, psf, "unknown").fit
    seen = observe(observed, psf, "periodic")
    law = restore.wiener(observed, psf, nsr=fit.nsr(seen.grid, float)(slice(None)), boundary=boundary)
    refined = restore.wiener(observed, psf, boundary=boundary)
    assert np.mean((refined - sharp) ** 2) < 0.98 * np.mean((law - sharp) ** 2)


def test_noise_alone_leaves_the_law():
    """Where noise hides the signal there is nothing to refine by."""
    observed = restore.blur(stripes(), restore.psf.gaussian(3)) + np.random.default_rng(5).normal(0, 0.2, (128, 128))
    psf = restore.psf.gaussian(3)
    fit, seen = observe(observed, psf, "unknown").fit, observe(observed, psf, "periodic")
    ratio, law = refined_ratio(seen, fit)(slice(None)), fit.nsr(seen.grid, float)(slice(None))
    fine = np.hypot(np.fft.fftfreq(128)[:, None], np.fft.rfftfreq(128)) > 0.35
    assert_allclose(ratio[fine] / law[fine], 1, atol=0.02)


def test_the_mean_stays_uncharged():
    observed = stripes()
    psf = restore.psf.disk(2)
    seen = observe(observed, psf, "periodic")
    assert refined_ratio(seen, observe(observed, psf, "unknown").fit)(slice(None))[0, 0] == 0
