"""Three iterations older than Richardson and Lucy's, for teaching: what each of them climbs, and where it must stop.

All three lessen the misfit between h * f and g step by step. Fine detail comes late, and noise with it: the count of
the first two, and the multiplier of the third, say how much of either.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike

from restore.checks import Array, as_count, as_nonnegative, as_positive
from restore.methods.differences.difference_prior import Progress
from restore.observation.observation import Observation, observe
from restore.operators.fourier import Gain, filtered
from restore.operators.penalty import roughness

#: Steps, where none are asked for; Van Cittert's, who amplifies noise at once.
COUNT, FEW = 50, 10


def landweber(
    image: ArrayLike,
    psf: ArrayLike,
    *,
    iterations: int = COUNT,
    step: float = 1.0,
    boundary: str = "unknown",
    mask: ArrayLike | None = None,
    channel_axis: int | None = None,
) -> Array:
    """Return f after some steps f <- f + step H'(g - h * f) from f = 0: steepest descent on |g - h * f|^2 / 2.

    Parameters
    ----------
    image : (H, W), (H, W, C) or n-D float array
        Observed picture g, any unit and range. Not modified.
    psf : array with the image's spatial axes
        Impulse response h, sum 1, centre at size // 2.
    iterations : int, >= 1
        More: sharper and noisier. k steps pass the share 1 - (1 - step ``|H|^2``)^k of the inverse filter.
    step : float in (0, 2)
        Larger: fewer iterations. From 2 / max ``|H|^2`` on, 2 for a PSF that is nowhere negative, it runs away.
    boundary : str
        What lies outside the frame; see `restore.observation.boundary`.
    mask : bool array, optional
        True where samples are unknown. Shape of the image, or of one channel.
    channel_axis : int, optional
        Axis of the colour channels; each is restored alike.

    Returns
    -------
    estimate : array of the image's shape and dtype, not clipped

    Raises
    ------
    TypeError
        The image is not float32 or float64, or the PSF not real.
    ValueError
        An argument is out of range, not finite or of the wrong shape, or the PSF does not sum to 1.

    See Also
    --------
    wiener : chooses the share of every frequency by its noise, in one step.
    richardson_lucy : the like for counted photons.

    Notes
    -----
    Four FFTs an iteration, besides those of the boundary. Linear and without a prior.

    References
    ----------
    L. Landweber, An iteration formula for Fredholm integral equations of the first kind, Am. J. Math. 73, 1951.

    Examples
    --------
    >>> import numpy as np
    >>> from restore import blur, landweber, psf
    >>> f = np.zeros((32, 32))
    >>> f[12:20, 12:20] = 1
    >>> g = blur(f, psf.disk(2), boundary="periodic")
    >>> errors = [np.mean((landweber(g, psf.disk(2), iterations=k) - f) ** 2) for k in (1, 10, 100)]
    >>> errors == sorted(errors, reverse=True)
    True
    """
    count, length = as_count(iterations, "iterations"), _as_step(step)
    return restored_by_landweber(observe(image, psf, boundary, channel_axis, mask), count, length)


def van_cittert(
    image: ArrayLike,
    psf: ArrayLike,
    *,
    iterations: int = FEW,
    step: float = 1.0,
    boundary: str = "unknown",
    mask: ArrayLike | None = None,
    channel_axis: int | None = None,
) -> Array:
    """Return f after some steps f <- f + step (g - h * f) from f = g, the oldest iteration of all.

    Parameters
    ----------
    image, psf, boundary, mask, channel_axis
        As in `landweber`.
    iterations : int, >= 1
        More: sharper and noisier. k steps pass the share 1 - (1 - step H)^(k + 1) of the inverse filter, step 1.
    step : float in (0, 2)
        Larger: fewer iterations.

    Returns
    -------
    estimate : array of the image's shape and dtype, not clipped

    Raises
    ------
    TypeError, ValueError
        As `landweber`.

    See Also
    --------
    landweber : correlates the misfit with h first, and so converges for every PSF.

    Notes
    -----
    Two FFTs an iteration, besides those of the boundary. Converges only where ``|1 - step H| < 1``: for a Gaussian, H
    being positive. For a disk or a motion H turns negative, and what it reverses grows without bound.

    References
    ----------
    P. H. van Cittert, Zum Einfluss der Spaltbreite auf die Intensitaetsverteilung in Spektrallinien, Z. Phys. 69, 1931.

    Examples
    --------
    >>> import numpy as np
    >>> from restore import blur, psf, van_cittert
    >>> f = np.zeros((32, 32))
    >>> f[12:20, 12:20] = 1
    >>> g = blur(f, psf.gaussian(1), boundary="periodic")
    >>> bool(np.mean((van_cittert(g, psf.gaussian(1)) - f) ** 2) < 0.5 * np.mean((g - f) ** 2))
    True
    """
    count, length = as_count(iterations, "iterations"), _as_step(step)
    return restored_by_van_cittert(observe(image, psf, boundary, channel_axis, mask), count, length)


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
    count, weight = as_count(iterations, "iterations"), as_nonnegative(regularization, "regularization")
    seen = observe(image, psf, boundary, channel_axis, mask)
    return restored_by_tikhonov_miller(seen, weight, count, operator)


def restored_by_landweber(
    seen: Observation, count: int = COUNT, length: float = 1.0, callback: Progress | None = None
) -> Array:
    """Return the frame after some steps of steepest descent on the misfit."""

    def descend(estimate: Array) -> Array:
        misfit = seen.data - filtered(estimate, len(seen.grid), seen.otf)
        return estimate + length * filtered(misfit, len(seen.grid), _adjoint(seen))

    return _iterated(seen, np.zeros_like(seen.data), descend, count, callback)


def restored_by_van_cittert(
    seen: Observation, count: int = FEW, length: float = 1.0, callback: Progress | None = None
) -> Array:
    """Return the frame after some steps that add the misfit itself."""

    def correct(estimate: Array) -> Array:
        return estimate + length * (seen.data - filtered(estimate, len(seen.grid), seen.otf))

    return _iterated(seen, seen.data, correct, count, callback)


def restored_by_tikhonov_miller(
    seen: Observation,
    weight: float,
    count: int = COUNT,
    operator: str | ArrayLike = "laplacian",
    callback: Progress | None = None,
) -> Array:
    """Return the frame after some steps towards the constrained minimum."""
    ndim, penalty = len(seen.grid), roughness(operator, seen.grid, seen.dtype)
    wanted = filtered(seen.data, ndim, _adjoint(seen))

    def normal(columns: slice) -> Array:
        return np.abs(seen.otf(columns)) ** 2 + weight * penalty(columns)

    def descend(estimate: Array) -> Array:
        slope = wanted - filtered(estimate, ndim, normal)
        slope[(estimate <= 0) & (slope < 0)] = 0
        curved = float(np.vdot(slope, filtered(slope, ndim, normal)))
        length = float(np.vdot(slope, slope)) / curved if curved > 0 else 0.0
        return np.maximum(estimate + length * slope, 0)

    return _iterated(seen, np.maximum(seen.data, 0), descend, count, callback)


def _adjoint(seen: Observation) -> Gain:
    return lambda columns: np.conj(seen.otf(columns))


def _iterated(
    seen: Observation, start: Array, step: Callable[[Array], Array], count: int, callback: Progress | None
) -> Array:
    """Return the frame after some steps, as an image like the observed one."""
    estimate = start
    for done in range(count):
        estimate = step(estimate)
        if callback is not None:
            callback((done + 1) / count)
    image = estimate[seen.frame].copy()
    return image if seen.channel_axis is None else np.moveaxis(image, -1, seen.channel_axis)


def _as_step(step: float) -> float:
    if as_positive(step, "step") >= 2:
        raise ValueError(f"step must lie in (0, 2), got {step}")
    return float(step)
