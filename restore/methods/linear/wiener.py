"""The Wiener filter and its relatives: the plain inverse, the parametric and the geometric-mean filter."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from restore.checks import Array, as_finite, as_nonnegative, as_positive
from restore.observation.completion import LEVELS
from restore.observation.observation import Observation, observe, regularized_inverse
from restore.operators.fourier import Gain, frequencies
from restore.operators.penalty import Penalty, roughness, sampled
from restore.parameter_choice.local_spectrum import refined_ratio
from restore.parameter_choice.rules import StrengthChoice, choose_regularization


def inverse_filter(
    image: ArrayLike,
    psf: ArrayLike,
    *,
    threshold: float = 0.0,
    cutoff: float | None = None,
    boundary: str = "unknown",
    mask: ArrayLike | None = None,
    channel_axis: int | None = None,
) -> Array:
    """Return F = G / H, the exact inverse of blurring, where |H| > `threshold` and the frequency is below `cutoff`; 0
    elsewhere.

    With noise it fails, and is here to show how: the noise at a frequency is multiplied by 1 / |H|, a million-fold
    where the blur passed a millionth. Use `wiener` for pictures.

    Parameters
    ----------
    image : (H, W), (H, W, C) or n-D float array
        Observed picture g, any unit and range. Not modified.
    psf : array with the image's spatial axes
        Impulse response h, sum 1, centre at size // 2.
    threshold : float, >= 0
        Frequencies with ``|H|`` up to this, and up to its rounding error, are set to 0 instead of being divided by it.
        Larger: less noise, less detail.
    cutoff : float, > 0, optional
        Radial frequency in cycles per pixel (0.5 is the finest along an axis) above which everything is set to 0.
    boundary : str
        What lies outside the frame; see `restore.observation.boundary`.
    mask : bool array, optional
        True where samples are unknown: scratched, dead, clipped or NaN. Shape of the image, or of one channel. They are
        solved for like the data outside the frame.
    channel_axis : int, optional
        Axis of the colour channels; each is filtered alike.

    Returns
    -------
    estimate : array of the image's shape and dtype, not clipped

    Raises
    ------
    TypeError
        The image is not float32 or float64, or the PSF not real.
    ValueError
        A non-finite sample, a PSF that does not fit or does not sum to 1, or a number outside its interval.

    See Also
    --------
    wiener : the same division made stable.

    Notes
    -----
    Two FFTs of the grid besides those of the boundary. Exact on noise-free periodic data whose H has no zero.

    References
    ----------
    R. C. Gonzalez and R. E. Woods, Digital Image Processing, 4th ed., 2018, eq. 5-78.

    Examples
    --------
    >>> import numpy as np
    >>> from restore import blur, inverse_filter, psf
    >>> f = np.random.default_rng(0).random((32, 32))
    >>> h = psf.gaussian(0.8)
    >>> g = blur(f, h, boundary="periodic")
    >>> bool(np.allclose(inverse_filter(g, h, boundary="periodic"), f))
    True
    """
    floor = as_nonnegative(threshold, "threshold")
    limit = np.inf if cutoff is None else 2 * np.pi * as_positive(cutoff, "cutoff")
    observation = observe(image, psf, boundary, channel_axis, mask)
    return observation.filtered(inverse_gain(observation, floor, limit))


def wiener(
    image: ArrayLike,
    psf: ArrayLike,
    *,
    nsr: float | ArrayLike | None = None,
    signal_spectrum: ArrayLike | None = None,
    noise_spectrum: float | ArrayLike | None = None,
    boundary: str = "unknown",
    mask: ArrayLike | None = None,
    channel_axis: int | None = None,
) -> Array:
    """Return F = conj(H) G / (|H|^2 + K), K = S_noise / S_signal: the linear filter of least mean square error.

    Parameters
    ----------
    image : (H, W), (H, W, C) or n-D float array
        Observed picture g = h * f + noise, any unit and range. Not modified.
    psf : array with the image's spatial axes
        Impulse response h, sum 1, centre at size // 2.
    nsr : float or array, >= 0, optional
        K, the ratio of noise power to signal power. A number is one ratio for all frequencies; an array holds one per
        frequency, laid out like ``numpy.fft.fftn(image)`` or its half ``rfftn``. Larger: smoother. 0 is the inverse
        filter. None estimates noise and signal spectrum from the picture (a power law fitted by Whittle likelihood,
        bent towards what single frequencies show).
    signal_spectrum, noise_spectrum : array; float or array, optional
        S_signal and S_noise instead of their ratio, laid out as `nsr`, in the same unit. This form does not divide by
        S_signal, so zeros in it are harmless.
    boundary : str
        What lies outside the frame; see `restore.observation.boundary`. Arrays of spectra are interpolated to the
        extended grid.
    mask : bool array, optional
        True where samples are unknown: scratched, dead, clipped or NaN. Shape of the image, or of one channel. They are
        solved for like the data outside the frame.
    channel_axis : int, optional
        Axis of the colour channels; one filter serves them all.

    Returns
    -------
    estimate : array of the image's shape and dtype, not clipped

    Raises
    ------
    TypeError
        The image is not float32 or float64, or the PSF not real.
    ValueError
        A non-finite sample, a PSF that does not fit or does not sum to 1, a negative or wrongly shaped spectrum, or
        both `nsr` and spectra.

    See Also
    --------
    deconvolve : the same with a report of what was chosen.
    constrained_least_squares : K proportional to a roughness ``|P|^2``.

    Notes
    -----
    Two FFTs of the grid besides those of the boundary, and for ``nsr=None`` those of the windowed tiles of the fit. A
    given ratio charges the mean like every other frequency and darkens by 1 / (1 + K); a fitted one keeps it. Assumes
    stationary signal and noise; it rings at strong edges, where the picture is least stationary. Of all linear filters
    it has the least mean square error when the spectra are true.

    References
    ----------
    N. Wiener, Extrapolation, Interpolation, and Smoothing of Stationary Time Series, 1949;
    R. C. Gonzalez and R. E. Woods, Digital Image Processing, 4th ed., 2018, eq. 5-81 and 5-85.

    Examples
    --------
    >>> import numpy as np
    >>> from restore import psf, wiener
    >>> flat = np.full((16, 16), 0.5)
    >>> wiener(flat, psf.disk(2), nsr=0)[0, :3].round(6)
    array([0.5, 0.5, 0.5])
    """
    check_ratio(nsr)
    observation = observe(image, psf, boundary, channel_axis, mask)
    if signal_spectrum is not None or noise_spectrum is not None:
        if nsr is not None or signal_spectrum is None or noise_spectrum is None:
            raise ValueError("nsr must be left out and both signal_spectrum and noise_spectrum given, or nsr alone")
        return observation.filtered(_spectra_gain(observation, signal_spectrum, noise_spectrum))
    if nsr is None:
        return observation.filtered(fitted_gain(observation))
    return observation.filtered(given_gain(observation, nsr))


def geometric_mean_filter(
    image: ArrayLike,
    psf: ArrayLike,
    *,
    nsr: float | ArrayLike,
    alpha: float = 0.5,
    beta: float = 1.0,
    boundary: str = "unknown",
    mask: ArrayLike | None = None,
    channel_axis: int | None = None,
) -> Array:
    """Return F = [conj(H) / |H|^2]^alpha [conj(H) / (|H|^2 + beta K)]^(1 - alpha) G, between the inverse and the
    Wiener filter.

    Parameters
    ----------
    image, psf, boundary, mask, channel_axis
        As in `wiener`.
    nsr : float or array, >= 0
        K, as in `wiener`.
    alpha : float in [0, 1]
        1 is the inverse filter, 0 the parametric Wiener filter, 1/2 with beta = 1 spectrum equalization: the restored
        picture has the power spectrum of the model. Larger: sharper and noisier.
    beta : float, >= 0
        Factor on K: above 1 smoother than Wiener, below 1 sharper.

    Returns
    -------
    estimate : array of the image's shape and dtype, not clipped

    Raises
    ------
    TypeError, ValueError
        As `wiener`; `alpha` outside [0, 1] or `beta` negative.

    See Also
    --------
    wiener : alpha = 0, beta = 1.

    Notes
    -----
    Two FFTs of the grid besides those of the boundary.

    References
    ----------
    R. C. Gonzalez and R. E. Woods, Digital Image Processing, 4th ed., 2018, eq. 5-99.

    Examples
    --------
    >>> import numpy as np
    >>> from restore import geometric_mean_filter, psf, wiener
    >>> g, h = np.random.default_rng(0).random((16, 16)), psf.gaussian(1)
    >>> same = geometric_mean_filter(g, h, nsr=0.1, alpha=0)
    >>> bool(np.allclose(same, wiener(g, h, nsr=0.1)))
    True
    """
    if not 0 <= as_finite(alpha, "alpha") <= 1:
        raise ValueError(f"alpha must lie in [0, 1], got {alpha}")
    scale = as_nonnegative(beta, "beta")
    observation = observe(image, psf, boundary, channel_axis, mask)
    penalty, weight = _ratio(observation, nsr)

    def gain(columns: slice) -> Array:
        otf = observation.otf(columns)
        power = np.abs(otf) ** 2
        denominator = power**alpha * (power + scale * weight * penalty(columns)) ** (1 - alpha)
        return np.divide(np.conj(otf), denominator, out=np.zeros_like(otf), where=denominator > 0)

    return observation.filtered(gain)


def inverse_gain(observation: Observation, threshold: float = 0.0, limit: float = np.inf) -> Gain:
    """Return 1 / H where |H| exceeds the threshold and its own rounding error, up to a radian frequency."""
    axes = frequencies(observation.grid)
    floor = max(threshold, float(np.finfo(observation.dtype).eps))

    def gain(columns: slice) -> Array:
        otf = observation.otf(columns)
        passed = np.abs(otf) > floor
        if np.isfinite(limit):
            passed &= sum(w**2 for w in [*axes[:-1], axes[-1][..., columns]]) <= limit**2
        return np.divide(1, otf, out=np.zeros_like(otf), where=passed)

    return gain


def check_ratio(nsr: float | ArrayLike | None) -> None:
    """Refuse a single ratio that is impossible, before anything is computed."""
    if nsr is not None and np.ndim(nsr) == 0:
        as_nonnegative(nsr, "nsr")  # type: ignore[arg-type]


def given_gain(observation: Observation, nsr: float | ArrayLike) -> Gain:
    """Return the Wiener gain of a noise-to-signal ratio given as a number or per frequency."""
    return regularized_inverse(observation.otf, *_ratio(observation, nsr))


def fitted_gain(observation: Observation) -> Gain:
    """Return the gain of `fitted_filter` alone."""
    return fitted_filter(observation)[0]


def fitted_filter(observation: Observation) -> tuple[Gain, StrengthChoice | None]:
    """Return the Wiener gain of the fitted spectrum; what is unsettled outside the frame counts as noise.

    Where the fit would not gain on the gradient prior, that prior takes its place, with the strength of another rule,
    which is returned with its gain. A padding word may contradict the blur by more than is counted so; there the ratio
    is raised further if generalized cross-validation of its scale asks for it.
    """
    fit = observation.fit
    if fit.rule != "whittle":
        penalty = roughness("gradient", observation.grid, observation.dtype)
        noise = fit.noise_var + observation.unsettled_var
        choice = choose_regularization(observation, penalty, rule=fit.rule, noise_var=noise)
        return regularized_inverse(observation.otf, penalty, choice.value), choice
    ratio = refined_ratio(observation, fit)
    scale = 1 + observation.unsettled_var / fit.noise_var
    if observation.boundary not in ("periodic", *LEVELS):
        scale = max(scale, choose_regularization(observation, ratio, rule="gcv", noise_var=None).value)
    return regularized_inverse(observation.otf, ratio, scale), None


def _ratio(observation: Observation, nsr: float | ArrayLike) -> tuple[Penalty, float]:
    if np.ndim(nsr) == 0:
        weight = as_nonnegative(nsr, "nsr")  # type: ignore[arg-type]
        return roughness("identity", observation.grid, observation.dtype), weight
    return sampled(nsr, "nsr", observation.image_shape, observation.grid, observation.dtype), 1.0


def _spectra_gain(observation: Observation, signal: ArrayLike, noise: float | ArrayLike) -> Gain:
    grids = (observation.image_shape, observation.grid, observation.dtype)
    signal_power = sampled(signal, "signal_spectrum", *grids)
    if np.ndim(noise) == 0:
        half = (*observation.image_shape[:-1], observation.image_shape[-1] // 2 + 1)
        noise = np.full(half, as_nonnegative(noise, "noise_spectrum"))  # type: ignore[arg-type]
    noise_power = sampled(noise, "noise_spectrum", *grids)

    def gain(columns: slice) -> Array:
        otf, passed = observation.otf(columns), signal_power(columns)
        denominator = np.abs(otf) ** 2 * passed + noise_power(columns)
        return np.divide(np.conj(otf) * passed, denominator, out=np.zeros_like(otf), where=denominator > 0)

    return gain
