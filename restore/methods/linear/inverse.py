"""The plain inverse filter, which shows why a restoration must be regularized."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from restore.checks import Array, as_nonnegative, as_positive
from restore.methods.method import Method, Outcome, register, restored
from restore.observation.observation import Observation, observe
from restore.operators.fourier import Gain, frequencies
from restore.operators.progress import Progress, silent


@dataclass(frozen=True)
class InverseSettings:
    """The arguments of `inverse_filter`."""

    threshold: float = 0.0
    cutoff: float | None = None

    def __post_init__(self) -> None:
        as_nonnegative(self.threshold, "threshold")
        if self.cutoff is not None:
            as_positive(self.cutoff, "cutoff")


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
    settings = InverseSettings(threshold=threshold, cutoff=cutoff)
    return restored(solve, observe(image, psf, boundary, channel_axis, mask), settings)


def solve(observation: Observation, settings: InverseSettings, _: Progress = silent) -> Outcome:
    """Divide by H where that is allowed."""
    gain = _gain(observation, settings)
    return Outcome(image=observation.filtered(gain), strength=0.0, rule="given", gain=gain)


def _gain(observation: Observation, settings: InverseSettings) -> Gain:
    """Return 1 / H where |H| exceeds the threshold and its own rounding error, up to a radian frequency."""
    axes = frequencies(observation.grid)
    floor = max(settings.threshold, float(np.finfo(observation.dtype).eps))
    limit = np.inf if settings.cutoff is None else 2 * np.pi * settings.cutoff

    def gain(columns: slice) -> Array:
        otf = observation.otf(columns)
        divided = np.abs(otf) > floor
        if np.isfinite(limit):
            divided &= sum(w**2 for w in [*axes[:-1], axes[-1][..., columns]]) <= limit**2
        return np.divide(1, otf, out=np.zeros_like(otf), where=divided)

    return gain


register(
    Method(
        name="inverse",
        label="inverse filter",
        strength=None,
        settings=InverseSettings,
        solve=solve,
        effort=1.0,
    )
)
