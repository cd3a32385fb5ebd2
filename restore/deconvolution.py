"""The front door: one call that restores and says what it did."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any

from numpy.typing import ArrayLike

from restore.checks import Array, as_nonnegative, as_positive, one_of
from restore.diagnosis.diagnosis import Diagnosis, diagnose
from restore.methods.linear.constrained_least_squares import check_strength
from restore.methods.linear.wiener import check_ratio
from restore.methods.table import METHODS, Asked, Progress
from restore.observation.observation import observe
from restore.parameter_choice.rules import StrengthChoice

#: What to make of a PSF that looks wrong.
WRONG = {
    "too wide": "a smaller one explains its spectrum far better",
    "too narrow": "a larger one explains its spectrum far better",
    "turned": "another angle explains its spectrum far better",
}


class StrengthWarning(UserWarning):
    """The rule that chooses the strength ended at an edge: the data do not determine it."""


@dataclass(frozen=True, eq=False)
class Restoration:
    """A restored picture and how it came about.

    Attributes
    ----------
    image : array of the observed picture's shape and dtype, not clipped
    psf : float64 array, the PSF that was used
    method : str
    parameter : float
        Strength: for "wiener" the noise-to-signal ratio (of the variances, where a spectrum was fitted), for "cls" the
        multiplier, for "hyper_laplacian" and "total_variation" the charge, for "nonlocal" the noise's standard
        deviation, for "richardson_lucy" the iterations, for "inverse" 0.
    rule : str
        How the strength was found: "given", "whittle" (fitted to the spectrum), "evidence" (from the noise and the
        first estimate), "held-out", or a rule of `restore.parameter_choice`.
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
    strength: float | None = None,
    iterations: int | None = None,
    gain: float | None = None,
    read_noise: float = 0.0,
    boundary: str = "unknown",
    mask: ArrayLike | None = None,
    channel_axis: int | None = None,
    callback: Progress | None = None,
) -> Restoration:
    """Restore f from g = h * f + noise and report what was chosen.

    Parameters
    ----------
    image : (H, W), (H, W, C) or n-D float array
        Observed picture g, any unit and range. Not modified.
    psf : array with the image's spatial axes
        Impulse response h, sum 1, centre at size // 2; `restore.psf` has models, `restore.estimate_psf` finds one.
    method : str
        "wiener", "cls", "inverse", "hyper_laplacian", "total_variation", "richardson_lucy", "nonlocal",
        "nonlocal_fast", "landweber", "van_cittert" or "tikhonov_miller"; see `wiener`, `constrained_least_squares`,
        `inverse_filter`, `nonlocal_deconvolution` and the functions of the other names.
    nsr : float or array, optional
        Strength of "wiener"; None fits signal spectrum and noise to the picture.
    regularization : float, optional
        Strength of "cls" and "tikhonov_miller"; None chooses it by `rule`.
    noise_var : float, optional
        Variance of the noise per sample for the rules of "cls" and for "nonlocal"; None estimates it.
    extra_noise_var : float, >= 0
        Variance to count as noise beside what the picture shows, where the strength is found from the data: errors that
        hide from its spectrum, such as those of JPEG, which empties the high frequencies that noise is read from.
    operator, rule
        Roughness and rule of "cls"; see `constrained_least_squares`.
    strength : float, >= 0, optional
        Strength of "hyper_laplacian" and "total_variation"; None chooses it from the data.
    iterations : int, >= 1, optional
        Of "richardson_lucy", where None stops when samples that were held out are predicted best, and of "landweber",
        "van_cittert" and "tikhonov_miller", where None is 50, 10 and 50.
    gain, read_noise : float, optional
        Image units per photo-electron and standard deviation of the read-out noise, for "richardson_lucy".
    boundary : str
        What lies outside the frame; see `restore.observation.boundary`.
    mask : bool array, optional
        True where samples are unknown: scratched, dead, clipped or NaN. Shape of the image, or of one channel. They are
        solved for like the data outside the frame.
    channel_axis : int, optional
        Axis of the colour channels; one filter serves them all.
    callback : callable, optional
        Called by the iterative methods with the share of the work that is done, up to 1. What it raises passes.

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
    The linear filters take two FFTs of the extended grid besides those of the boundary, one to three for a rule, and
    some tiles of at most 512 samples along each axis for the estimate of noise and spectrum; the others see their own
    functions. The diagnosis takes a blur, and a fit of the spectrum per neighbour of the PSF.

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
    one_of(method, tuple(METHODS), "method")
    unusual = None if isinstance(operator, str) and operator == "laplacian" else operator
    _refuse_foreign(
        method,
        nsr=nsr,
        regularization=regularization,
        noise_var=noise_var,
        operator=unusual,
        rule=rule,
        strength=strength,
        iterations=iterations,
        gain=gain,
        read_noise=read_noise or None,
    )
    check_ratio(nsr)
    check_strength(regularization, noise_var, rule)
    extra = as_nonnegative(extra_noise_var, "extra_noise_var")
    asked = Asked(
        nsr=nsr,
        regularization=regularization,
        noise_var=noise_var,
        operator=operator,
        rule=rule,
        strength=None if strength is None else as_nonnegative(strength, "strength"),
        iterations=iterations,
        gain=None if gain is None else as_positive(gain, "gain"),
        read_noise=as_nonnegative(read_noise, "read_noise"),
        callback=callback,
    )
    if asked.read_noise > 0 and gain is None:
        raise ValueError(f"gain must be given with read_noise, got read_noise {read_noise} alone")
    observation = observe(image, psf, boundary, channel_axis, mask, extra)
    found = METHODS[method].work(observation, asked)
    if found.choice is not None and found.choice.at_edge and method != "wiener":
        warnings.warn(_at_edge(found.choice), StrengthWarning, stacklevel=2)
    return Restoration(
        image=found.image,
        psf=observation.psf,
        method=method,
        parameter=found.parameter,
        rule=found.rule,
        noise_sigma=found.noise_sigma,
        boundary=observation.boundary,
        iterations=found.iterations,
        choice=found.choice,
        diagnosis=diagnose(observation, found.image, found.gain),
    )


def _at_edge(choice: StrengthChoice) -> str:
    low, high = choice.feasible
    reached = f"the mean squared residual can lie between {low:.3g} and {high:.3g}"
    asked = "" if choice.noise_var is None else f", the noise variance is {choice.noise_var:.3g}"
    return f"rule {choice.rule!r} ended at the edge of its search, regularization {choice.value:.3g}: {reached}{asked}"


def _refuse_foreign(method: str, **arguments: Any) -> None:
    for name, value in arguments.items():
        if value is not None and name not in METHODS[method].own:
            raise ValueError(f"{name} does not belong to method {method!r}, got {value!r}")
