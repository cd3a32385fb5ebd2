"""The box: pixel binning, or a uniform average."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from restore.checks import Array, per_axis
from restore.psf.family import Family, Parameter, register
from restore.psf.raster import outer, pixels_to_each_side


def box(size: float | Sequence[float]) -> Array:
    """Return h(x) = 1 / prod(size) inside a centred box, the share of each pixel that it covers.

    Parameters
    ----------
    size : float or sequence of float, > 0
        Edge lengths in pixels; one number gives a 2-D square, a sequence one length per axis. An even length such as
        4 is centred by half-weighted ends (1/2, 1, 1, 1, 1/2), never moved by half a pixel.

    Returns
    -------
    psf : float64 array, odd sizes, sum 1

    Raises
    ------
    TypeError
        `size` is not a number.
    ValueError
        `size` is not finite and > 0.

    Notes
    -----
    Pixel binning, or a uniform average. The classic 9 x 9 uniform blur is ``box(9)``.

    References
    ----------
    R. C. Gonzalez and R. E. Woods, Digital Image Processing, 4th ed., 2018, section 3.5.

    Examples
    --------
    >>> from restore import psf
    >>> psf.box((1, 4))
    array([[0.125, 0.25 , 0.25 , 0.25 , 0.125]])
    """
    return outer([_profile(s) for s in per_axis(size, "size")])


def _profile(size: float) -> Array:
    half = pixels_to_each_side(size / 2 - 0.5, "size")
    x = np.abs(np.arange(-half, half + 1))
    return np.clip(size / 2 - x + 0.5, 0, 1)


register(Family(name="box", draw=box, parameters=(Parameter("size", "px"),)))
