"""Motion along a straight line at constant speed."""

from __future__ import annotations

import numpy as np

from restore.checks import Array, as_finite
from restore.psf.family import Family, Parameter, PointModel, SpectrumModel, register
from restore.psf.raster import as_length, pixels_to_each_side, unit


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
    reach = as_length(length, "length") / 2
    turn = np.deg2rad(as_finite(angle, "angle") % 180)
    steep, run, slope = _nearest_axis(reach, turn)
    half, tall = pixels_to_each_side(run - 0.5, "length"), int(np.ceil(abs(slope) * run - 1e-9))
    path = _path(np.arange(-half, half + 1), np.arange(-tall, tall + 1), run, slope)
    return unit(path.T if steep else path)


def _nearest_axis(reach: float, turn: float) -> tuple[bool, float, float]:
    """Return whether the path is steep, how far it reaches along the axis nearest to it, and its slope off that."""
    along, across = np.cos(turn), -np.sin(turn)  # rows count downwards, so up is -
    if abs(across) > abs(along):
        return True, reach * abs(across), along / across
    return False, reach * abs(along), across / along


def _path(x: Array, y: Array, reach: float, slope: float) -> Array:
    """Rasterise the segment y = slope x, |x| <= reach, |slope| <= 1, at any places of the grid: rows y, columns x.

    Exact lengths along x, a linear share across.
    """
    start, stop = np.clip(x - 0.5, -reach, reach), np.clip(x + 0.5, -reach, reach)
    share = _mean_tent(slope * start - y[:, None], slope * stop - y[:, None])
    return np.asarray(np.maximum(share, 0) * (stop - start))


def _mean_tent(a: Array, b: Array) -> Array:
    """Mean of the tent max(1 - |t|, 0) for t from a to b."""

    def integral(t: Array) -> Array:
        t = np.clip(t, -1, 1)
        return t - t * np.abs(t) / 2

    width = b - a
    flat = np.abs(width) < 1e-9
    mean = (integral(b) - integral(a)) / np.where(flat, 1, width)
    return np.where(flat, np.maximum(1 - np.abs((a + b) / 2), 0), mean)


def _power_along(x: Array) -> Array:
    return np.asarray(np.sinc(x) ** 2)


def _power(u: Array, v: Array, length: float, angle: float) -> Array:
    """Return |H|^2 of a path whose light is shared between the two nearest pixels across it, as `motion` draws it.

    H = sum_k w_k sinc(L s_k) with s_k along the path at v + k (at u + k for steep paths) and w_k ~ sinc^2(v + k): the
    copies that sampling makes. Near the axes they overlap, and without them angles would be drawn towards the axes.
    """
    steep = abs(np.sin(angle)) > abs(np.cos(angle))
    across, shift = (u, np.cos(angle)) if steep else (v, -np.sin(angle))
    along = u * np.cos(angle) - v * np.sin(angle)
    total, weights = np.zeros_like(along), np.zeros_like(along)
    for k in (-1, 0, 1):
        weight = np.sinc(across + k) ** 2
        total += weight * np.sinc(length * (along + k * shift))
        weights += weight
    return np.asarray((total / weights) ** 2)


def _point(rows: Array, columns: Array, theta: Array) -> Array:
    steep, run, slope = _nearest_axis(float(np.exp(theta[0])) / 2, float(theta[1]))
    return _path(rows, columns, run, slope).T if steep else _path(columns, rows, run, slope)


def _point_start(covariance: Array) -> list[float]:
    values, vectors = np.linalg.eigh(covariance)
    y, x = vectors[:, -1]
    return [float(np.log(np.sqrt(12 * values[-1]))), float(np.arctan2(-y, x))]


def _point_parameters(theta: Array) -> Array:
    return np.array([np.exp(theta[0]), np.rad2deg(theta[1]) % 180])


register(
    Family(
        name="motion",
        draw=motion,
        parameters=(Parameter("length", "px"), Parameter("angle", "deg")),
        spectrum=SpectrumModel(smallest=1.5, largest=80.0, visible=3.0, extent=1.0, profile=_power_along, power=_power),
        point=PointModel(values=_point, start=_point_start, parameters=_point_parameters),
    )
)
