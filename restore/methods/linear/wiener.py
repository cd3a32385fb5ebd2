"""The Wiener filter: conj(H) over |H|^2 plus the noise-to-signal ratio."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from restore.checks import Array, InvalidValue, as_nonnegative
from restore.methods.method import Method, Outcome, Settings, Strength, register, restored
from restore.methods.tiling import Tiling
from restore.observation.observation import Observation, observe
from restore.operators.fourier import Gain
from restore.operators.penalty import Penalty, Sampled, regularized_inverse, roughness, sampled
from restore.operators.progress import Progress, advance, silent
from restore.operators.unit import Unit
from restore.parameter_choice.fitted_filter import fitted_filter


@dataclass(frozen=True, eq=False)
class WienerSettings(Settings):
    """The arguments of `wiener`; None where the data decide."""

    nsr: float | ArrayLike | None = None
    signal_spectrum: ArrayLike | None = None
    noise_spectrum: float | ArrayLike | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.nsr is not None and np.ndim(self.nsr) == 0:
            as_nonnegative(self.nsr, "nsr")  # type: ignore[arg-type]
        spectra = (self.signal_spectrum, self.noise_spectrum)
        if any(s is not None for s in spectra) and (self.nsr is not None or any(s is None for s in spectra)):
            raise InvalidValue("nsr must be left out and both signal_spectrum and noise_spectrum given, or nsr alone")


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
    settings = WienerSettings(nsr=nsr, signal_spectrum=signal_spectrum, noise_spectrum=noise_spectrum)
    return restored(solve, observe(image, psf, boundary, channel_axis, mask), settings)


def solve(observation: Observation, settings: WienerSettings, _: Progress = silent) -> Outcome:
    """Filter with the ratio or the spectra that were given, or else with the fitted spectrum."""
    if settings.signal_spectrum is not None and settings.noise_spectrum is not None:
        noise = settings.smoothness * np.asarray(settings.noise_spectrum)
        gain = _spectra_gain(observation, settings.signal_spectrum, noise)
        ratio = float(np.mean(noise) / np.mean(np.asarray(settings.signal_spectrum)))
        return Outcome(image=observation.filtered(gain), strength=ratio, rule="given", gain=gain)
    if settings.nsr is not None:
        nsr = settings.smoothness * np.asarray(settings.nsr)
        gain = regularized_inverse(observation.otf, *given_ratio(observation, nsr))
        ratio = float(np.mean(nsr))
        return Outcome(image=observation.filtered(gain), strength=ratio, rule="given", gain=gain)
    (gain, choice), fit = fitted_filter(observation, settings.smoothness), observation.fit
    advance(0.6)  # what remains is the filter itself
    ratio = fit.noise_var / fit.signal_var if choice is None else choice.value
    return Outcome(
        image=observation.filtered(gain),
        strength=settings.smoothness * ratio,
        rule=fit.rule,
        fits_noise=True,
        choice=choice,
        gain=gain,
    )


def given_ratio(observation: Observation, nsr: float | ArrayLike) -> tuple[Penalty, float]:
    """Return a noise-to-signal ratio, a number or one per frequency, as a penalty and its weight."""
    if np.ndim(nsr) == 0:
        weight = as_nonnegative(nsr, "nsr")  # type: ignore[arg-type]
        return roughness("identity", observation.grid, observation.dtype), weight
    return sampled(nsr, "nsr", observation.image_shape, observation.grid, observation.dtype), 1.0


def _spectra_gain(observation: Observation, signal: ArrayLike, noise: float | ArrayLike) -> Gain:
    grids = (observation.image_shape, observation.grid, np.float64)
    signal_power = sampled(signal, "signal_spectrum", *grids)
    if np.ndim(noise) == 0:
        half = (*observation.image_shape[:-1], observation.image_shape[-1] // 2 + 1)
        noise = np.full(half, as_nonnegative(noise, "noise_spectrum"))  # type: ignore[arg-type]
    noise_power = sampled(noise, "noise_spectrum", *grids)
    unit = Unit.of(signal_power.values, noise_power.values)  # only their ratio counts
    signal_power, noise_power = (
        Sampled(unit.inside(power.values).astype(observation.dtype)) for power in (signal_power, noise_power)
    )

    def gain(columns: slice) -> Array:
        otf, signal = observation.otf(columns), signal_power(columns)
        denominator = np.abs(otf) ** 2 * signal + noise_power(columns)
        return np.divide(np.conj(otf) * signal, denominator, out=np.zeros_like(otf), where=denominator > 0)

    return gain


register(
    Method(
        name="wiener",
        label="Wiener filter",
        strength=Strength(argument="nsr", name="nsr", symbol="nsr", meaning="noise-to-signal ratio"),
        settings=WienerSettings,
        solve=solve,
        tiling=Tiling(arrays=12, asks=lambda settings: settings.nsr is None and settings.signal_spectrum is None),
        effort=1.5,
    )
)
