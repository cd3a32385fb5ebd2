"""Landweber's iteration: steepest descent on the misfit.

Fine detail comes late, and noise with it: the count says how much of either.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from restore.checks import Array, as_count
from restore.methods.iterations.steps import ITERATIONS, IterationSettings, adjoint, counted, repeated
from restore.methods.method import Method, Outcome, register, restored
from restore.methods.tiling import Tiling
from restore.observation.observation import Observation, observe
from restore.operators.fourier import filtered
from restore.operators.progress import Progress, silent

#: Steps, where none are asked for.
COUNT = 50


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
    settings = IterationSettings(iterations=as_count(iterations, "iterations"), step=step)
    return restored(solve, observe(image, psf, boundary, channel_axis, mask), settings)


def solve(observation: Observation, settings: IterationSettings, progress: Progress = silent) -> Outcome:
    """Take some steps of steepest descent from a black picture."""
    data, otf, ndim = observation.data, observation.otf, len(observation.grid)
    count = settings.shortened(settings.iterations or COUNT)

    def descend(estimate: Array) -> Array:
        misfit = data - filtered(estimate, ndim, otf)
        return estimate + settings.step * filtered(misfit, ndim, adjoint(observation))

    estimate = repeated(descend, np.zeros_like(data), count, progress)
    return counted(observation, estimate, count, settings.rule)


register(
    Method(
        name="landweber",
        label="Landweber iteration",
        strength=ITERATIONS,
        settings=IterationSettings,
        solve=solve,
        tiling=Tiling(arrays=13),
        effort=6.0,
    )
)
