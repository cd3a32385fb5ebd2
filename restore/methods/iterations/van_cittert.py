"""Van Cittert's iteration, the oldest of all: the misfit itself is added."""

from __future__ import annotations

from numpy.typing import ArrayLike

from restore.checks import Array, as_count
from restore.methods.iterations.steps import ITERATIONS, IterationSettings, counted, repeated
from restore.methods.method import Method, Outcome, register, restored
from restore.methods.tiling import Tiling
from restore.observation.observation import Observation, observe
from restore.operators.fourier import filtered
from restore.operators.progress import Progress, silent

#: Steps, where none are asked for: it amplifies noise at once.
FEW = 10


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
    settings = IterationSettings(iterations=as_count(iterations, "iterations"), step=step)
    return restored(solve, observe(image, psf, boundary, channel_axis, mask), settings)


def solve(observation: Observation, settings: IterationSettings, progress: Progress = silent) -> Outcome:
    """Add the misfit some times, from the data."""
    count = settings.shortened(settings.iterations or FEW)

    def correct(estimate: Array) -> Array:
        return estimate + settings.step * (
            observation.data - filtered(estimate, len(observation.grid), observation.otf)
        )

    estimate = repeated(correct, observation.data, count, progress)
    return counted(observation, estimate, count, settings.rule)


register(
    Method(
        name="van_cittert",
        label="Van Cittert iteration",
        strength=ITERATIONS,
        settings=IterationSettings,
        solve=solve,
        tiling=Tiling(arrays=10),
        effort=2.0,
    )
)
