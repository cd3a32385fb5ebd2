"""Halves of counts: Poisson variables without a relation; and which blurs leave too much for samples to foretell."""

import numpy as np
import pytest

from restore import blur, psf, richardson_lucy
from restore.operators.otf import OTF
from restore.parameter_choice.split_counts import halves, passes_nearly_all

WATER = {"NA": 1.2, "ni": 1.333, "wavelength": 0.52}


@pytest.mark.parametrize("gain", [1.0, 0.02])
def test_halves_are_poisson_of_half_the_light_and_do_not_know_of_each_other(gain):
    counts = gain * np.random.default_rng(0).poisson(12, 200_000)
    one, other = halves(counts, gain)
    np.testing.assert_allclose((one + other) / 2, counts, atol=1e-9)
    for part in (one, other):
        photons = part / (2 * gain)
        assert np.abs(photons - np.rint(photons)).max() < 1e-6
        assert photons.mean() == pytest.approx(6, rel=0.01)
        assert photons.var() == pytest.approx(6, rel=0.02)
    assert abs(np.corrcoef(one, other)[0, 1]) < 0.01


@pytest.mark.parametrize(
    ("spacing", "is_coarse"), [((0.25, 0.1, 0.1), False), ((0.5, 0.25, 0.25), True), ((0.6, 0.35, 0.35), True)]
)
def test_on_large_voxels_nearly_all_frequencies_pass(spacing, is_coarse):
    kernel = psf.born_wolf((19, 41, 41), spacing=spacing, **WATER)
    assert passes_nearly_all(OTF(kernel, (24, 48, 48), np.float64).full()) is is_coarse


@pytest.mark.parametrize("counts", [0.0, 5.0], ids=["dark", "even"])
def test_data_without_photon_noise_are_foretold_by_samples(counts):
    kernel = psf.born_wolf((7, 9, 9), spacing=(0.6, 0.35, 0.35), **WATER)
    light = richardson_lucy(np.full((9, 12, 12), counts), kernel, boundary="periodic")
    np.testing.assert_allclose(light, counts, rtol=1e-6, atol=1e-12)


def test_a_volume_on_large_voxels_is_not_left_at_a_fraction_of_what_its_light_allows():
    """Two shells under much light: samples that were left out had asked for the end eleven decibels too early."""
    kernel = psf.born_wolf((11, 25, 25), spacing=(0.6, 0.35, 0.35), **WATER)
    z, y, x = np.indices((12, 26, 26))
    large, small = np.hypot(np.hypot(2 * z - 11, y - 12), x - 14), np.hypot(np.hypot(2 * z - 14, y - 9), x - 8)
    scene = np.exp(-((large - 8) ** 2)) + 0.6 * np.exp(-((small - 4) ** 2))
    blurred = np.maximum(blur(scene, kernel, boundary="periodic"), 0)
    scene *= 10_000 / blurred.max()
    counts = np.random.default_rng(4).poisson(10_000 * blurred / blurred.max() + 2) * 1.0
    errors = []

    def watch(_, light):
        errors.append(np.mean((light - scene) ** 2))

    words = {"background": 2.0, "boundary": "periodic"}
    light = richardson_lucy(counts, kernel, **words)
    richardson_lucy(counts, kernel, iterations=150, callback=watch, **words)
    assert 10 * np.log10(np.mean((light - scene) ** 2) / min(errors)) < 1
