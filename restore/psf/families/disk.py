"""The disk: defocus of a lens with a round aperture."""

from __future__ import annotations

import numpy as np
from scipy import special

from restore.checks import Array
from restore.psf.family import EdgeModel, Family, Parameter, PointModel, SpectrumModel, register
from restore.psf.raster import PIXEL_VARIANCE, as_length, by_rows, mean_deviation, pixels_to_each_side, unit

#: Lines per pixel of the drawing, and of the fit to a point; an odd number has one through the centre.
LINES = 129
POINT_LINES = 65


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
    r = as_length(radius, "radius")
    half = pixels_to_each_side(r - 0.5, "radius")
    x = np.arange(-half, half + 1)
    lines = (np.arange(LINES) + 0.5) / LINES - 0.5
    return unit(by_rows(x[:, None] + lines, LINES * x.size, lambda rows: _overlap(rows, x, r)))


def _overlap(lines: Array, columns: Array, radius: float) -> Array:
    """Return the circle's share of each pixel: exact along x, averaged over fine lines in y, a row of `lines` each."""
    chord = np.sqrt(np.maximum(radius**2 - lines**2, 0))[:, None, :]
    x = columns[None, :, None]
    overlap = np.minimum(x + 0.5, chord) - np.maximum(x - 0.5, -chord)
    return np.asarray(np.maximum(overlap, 0).mean(axis=-1))


def _power(x: Array) -> Array:
    z = 2 * np.pi * np.maximum(x, 1e-6)
    return np.asarray((2 * special.j1(z) / z) ** 2)


def _point(rows: Array, columns: Array, theta: Array) -> Array:
    lines = rows[:, None] + (np.arange(POINT_LINES) + 0.5) / POINT_LINES - 0.5
    return _overlap(lines, columns, float(np.exp(theta[0])))


def _edge(d: Array, radius: float) -> Array:
    """Return the edge under a disk, averaged over the pixels of the sharp edge and of the disk (Gauss-Hermite)."""
    spread = np.sqrt(2 * PIXEL_VARIANCE)
    nodes, weights = np.sqrt(3.0) * np.array([-1, 0, 1]), np.array([1, 4, 1]) / 6
    total = np.zeros_like(d)
    for node, weight in zip(nodes, weights, strict=True):
        t = np.clip((d - spread * node) / radius, -1, 1)
        total += weight * (0.5 + (t * np.sqrt(1 - t**2) + np.arcsin(t)) / np.pi)
    return total


register(
    Family(
        name="disk",
        draw=disk,
        parameters=(Parameter("radius", "px"),),
        spectrum=SpectrumModel(smallest=0.5, largest=20.0, visible=1.0, extent=2.0, profile=_power),
        point=PointModel(values=_point, start=lambda c: [float(np.log(2 * mean_deviation(c)))], parameters=np.exp),
        edge=EdgeModel(profile=_edge, per_deviation=2.0, sharp=0.6),
    )
)
