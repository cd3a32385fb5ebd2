"""The front door: one call that restores and says what it did."""

from __future__ import annotations

import warnings
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from restore._checks import Array, as_nonnegative, one_of
from restore._constrained_least_squares import check_strength, least_squares_strength
from restore._diagnosis import Diagnosis, diagnose
from restore._fourier import Gain
from restore._observation import Observation, observe, regularized_inverse
from restore._penalty import roughness
from restore._wiener import check_ratio, fitted_filter, given_gain, inverse_gain
from restore.noise import estimate_noise
from restore.parameter_choice import StrengthChoice

METHODS = ("wiener", "cls", "inverse")
#: What to make of a PSF that looks wrong.
WRONG = {
    "too wide": "a smaller one explains its spectrum far better",
    "too narrow": "a larger one explains its spectrum far better",
    "turned": "another angle explains its spectrum far better",
}


class StrengthWarning(UserWarning):
    """The rule that chooses the strength ended at an edge: the data do not determine it."""


@dataclass(frozen=True)
class Restoration:
    """A restored picture and how it came about.

    Attributes
    ----------
    image : array of the observed picture's shape and dtype, not clipped
    psf : float64 array, the PSF that was used
    method : "wiener", "cls" or "inverse"
    parameter : float
        Strength: for "wiener" the noise-to-signal ratio (of the variances, where a spectrum was fitted), for "cls" the
        multiplier, for "inverse" 0.
    rule : str
        How the strength was found: "given", "whittle", or a rule of `restore.parameter_choice`.
    noise_sigma : float
        Standard deviation of the noise per sample, image units: estimated, or as given.
    boundary : str
        What was assumed outside the frame.
    iterations : int
        0 for the linear filters.
    choice : StrengthChoice or None
        The curve that the rule saw and the residuals it could reach, where a rule chose.
    diagnosis : Diagnosis or None
        What is left over, and whether the picture looks blurred by this PSF.
    """

    image: Array
    psf: Array
    method: str
    parameter: float
    rule: str
    noise_sigma: float
    boundary: str
    iterations: int = 0
    choice: StrengthChoice | None = None
    diagnosis: Diagnosis | None = None

    @property
    def doubts(self) -> tuple[str, ...]:
        """Return in words what speaks against the result."""
        found = []
        if self.choice is not None and self.choice.at_edge:
            found.append(_at_edge(self.choice))
        if self.diagnosis is not None and self.diagnosis.psf_looks in WRONG:
            found.append(
                f"the PSF looks {self.diagnosis.psf_looks} for this picture: {WRONG[self.diagnosis.psf_looks]}"
            )
        return tuple(found)


def deconvolve(
    image: ArrayLike,
    psf: ArrayLike,
    *,
    method: str = "wiener",
    nsr: float | ArrayLike | None = None,
    regularization: float | None = None,
    noise_var: float | None = None,
    extra_noise_var: float = 0.0,
    operator: str | ArrayLike = "laplacian",
    rule: str | None = None,
    boundary: str = "unknown",
    mask: ArrayLike | None = None,
    channel_axis: int | None = None,
) -> Restoration:
    """Restore f from g = h * f + noise and report what was chosen.

    Parameters
    ----------
    image : (H, W), (H, W, C) or n-D float array
        Observed picture g, any unit and range. Not modified.
    psf : array with the image's spatial axes
        Impulse response h, sum 1, centre at size // 2; `restore.psf` has models, `restore.estimate_psf` finds one.
    method : {"wiener", "cls", "inverse"}
        See `wiener`, `constrained_least_squares`, `inverse_filter`.
    nsr : float or array, optional
        Strength of "wiener"; None fits signal spectrum and noise to the picture.
    regularization : float, optional
        Strength of "cls"; None chooses it by `rule`.
    noise_var : float, optional
        Variance of the noise per sample for the rules of "cls"; None estimates it.
    extra_noise_var : float, >= 0
        Variance to count as noise beside what the picture shows, where the strength is found from the data: errors that
        hide from its spectrum, such as those of JPEG, which empties the high frequencies that noise is read from.
    operator, rule
        Roughness and rule of "cls"; see `constrained_least_squares`.
    boundary : str
        What lies outside the frame; see `restore.boundary`.
    mask : bool array, optional
        True where samples are unknown: scratched, dead, clipped or NaN. Shape of the image, or of one channel. They are
        solved for like the data outside the frame.
    channel_axis : int, optional
        Axis of the colour channels; one filter serves them all.

    Returns
    -------
    restoration : Restoration

    Raises
    ------
    TypeError, ValueError
        As the method; also an argument that belongs to another method.

    Warns
    -----
    StrengthWarning
        The chosen strength lies at an edge of the search, or the given noise cannot be matched.

    Notes
    -----
    Two FFTs of the extended grid besides those of the boundary, one to three for a rule, and some tiles of at most 512
    samples along each axis for the estimate of noise and spectrum.

    References
    ----------
    Those of `wiener` and `constrained_least_squares`.

    Examples
    --------
    >>> import numpy as np
    >>> from restore import deconvolve, degrade, psf
    >>> f = np.zeros((64, 64))
    >>> f[20:40, 24:44] = 1
    >>> h = psf.disk(2.5)
    >>> found = deconvolve(degrade(f, h, noise_sigma=0.01, rng=0), h)
    >>> found.method, found.rule, round(found.noise_sigma, 2)
    ('wiener', 'whittle', 0.01)
    """
    one_of(method, METHODS, "method")
    unusual = None if isinstance(operator, str) and operator == "laplacian" else operator
    _refuse_foreign(method, nsr=nsr, regularization=regularization, noise_var=noise_var, operator=unusual, rule=rule)
    check_ratio(nsr)
    check_strength(regularization, noise_var, rule)
    extra = as_nonnegative(extra_noise_var, "extra_noise_var")
    observation = observe(image, psf, boundary, channel_axis, mask, extra)
    if method == "wiener":
        found, gain = _wiener(observation, nsr)
    elif method == "cls":
        found, gain = _constrained(observation, regularization, noise_var, operator, rule)
    else:
        found, gain = _inverse(observation)
    restored = observation.filtered(gain)
    return replace(found, image=restored, diagnosis=diagnose(observation, restored, gain))


def _wiener(observation: Observation, nsr: float | ArrayLike | None) -> tuple[Restoration, Gain]:
    report = _report(observation, "wiener")
    if nsr is not None:
        gain = given_gain(observation, nsr)
        found = replace(report, parameter=float(np.mean(np.asarray(nsr))), noise_sigma=_noise(observation))
    else:
        (gain, choice), fit = fitted_filter(observation), observation.fit
        strength = fit.noise_var / fit.signal_var if choice is None else choice.value
        sigma = float(np.sqrt(fit.noise_var))
        found = replace(report, parameter=strength, rule=fit.rule, noise_sigma=sigma, choice=choice)
    return found, gain


def _constrained(
    observation: Observation,
    regularization: float | None,
    noise_var: float | None,
    operator: str | ArrayLike,
    rule: str | None,
) -> tuple[Restoration, Gain]:
    penalty = roughness(operator, observation.grid, observation.dtype)
    report = _report(observation, "cls")
    if regularization is not None:
        found = replace(report, parameter=float(regularization), noise_sigma=_noise(observation))
    else:
        choice = least_squares_strength(observation, penalty, rule, noise_var)
        if choice.at_edge:
            warnings.warn(_at_edge(choice), StrengthWarning, stacklevel=3)
        sigma = float(np.sqrt(observation.fit.noise_var if noise_var is None else noise_var))
        found = replace(report, parameter=choice.value, rule=choice.rule, noise_sigma=sigma, choice=choice)
    return found, regularized_inverse(observation.otf, penalty, found.parameter)


def _inverse(observation: Observation) -> tuple[Restoration, Gain]:
    return replace(_report(observation, "inverse"), noise_sigma=_noise(observation)), inverse_gain(observation)


def _report(observation: Observation, method: str) -> Restoration:
    nothing = np.empty(0, observation.dtype)
    return Restoration(nothing, observation.psf, method, 0.0, "given", 0.0, observation.boundary)


def _noise(observation: Observation) -> float:
    axis = None if observation.channel_axis is None else -1
    return float(np.sqrt(np.mean(np.square(estimate_noise(observation.picture, channel_axis=axis)))))


def _at_edge(choice: StrengthChoice) -> str:
    low, high = choice.feasible
    reached = f"the mean squared residual can lie between {low:.3g} and {high:.3g}"
    asked = "" if choice.noise_var is None else f", the noise variance is {choice.noise_var:.3g}"
    return f"rule {choice.rule!r} ended at the edge of its search, regularization {choice.value:.3g}: {reached}{asked}"


def _refuse_foreign(method: str, **arguments: Any) -> None:
    own = {"wiener": {"nsr"}, "cls": {"regularization", "noise_var", "operator", "rule"}, "inverse": set()}[method]
    for name, value in arguments.items():
        if value is not None and name not in own:
            raise ValueError(f"{name} does not belong to method {method!r}, got {value!r}")
