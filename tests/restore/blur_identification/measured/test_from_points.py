"""A PSF averaged from beads or stars whose own PSF is known, and what is left out of it."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy import fft

import restore
from restore.blur_identification.effective.core_fit import fit_core

SHAPE = (44, 132, 168)
#: Beads apart from each other; each is moved by less than half a voxel.
PLACES = np.array([(z, y, x) for y in (24, 66, 108) for x, z in ((28, 20), (84, 24), (140, 22))])


def points(shape, places, psf, radius=0.0, spacing=(1.0, 1.0, 1.0)):
    """Points anywhere between the voxels, or even spheres, blurred: peak about 1."""
    grids = [fft.fftfreq(n) for n in shape[:-1]] + [fft.rfftfreq(shape[-1])]
    grids = np.meshgrid(*grids, indexing="ij", sparse=True)
    light = sum(np.exp(-2j * np.pi * sum(g * p for g, p in zip(grids, place, strict=True))) for place in places)
    if radius:
        x = 2 * np.pi * radius * np.sqrt(sum((g / s) ** 2 for g, s in zip(grids, spacing, strict=True)))
        x = np.maximum(x, 1e-6)
        light = light * 3 * (np.sin(x) - x * np.cos(x)) / x**3
    return fft.irfftn(light * restore.psf_to_otf(psf, shape), shape) / psf.max()


@pytest.mark.parametrize(
    ("seed", "psf"),
    [
        (0, restore.psf.gaussian((2.0, 1.3, 1.5))),
        (1, restore.psf.born_wolf((21, 31, 31), NA=1.2, wavelength=0.52, ni=1.333, spacing=(0.15, 0.06, 0.06))),
    ],
    ids=["gaussian", "microscope"],
)
def test_beads_at_a_peak_of_thirty_deviations_have_the_width_of_the_psf(seed, psf):
    rng = np.random.default_rng(seed)
    places = np.concatenate([PLACES, [(22, 3, 100)]]) + rng.uniform(-0.5, 0.5, (10, 3))  # the last at the edge
    image = 100 + 300 * points(SHAPE, places, psf) + rng.normal(0, 10, SHAPE)
    average = restore.psf_from_points(image)
    assert len(average.places) == 9
    assert {reason for _, reason in average.rejected} <= {"too near the edge", "too faint"}
    assert_allclose(average.fwhm, fit_core(psf, 0.0).fwhm, rtol=0.02)
    assert max(average.spread) < 0.2
    assert abs(average.asymmetry) < 0.05
    assert_allclose(average.psf.sum(), 1, rtol=1e-12)
    assert np.unravel_index(average.psf.argmax(), average.psf.shape) == tuple(n // 2 for n in average.psf.shape)


def test_what_tells_nothing_is_left_out_and_why_is_said():
    rng = np.random.default_rng(2)
    h, shape = restore.psf.gaussian(1.6), (120, 150)
    good = [(20.2, 30.4), (25.0, 100.1), (60.3, 60.0), (95.7, 25.5), (100.1, 70.2), (60.0, 120.0)]
    image = 50 + 200 * points(shape, good, h) + 200 * points(shape, [(95.0, 115.0), (99.0, 121.0)], h)
    image += 200 * points(shape, [(60.0, 20.0)], restore.psf.gaussian(2.6))  # out of focus
    image += rng.normal(0, 2, shape)
    image[60:62, 119:121] = image.max() + 50  # clipped
    average = restore.psf_from_points(image, size=(15, 15))
    assert average.psf.shape == (15, 15)
    assert len(average.places) == 5
    reasons = [reason for _, reason in average.rejected]
    assert [reasons.count(r) for r in ("clipped", "with a neighbour", "wider than the others")] == [1, 2, 1]
    assert average.asymmetry == 0


def test_the_width_of_a_bead_is_taken_back():
    psf, spacing = restore.psf.gaussian((1.8, 1.5, 1.5)), (0.2, 0.1, 0.1)
    image = points(SHAPE, PLACES, psf, radius=0.2, spacing=spacing)
    wide = restore.psf_from_points(image)
    narrow = restore.psf_from_points(image, bead=0.4, spacing=spacing)
    own = fit_core(psf, 0.0).fwhm
    assert wide.fwhm[2] > 1.08 * own[2]
    assert_allclose(narrow.fwhm, own, rtol=0.02)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"least": 5}, r"must show 5 or more good points, got 2 of 2"),
        ({"size": (8, 9)}, "size must be odd edges"),
        ({"narrow": 0.4}, r"must have points wider than 1.5 samples, got 1.*: take it on a finer grid"),
    ],
)
def test_what_makes_no_psf_is_refused(change, words):
    h = restore.psf.gaussian(change.pop("narrow", 1.5))
    image = points((60, 80), [(30.0, 25.0), (28.0, 55.0)], h)
    with pytest.raises(ValueError, match=words):
        restore.psf_from_points(image, **change)


def test_unknown_samples_are_passed_over():
    """Beside stars they do no harm, in their core the star is left out, and what they hold does not matter."""
    sky = np.zeros((90, 90))
    sky[[20, 20, 45, 70, 70], [20, 60, 44, 20, 66]] = 3000
    image = restore.degrade(sky, restore.psf.moffat(3.5, beta=3), noise_sigma=1, rng=0)
    whole = restore.psf_from_points(image)
    mask = np.zeros(image.shape, bool)
    mask[33, :] = mask[26:29, 26:29] = mask[45, 44] = True
    found = restore.psf_from_points(np.where(mask, np.nan, image), mask=mask)
    other = restore.psf_from_points(np.where(mask, 9e4, image), mask=mask)
    assert [(place, reason) for place, reason in found.rejected if reason == "unknown in part"] == [
        ((45, 44), "unknown in part")
    ]
    assert len(found.places) == 4
    assert_allclose(found.fwhm, whole.fwhm, rtol=0.01)
    assert_allclose(other.psf, found.psf)
    with pytest.raises(ValueError, match="mask must leave samples known"):
        restore.psf_from_points(image, mask=np.ones(image.shape, bool))
