"""PSFs with an edge: disk, line and box, by the share of each pixel that they cover."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from restore.checks import Array, as_finite, as_positive, per_axis
from restore.psf.raster import mean_tent, outer, unit


def disk(radius: float) -> Array:
    """Return h(x) = 1 / (pi r^2) for |x| <= r, the share of each pixel that the circle covers.

    Parameters
    ----------
    radius : float, > 0
        Radius of the circle of confusion in pixels. A larger value blurs more.

    Returns
    -------
    psf : float64 array, odd square, sum 1

    Raises
    ------
    TypeError
        `radius` is not a number.
    ValueError
        `radius` is not finite and > 0.

    Notes
    -----
    Geometric defocus of a lens with a round, fully open aperture. Its transfer function 2 J1(z) / z has rings of
    zeros, which no linear filter can bring back.

    References
    ----------
    J. W. Goodman, Introduction to Fourier Optics, 3rd ed., 2005, section 6.4.4.

    Examples
    --------
    >>> from restore import psf
    >>> psf.disk(1.0).round(3)
    array([[0.025, 0.145, 0.025],
           [0.145, 0.318, 0.145],
           [0.025, 0.145, 0.025]])
    """
    r = as_positive(radius, "radius")
    half = int(np.ceil(r - 0.5))
    x = np.arange(-half, half + 1)
    # Exact overlap with each pixel along x, averaged over fine lines in y, one of them through the centre.
    lines = (np.arange(129) + 0.5) / 129 - 0.5
    y = x[:, None] + lines
    chord = np.sqrt(np.maximum(r**2 - y**2, 0))[:, None, :]
    pixel = x[None, :, None]
    overlap = np.minimum(pixel + 0.5, chord) - np.maximum(pixel - 0.5, -chord)
    return unit(np.maximum(overlap, 0).mean(axis=-1))


def motion(length: float, angle: float = 0.0) -> Array:
    """Return the trace of a point moved at constant speed along a straight line of `length` pixels.

    Parameters
    ----------
    length : float, > 0
        Length of the path in pixels. Up to 1 the point stays within its pixel.
    angle : float
        Direction in degrees, counter-clockwise from +x as seen on the screen; angle and angle + 180 are the same.

    Returns
    -------
    psf : float64 array, odd sizes, sum 1

    Raises
    ------
    TypeError
        An argument is not a number.
    ValueError
        `length` is not finite and > 0, or `angle` is not finite.

    Notes
    -----
    Along the axis nearest to the path each pixel gets the exact length of path inside it; across, the path is shared
    between the two nearest pixels by distance. So ``motion(9)`` is nine equal samples, and a degree or a tenth of a
    pixel matters. The transfer function is about sinc(L (u cos a + v sin a)).

    References
    ----------
    R. C. Gonzalez and R. E. Woods, Digital Image Processing, 4th ed., 2018, eq. 5-77.

    Examples
    --------
    >>> from restore import psf
    >>> psf.motion(5, 0).shape, psf.motion(5, 90).shape
    ((1, 5), (5, 1))
    >>> psf.motion(4, 10).round(2)
    array([[0.  , 0.  , 0.01, 0.04, 0.04],
           [0.08, 0.21, 0.24, 0.21, 0.08],
           [0.04, 0.04, 0.01, 0.  , 0.  ]])
    """
    reach = as_positive(length, "length") / 2
    turn = np.deg2rad(as_finite(angle, "angle") % 180)
    along, across = np.cos(turn), -np.sin(turn)  # rows count downwards, so up is -
    if abs(across) > abs(along):
        return unit(_line(reach * abs(across), along / across).T)
    return unit(_line(reach * abs(along), across / along))


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
    return outer([_box_profile(s) for s in per_axis(size, "size")])


def _box_profile(size: float) -> Array:
    half = int(np.ceil(size / 2 - 0.5))
    x = np.abs(np.arange(-half, half + 1))
    return np.clip(size / 2 - x + 0.5, 0, 1)


def _line(reach: float, slope: float) -> Array:
    """Rasterise the segment y = slope x, |x| <= reach, |slope| <= 1: exact lengths along x, a linear share across."""
    half = int(np.ceil(reach - 0.5))
    columns = np.arange(-half, half + 1)
    start = np.clip(columns - 0.5, -reach, reach)
    stop = np.clip(columns + 0.5, -reach, reach)
    tall = int(np.ceil(abs(slope) * reach - 1e-9))
    rows = np.arange(-tall, tall + 1)[:, None]
    share = mean_tent(slope * start - rows, slope * stop - rows)
    return np.maximum(share, 0) * (stop - start)
