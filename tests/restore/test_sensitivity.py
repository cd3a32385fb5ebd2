"""Neighbouring PSFs and their scores: the right one stands out where the blur leaves a trace."""

import numpy as np
import pytest
from scipy import ndimage

import restore
from restore import psf, psf_sensitivity, psf_variants


def texture(shape=(128, 120), seed=0):
    """A random picture with the power law of photographs and some edges."""
    rng = np.random.default_rng(seed)
    frequency = np.hypot(np.fft.fftfreq(shape[0])[:, None], np.fft.rfftfreq(shape[1]))
    field = np.fft.irfft2(np.fft.rfft2(rng.standard_normal(shape)) / (frequency + 0.01) ** 1.3, s=shape)
    field = (field - field.min()) / np.ptp(field)
    for _ in range(12):
        row, column = rng.integers(0, shape[0] - 30), rng.integers(0, shape[1] - 30)
        field[row : row + 25, column : column + 20] += rng.uniform(-0.3, 0.3)
    return field


KERNELS = {
    "disk": {"radius": 4.0},
    "motion": {"length": 13.0, "angle": 20.0},
}


@pytest.mark.parametrize("family", KERNELS)
def test_the_right_psf_has_the_smallest_misfit(family):
    right = getattr(psf, family)(**KERNELS[family])
    observed = restore.degrade(texture(), right, noise_sigma=0.003, rng=1)
    variants = psf_variants(right, family=family, parameters=KERNELS[family])
    trials = psf_sensitivity(observed, list(variants.values()))
    misfits = dict(zip(variants, [t.misfit for t in trials], strict=True))
    assert misfits["in use"] == 0
    assert all(m > 2 for name, m in misfits.items() if name != "in use")
    for trial, kernel in zip(trials, variants.values(), strict=True):
        assert np.array_equal(trial.psf, kernel)
        assert np.array_equal(trial.restoration.image, restore.deconvolve(observed, kernel).image)
    assert trials[1].residual < 1.05
    assert trials[2].residual > trials[1].residual


def test_scores_know_neither_unit_nor_channel_axis():
    right = psf.disk(3.0)
    observed = restore.degrade(texture((96, 104)), right, noise_sigma=0.003, rng=1)
    kernels = [right, psf.disk(3.5)]
    gray = psf_sensitivity(observed, kernels)
    scaled = psf_sensitivity(1000 * observed, kernels)
    colour = psf_sensitivity(np.stack([observed] * 2), kernels, channel_axis=0)
    for a, b, c in zip(gray, scaled, colour, strict=True):
        assert b.misfit == pytest.approx(a.misfit, abs=0.2)
        assert c.misfit == pytest.approx(a.misfit, abs=0.2)
        assert (b.residual, c.residual) == pytest.approx((a.residual, a.residual), rel=0.02)
        assert c.restoration.image.shape == (2, 96, 104)


def test_masked_samples_do_not_count():
    right = psf.disk(3.0)
    observed = restore.degrade(texture((96, 104)), right, noise_sigma=0.003, rng=1)
    hidden = np.zeros(observed.shape, bool)
    hidden[40:44, 30:36] = True
    (clean,) = psf_sensitivity(observed, [right])
    (one,), (other,) = (psf_sensitivity(np.where(hidden, v, observed), [right], mask=hidden) for v in (7.0, np.nan))
    assert one.residual == pytest.approx(clean.residual, rel=0.1)
    assert (one.residual, one.misfit) == (other.residual, other.misfit)


def test_options_reach_the_restoration():
    observed = restore.degrade(texture((64, 64)), psf.disk(2.0), noise_sigma=0.003, rng=1)
    (trial,) = psf_sensitivity(observed, [psf.disk(2.0)], method="cls", regularization=0.01, boundary="reflect")
    assert (trial.restoration.method, trial.restoration.parameter) == ("cls", 0.01)
    assert trial.restoration.boundary == "reflect"


@pytest.mark.parametrize(
    ("family", "parameters"),
    [
        ("gaussian", {"sigma": 2.0}),
        ("box", {"size": 5.0}),
        ("airy", {"radius": 3.0}),
        ("moffat", {"fwhm": 3.0, "beta": 3.0}),
    ],
)
def test_variants_of_a_model_are_that_model(family, parameters):
    make = getattr(psf, family)
    name = next(iter(parameters))
    found = psf_variants(make(**parameters), family=family, parameters=parameters, size_step=0.2)
    assert list(found) == ["size -20 %", "in use", "size +20 %"]
    assert np.array_equal(found["size +20 %"], make(**parameters | {name: 1.2 * parameters[name]}))


def test_variants_of_motion_turn_too():
    found = psf_variants(psf.motion(9, 178), family="motion", parameters={"length": 9, "angle": 178})
    assert np.array_equal(found["angle +3 deg"], psf.motion(9, 181))
    assert np.array_equal(found["angle -3 deg"], psf.motion(9, 175))


@pytest.mark.parametrize(
    "kernel", [psf.gaussian(2.0), psf.gaussian((1.5, 3.0)), np.pad(psf.gaussian(2.0), ((1, 0), (1, 0)))]
)
def test_an_array_is_scaled_about_its_centre(kernel):
    def width(array, axis):
        profile = array.sum(axis=1 - axis)
        return np.sqrt(profile @ (np.arange(profile.size) - profile.size // 2) ** 2.0)

    found = psf_variants(kernel)
    for name, factor in (("size -10 %", 0.9), ("size +10 %", 1.1)):
        assert found[name].sum() == pytest.approx(1)
        assert np.abs(psf.centroid_offset(found[name])).max() < 1e-9
        for axis in (0, 1):
            # Linear interpolation and the pixel add up to 1/4 to the variance.
            assert factor * width(kernel, axis) <= width(found[name], axis) + 1e-3
            assert width(found[name], axis) ** 2 < (factor * width(kernel, axis)) ** 2 + 0.3


def test_an_asymmetric_array_keeps_its_shape():
    kernel = np.array([[0.0, 0.1, 0.4, 0.0], [0.0, 0.0, 0.3, 0.2], [0.0, 0.0, 0.0, 0.0]])
    found = psf_variants(kernel)
    assert found["in use"].shape == (3, 4)
    for name, factor in (("size -10 %", 0.9), ("size +10 %", 1.1)):
        assert psf.centroid_offset(found[name]) == pytest.approx(factor * psf.centroid_offset(kernel), abs=0.05)


def test_bad_arguments_are_refused():
    image = texture((64, 64))
    with pytest.raises(ValueError, match="at least one"):
        psf_sensitivity(image, [])
    with pytest.raises(ValueError, match="sum to 1"):
        psf_sensitivity(image, [np.ones((3, 3))])
    with pytest.raises(TypeError, match="floating"):
        psf_sensitivity((255 * image).astype(int), [psf.disk(2)])
    with pytest.raises(ValueError, match="family must be one of"):
        psf_variants(psf.disk(2), family="oval", parameters={"radius": 2})
    with pytest.raises(ValueError, match="'radius'"):
        psf_variants(psf.disk(2), family="disk")
    with pytest.raises(ValueError, match="size_step"):
        psf_variants(psf.disk(2), size_step=1.0)
    with pytest.raises(ValueError, match="2-D"):
        psf_variants(psf.gaussian([1, 1, 1]))


def test_noise_that_a_camera_has_smoothed_does_not_pass_for_another_psf():
    """Taken for white, it made the right disk look 10 % too small or too large."""
    rng = np.random.default_rng(3)
    right = psf.disk(4.0)
    noise = ndimage.uniform_filter(rng.normal(0, 0.02, (140, 140)), 3, mode="wrap")
    observed = restore.blur(texture((140, 140)), right, boundary="periodic") + noise
    trials = psf_sensitivity(observed, list(psf_variants(right, family="disk", parameters={"radius": 4.0}).values()))
    assert [trial.misfit == 0 for trial in trials] == [False, True, False]
    assert 0.7 < trials[1].residual < 1.3
