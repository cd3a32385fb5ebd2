"""Constrained least squares: the smoothest picture that explains the data up to the noise."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from restore.checks import Array, InvalidValue, as_nonnegative, one_of
from restore.methods.method import Method, Outcome, Settings, Strength, register, restored
from restore.methods.tiling import Tiling
from restore.observation.observation import Observation, observe
from restore.operators.penalty import Penalty, regularized_inverse, roughness
from restore.operators.progress import Progress, advance, silent
from restore.operators.unit import AS_VARIANCE
from restore.parameter_choice.agreement import Survey
from restore.parameter_choice.fitted_filter import believed_inverse
from restore.parameter_choice.rules import RULES, StrengthChoice, choices, choose_regularization


@dataclass(frozen=True, eq=False)
class ConstrainedLeastSquaresSettings(Settings):
    """The arguments of `constrained_least_squares`; None where the data decide."""

    regularization: float | None = None
    noise_var: float | None = field(default=None, metadata=AS_VARIANCE)
    operator: str | ArrayLike = "laplacian"
    rule: str | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.rule is not None:
            one_of(self.rule, tuple(RULES), "rule")
        if self.noise_var is not None:
            as_nonnegative(self.noise_var, "noise_var")
        if self.regularization is not None:
            as_nonnegative(self.regularization, "regularization")
            if self.rule is not None or self.noise_var is not None:
                raise InvalidValue("rule and noise_var choose the regularization: leave them out where it is given")


@dataclass(frozen=True, eq=False)
class Multiplier:
    """The multiplier of a penalty, and how it was found."""

    value: float
    rule: str
    noise_sigma: float | None = None
    choice: StrengthChoice | None = None


def constrained_least_squares(
    image: ArrayLike,
    psf: ArrayLike,
    *,
    regularization: float | None = None,
    noise_var: float | None = None,
    operator: str | ArrayLike = "laplacian",
    rule: str | None = None,
    boundary: str = "unknown",
    mask: ArrayLike | None = None,
    channel_axis: int | None = None,
) -> Array:
    """Return F = conj(H) G / (|H|^2 + lambda |P|^2), which minimises |g - h * f|^2 + lambda |p * f|^2.

    Parameters
    ----------
    image : (H, W), (H, W, C) or n-D float array
        Observed picture g, any unit and range. Not modified.
    psf : array with the image's spatial axes
        Impulse response h, sum 1, centre at size // 2.
    regularization : float, >= 0, optional
        The multiplier lambda. Larger: smoother. It has no unit and does not depend on the range of the picture. None
        chooses it from the data by `rule`.
    noise_var : float, >= 0, optional
        Variance of the noise per sample, in image units squared (MATLAB's noise power is this times the number of
        samples). None estimates it from the picture.
    operator : {"laplacian", "gradient", "identity"} or array
        The roughness p: the 2n + 1 point Laplacian, all first differences, the picture itself, or a kernel of your own.
    rule : str, optional
        "upre", "gcv", "expected_error", "discrepancy", "corrected_discrepancy", "textbook", "whiteness" or "l_curve".
        How lambda is chosen; see `restore.parameter_choice`. The default is "discrepancy" when `noise_var` is given,
        which makes the residual energy match it; without, the larger lambda of "upre" and "gcv", and "expected_error"
        where the noise is coloured or that of a JPEG.
    boundary : str
        What lies outside the frame; see `restore.observation.boundary`.
    mask : bool array, optional
        True where samples are unknown: scratched, dead, clipped or NaN. Shape of the image, or of one channel. They are
        solved for like the data outside the frame.
    channel_axis : int, optional
        Axis of the colour channels; one lambda serves them all.

    Returns
    -------
    estimate : array of the image's shape and dtype, not clipped

    Raises
    ------
    TypeError
        The image is not float32 or float64, or the PSF or operator not real.
    ValueError
        A non-finite sample, a PSF that does not fit or does not sum to 1, a negative number, an unknown word, or a rule
        beside a given `regularization`.

    See Also
    --------
    deconvolve : the same with a report of what was chosen, and the range of residuals that lambda can reach.
    wiener : a noise-to-signal ratio in the place of lambda |P|^2.

    Notes
    -----
    Two FFTs of the grid besides those of the boundary, and one to three more where lambda is chosen. Mean brightness is
    exact, since the operators but "identity" do not charge it. When no lambda can reach the given noise power, the
    nearest end of the search is taken (`deconvolve` says so). With lambda = 0 it is the inverse filter.

    References
    ----------
    B. R. Hunt, The application of constrained least squares estimation to image restoration by digital computer, IEEE
    Trans. Comput. 22, 1973; R. C. Gonzalez and R. E. Woods, Digital Image Processing, 4th ed., 2018, eq. 5-89.

    Examples
    --------
    >>> import numpy as np
    >>> from restore import constrained_least_squares, degrade, psf
    >>> f = np.zeros((64, 64))
    >>> f[20:40, 24:44] = 1
    >>> h = psf.gaussian(1.5)
    >>> g = degrade(f, h, noise_sigma=0.01, rng=0)
    >>> x = constrained_least_squares(g, h)
    >>> bool(np.mean((x - f) ** 2) < 0.6 * np.mean((g - f) ** 2))
    True
    """
    settings = ConstrainedLeastSquaresSettings(
        regularization=regularization, noise_var=noise_var, operator=operator, rule=rule
    )
    return restored(solve, observe(image, psf, boundary, channel_axis, mask), settings)


def solve(observation: Observation, settings: ConstrainedLeastSquaresSettings, _: Progress = silent) -> Outcome:
    """Filter with the multiplier that was given or chosen."""
    penalty = roughness(settings.operator, observation.grid, observation.dtype)
    multiplier = find_multiplier(observation, penalty, settings)
    advance(0.6)  # what remains is the filter itself
    if multiplier.choice is None:
        gain = regularized_inverse(observation.otf, penalty, multiplier.value)
    else:
        gain = believed_inverse(observation, penalty, multiplier.value)
    return Outcome(
        image=observation.filtered(gain),
        strength=multiplier.value,
        rule=multiplier.rule,
        noise_sigma=multiplier.noise_sigma,
        fits_noise=multiplier.choice is not None,
        choice=multiplier.choice,
        gain=gain,
    )


def agreed(survey: Survey, settings: ConstrainedLeastSquaresSettings) -> Any:
    """Return the settings with one multiplier for all: the geometric mean of those that the data ask for."""
    if settings.regularization is not None:
        return settings
    own = replace(settings, smoothness=1.0)
    values = [find_multiplier(o, roughness(settings.operator, o.grid, o.dtype), own).value for o in survey.windows]
    return replace(settings, regularization=float(np.exp(np.mean(np.log(values)))), rule=None, noise_var=None)


def find_multiplier(
    observation: Observation, penalty: Penalty, settings: ConstrainedLeastSquaresSettings
) -> Multiplier:
    """Return the multiplier of a penalty, chosen from the data where none was given."""
    if settings.regularization is not None:
        return Multiplier(settings.smoothness * float(settings.regularization), "given")
    choice = _chosen(observation, penalty, settings.rule, settings.noise_var)
    sigma = None if settings.noise_var is None else float(np.sqrt(settings.noise_var))
    return Multiplier(settings.smoothness * choice.value, choice.rule, sigma, choice)


def _chosen(observation: Observation, penalty: Penalty, rule: str | None, noise_var: float | None) -> StrengthChoice:
    """Choose lambda, estimating the noise when a rule needs it and none is given.

    Left to itself it takes the larger of two: both rules fail towards too little, "upre" where the noise is
    underestimated by a tenth, "gcv" where H is nearly flat.
    """
    if noise_var is not None:
        return choose_regularization(observation, penalty, rule=rule or "discrepancy", noise_var=noise_var)
    rules = _usual_rules(observation) if rule is None else (rule,)
    if not any(RULES[name].needs_noise for name in rules):
        return choices(observation, penalty, rules, None)[0]
    fit = observation.fit
    chosen = choices(observation, penalty, rules, fit.noise_var + observation.most_unsettled_var, fit.noise)
    return max(chosen, key=lambda choice: choice.value)


def _usual_rules(observation: Observation) -> tuple[str, ...]:
    if observation.fit.rule != "whittle":
        return (observation.fit.rule,)
    if observation.extra_noise_var > 0 or not observation.fit.is_white:
        return ("expected_error",)  # what the blur hides of that noise the others take for the picture's, or for white
    return ("upre", "gcv")


register(
    Method(
        name="cls",
        label="constrained least squares",
        strength=Strength(argument="regularization", name="regularization", symbol="lambda", meaning="regularization"),
        settings=ConstrainedLeastSquaresSettings,
        solve=solve,
        tiling=Tiling(arrays=10, agreed=agreed, asks=lambda settings: settings.regularization is None),
        effort=1.5,
    )
)
