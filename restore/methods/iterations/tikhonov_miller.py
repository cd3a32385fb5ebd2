"""The iterative constrained Tikhonov-Miller restoration: constrained least squares that stays positive."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from restore.checks import Array, as_count
from restore.methods.iterations.steps import adjoint, repeated
from restore.methods.linear.constrained_least_squares import ConstrainedLeastSquaresSettings, find_multiplier
from restore.methods.method import Method, Outcome, Strength, register, restored
from restore.observation.observation import Observation, observe
from restore.operators.fourier import filtered
from restore.operators.penalty import roughness
from restore.operators.progress import Progress, silent

#: Steps, where none are asked for.
COUNT = 50


@dataclass(frozen=True, eq=False)
class TikhonovMillerSettings(ConstrainedLeastSquaresSettings):
    """The arguments of `tikhonov_miller`; None where the data decide, and for the usual count."""

    iterations: int | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.iterations is not None:
            as_count(self.iterations, "iterations")


def tikhonov_miller(
    image: ArrayLike,
    psf: ArrayLike,
    *,
    regularization: float,
    iterations: int = COUNT,
    operator: str = "laplacian",
    boundary: str = "unknown",
    mask: ArrayLike | None = None,
    channel_axis: int | None = None,
) -> Array:
    """Return f >= 0 near argmin |g - h * f|^2 + regularization |p * f|^2, the iterative constrained Tikhonov-Miller
    restoration.

    Parameters
    ----------
    image, psf, boundary, mask, channel_axis
        As in `landweber`.
    regularization : float, >= 0
        What roughness costs, as in `constrained_least_squares`. Larger: smoother.
    iterations : int, >= 1
        Steps towards the minimum; some tens reach it as far as one sees.
    operator : {"laplacian", "gradient", "identity"}
        What is charged, p.

    Returns
    -------
    estimate : array of the image's shape and dtype, >= 0, not clipped above

    Raises
    ------
    TypeError, ValueError
        As `landweber`; an unknown operator.

    See Also
    --------
    constrained_least_squares : the same without f >= 0, in one step, with rules for the multiplier.

    Notes
    -----
    Four FFTs an iteration, besides those of the boundary. Steepest descent with the exact length of a step for the
    quadratic, along the samples that are free to move, then cut at 0.

    References
    ----------
    H. T. M. van der Voort and K. C. Strasters, Restoration of confocal images for quantitative image analysis, J.
    Microsc. 178, 1995; G. M. P. van Kempen et al., A quantitative comparison of image restoration methods for confocal
    microscopy, J. Microsc. 185, 1997.

    Examples
    --------
    >>> import numpy as np
    >>> from restore import degrade, psf, tikhonov_miller
    >>> f = np.zeros((32, 32))
    >>> f[12:20, 12:20] = 1
    >>> g = degrade(f, psf.disk(2), noise_sigma=0.01, rng=0)
    >>> found = tikhonov_miller(g, psf.disk(2), regularization=1e-3)
    >>> bool(found.min() >= 0), bool(np.mean((found - f) ** 2) < 0.5 * np.mean((g - f) ** 2))
    (True, True)
    """
    settings = TikhonovMillerSettings(
        iterations=as_count(iterations, "iterations"), regularization=regularization, operator=operator
    )
    return restored(solve, observe(image, psf, boundary, channel_axis, mask), settings)


def solve(observation: Observation, settings: TikhonovMillerSettings, progress: Progress = silent) -> Outcome:
    """Take some steps towards the constrained minimum."""
    ndim, penalty = len(observation.grid), roughness(settings.operator, observation.grid, observation.dtype)
    multiplier, count = find_multiplier(observation, penalty, settings), settings.iterations or COUNT
    fidelity = 1 / max(multiplier.value, 1)  # the equations are divided by the larger weight: none leaves the type
    smoothness = multiplier.value * fidelity
    rhs = fidelity * filtered(observation.data, ndim, adjoint(observation))

    def normal(columns: slice) -> Array:
        return fidelity * np.abs(observation.otf(columns)) ** 2 + smoothness * penalty(columns)

    def descend(estimate: Array) -> Array:
        slope = rhs - filtered(estimate, ndim, normal)
        slope[(estimate <= 0) & (slope < 0)] = 0
        curvature = float(np.vdot(slope, filtered(slope, ndim, normal)))
        length = float(np.vdot(slope, slope)) / curvature if curvature > 0 else 0.0
        return np.maximum(estimate + length * slope, 0)

    estimate = repeated(descend, np.maximum(observation.data, 0), count, progress)
    return Outcome(
        image=observation.framed(estimate),
        strength=multiplier.value,
        rule=multiplier.rule,
        noise_sigma=multiplier.noise_sigma,
        fits_noise=multiplier.choice is not None,
        iterations=count,
        choice=multiplier.choice,
    )


register(
    Method(
        name="tikhonov_miller",
        label="Tikhonov-Miller iteration",
        strength=Strength(argument="regularization", name="regularization", symbol="lambda", meaning="regularization"),
        settings=TikhonovMillerSettings,
        solve=solve,
        effort=7.0,
    )
)
