"""Noise with a spectrum: its law is found under a blur, white noise stays white, and no method is misled by it."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy import ndimage, optimize

import restore
from restore import psf
from restore.observation.observation import observe
from restore.operators.fourier import frequencies
from restore.spectrum.noise_law import NoiseLaw, _JointModel, fit_noise_law
from restore.spectrum.signal_noise import model_strength

DISK = psf.disk(4)


def coloured(shape, sigma, seed=0):
    """Gaussian noise that a demosaicing filter has smoothed, and its power per frequency."""
    kernel = np.outer([1, 2, 1], [1, 2, 1]) / 16
    white = np.random.default_rng(seed).normal(0, sigma, shape)
    return ndimage.convolve(
        white, kernel, mode="wrap"
    ), lambda axes: sigma**2 * np.prod([(0.5 + 0.5 * np.cos(w)) ** 2 for w in np.broadcast_arrays(*axes)], axis=0)


@pytest.fixture(scope="module")
def camera_noise(pictures):
    """A blurred photograph with smoothed noise, and the sharp frame."""
    sharp = pictures["camera"][60:330, 100:380]
    blurred = restore.degrade(sharp, DISK, boundary="valid")
    noise, power = coloured(blurred.shape, 0.03)
    inside = slice(4, -4)
    return blurred + noise, sharp[inside, inside], power


def mse(estimate, sharp):
    return float(np.mean((estimate - sharp) ** 2))


def test_the_law_of_coloured_noise_is_found_under_the_blur(camera_noise):
    observed, _, power = camera_noise
    fit = observe(observed, DISK, "unknown").fit
    assert not fit.is_white
    axes = frequencies((64, 64))
    radius = np.sqrt(sum(w**2 for w in axes))
    band = (radius > 1) & (radius < 1.8)  # below, mostly the picture; above, next to nothing
    assert 0.5 < fit.noise_power(axes)[band].sum() / power(axes)[band].sum() < 1.3
    assert fit.noise_power(axes)[band].mean() > 3 * observe(observed, DISK, "unknown").noise_level.variance
    assert_allclose(np.sqrt(fit.noise_var), np.std(coloured((256, 256), 0.03)[0]), rtol=0.25)


BLURS = {"disk": DISK, "gaussian": psf.gaussian(2), "motion": psf.motion(15, 30)}
#: Every picture with every noise and every blur, every noise with every blur: a Latin square of 9 out of the 27.
SQUARE = [
    (name, sigma, list(BLURS)[(row + column) % 3])
    for row, name in enumerate(("camera", "coins", "moon"))
    for column, sigma in enumerate((0.003, 0.01, 0.03))
]


@pytest.mark.parametrize(("name", "sigma", "blur"), SQUARE)
def test_white_noise_stays_white(pictures, name, sigma, blur):
    kernel = BLURS[blur]
    observed = restore.degrade(pictures[name][:320, :384], kernel, noise_sigma=sigma, rng=1, boundary="valid")
    assert observe(observed, kernel, "unknown").coloured is None
    assert restore.deconvolve(observed, kernel, method="cls").noise_is_white


@pytest.mark.parametrize("method", ["wiener", "cls", "hyper_laplacian", "total_variation", "richardson_lucy"])
def test_every_method_gains_where_the_noise_is_smooth(camera_noise, method):
    """Its level is read where there is none, so that a strength for white noise is far too weak."""
    observed, sharp, _ = camera_noise
    estimate = restore.deconvolve(observed, DISK, method=method)
    assert mse(estimate.image, sharp) < 0.93 * mse(observed, sharp)
    assert estimate.noise_is_white == (method == "richardson_lucy")  # which needs no noise


@pytest.mark.parametrize(("factor", "looks"), [(1, "consistent"), (1.25, "too wide")])
def test_the_right_psf_is_not_doubted_for_the_colour_of_the_noise(camera_noise, factor, looks):
    observed, _, _ = camera_noise
    assert restore.deconvolve(observed, psf.disk(4 * factor)).diagnosis.psf_looks == looks


def test_an_automatic_strength_is_near_the_best(camera_noise):
    observed, sharp, _ = camera_noise
    estimate = restore.deconvolve(observed, DISK, method="total_variation")
    strengths = estimate.parameter * 10.0 ** np.array([-0.5, -0.25, 0.25, 0.5])  # beyond, the error only grows
    errors = [mse(restore.total_variation(observed, DISK, strength=s), sharp) for s in strengths]
    assert mse(estimate.image, sharp) < 10**0.03 * min(errors)


@pytest.mark.parametrize("channel_axis", [0, -1])
def test_colours_share_one_law(camera_noise, channel_axis):
    observed, _, _ = camera_noise
    colour = np.stack([observed] * 3, axis=channel_axis)
    restored = restore.wiener(colour, DISK, channel_axis=channel_axis)
    # The sum of equal planes differs in its last bits, and the search for the least stops a little elsewhere.
    assert_allclose(np.take(restored, 1, channel_axis), restore.wiener(observed, DISK), rtol=0, atol=1e-3)


def test_circular_data_are_seen_whole(pictures):
    sharp = pictures["coins"][:192, :256]
    noise, _ = coloured(sharp.shape, 0.03)
    observed = restore.blur(sharp, DISK, boundary="periodic") + noise
    assert not observe(observed, DISK, "periodic").fit.is_white
    assert mse(restore.wiener(observed, DISK, boundary="periodic"), sharp) < 0.97 * mse(observed, sharp)


def test_masked_samples_are_no_noise(camera_noise):
    observed, sharp, _ = camera_noise
    mask = np.random.default_rng(2).random(observed.shape) < 0.02
    estimate = restore.wiener(np.where(mask, 5.0, observed), DISK, mask=mask)
    assert mse(estimate, sharp) < 0.93 * mse(observed, sharp)


def test_other_numbers_of_axes_have_white_noise():
    for shape in ((300,), (12, 13, 14)):
        noise = ndimage.uniform_filter(np.random.default_rng(0).normal(size=shape), 3)
        assert observe(noise, np.ones((1,) * len(shape)), "unknown").coloured is None


def test_the_gradient_of_the_likelihood_is_that_of_its_values():
    rng = np.random.default_rng(0)
    axes = [rng.uniform(-np.pi, np.pi, 300) for _ in range(2)]
    power, response = rng.exponential(1, 300), rng.uniform(0, 1, 300)
    columns = np.stack([np.ones(300), *(rng.normal(size=300) for _ in range(7))], axis=-1)
    model = _JointModel(power, response, axes, np.ones(300), columns, 0.5)
    point = np.append(model._start, rng.normal(0, 0.1, 8))
    error = optimize.check_grad(lambda x: model._objective(x)[0], lambda x: model._objective(x)[1], point)
    assert error < 1e-3 * np.linalg.norm(model._objective(point)[1])


def test_frequencies_that_the_blur_takes_whole_are_no_obstacle():
    rng = np.random.default_rng(0)
    axes = [rng.uniform(-np.pi, np.pi, 400) for _ in range(2)]
    response = np.where(np.arange(400) % 3 == 0, 0.0, 0.5)
    assert fit_noise_law(rng.exponential(1, 400), response, axes, np.ones(400), 1.0) is None


def test_the_level_alone_is_white():
    law = NoiseLaw(np.append(np.log(0.25), np.zeros(7)))
    assert_allclose(law.power(frequencies((8, 9))), 0.25)


def test_the_first_strength_is_the_least_expected_error(camera_noise):
    observed, _, _ = camera_noise
    observation = observe(observed, DISK, "unknown")
    spectrum, laws = observation.spectrum, observation.coloured
    axes = frequencies(spectrum.shape)
    signal, noise = np.exp(laws.signal.log_spectrum(axes)), laws.noise.power(axes)
    response, penalty = spectrum.response(DISK), sum(2 - 2 * np.cos(w) for w in axes)

    def error(strength):
        gain = 1 / (response + strength * penalty)
        return float(
            np.sum(spectrum.weights * ((strength * penalty * gain) ** 2 * signal + response * gain**2 * noise))
        )

    estimate = model_strength(spectrum, DISK, laws)
    assert error(estimate) <= min(error(estimate * f) for f in (0.5, 0.9, 1.1, 2)) * (1 + 1e-3)
