"""The PSF of a confocal microscope: the spot of the laser, times what the pinhole sees."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy import interpolate, sparse

from restore.checks import Array, InvalidValue, as_nonnegative, as_positive
from restore.psf.family import Parameter
from restore.psf.optics.aperture import Aperture, as_aperture, as_wavelength, usual_reach
from restore.psf.optics.model import APERTURE, IMMERSION, WAVELENGTH, Model, register
from restore.psf.optics.scalar import profiles
from restore.psf.optics.voxels import DEGREE, voxels

#: Nodes along the rim of the pinhole: at least, and per radius that lies within it.
ARCS, ARCS_PER_RADIUS = 24, 0.5
#: Airy units: a wider pinhole is called infinite.
WIDEST = 100


def confocal(
    shape: Sequence[int] | None = None,
    *,
    NA: float,
    wavelength: float,
    excitation: float,
    spacing: float | Sequence[float],
    ni: float = 1.515,
    pinhole: float = 1.0,
) -> Array:
    """Return h = h_ex (h_em * pinhole): the spot of the laser, times what is seen through the pinhole.

    Parameters
    ----------
    shape : sequence of int, optional
        Planes, rows and columns, or rows and columns of the plane in focus. Without it three depths of focus to each
        side, and the cone of light there.
    NA : float, > 0, below `ni`
        Numerical aperture. A larger value blurs less.
    wavelength, excitation : float
        Of the light that is seen and of the laser, in vacuum, in micrometres. A larger value blurs more.
    spacing : float or sequence of float, > 0
        Edge of a voxel in micrometres: one number, one per axis (z, y, x), or of a volume (z, across).
    ni : float
        Refractive index of the medium: 1.33 water, 1.515 oil.
    pinhole : float, >= 0
        Diameter of the pinhole in Airy units, 1.22 wavelength / NA in the sample. A larger value blurs more; 0 is a
        point, and infinity leaves the spot of the laser alone.

    Returns
    -------
    psf : float64 array, sum 1
        Averaged over each pixel of a plane; the planes are sections without thickness. Focus lies at size // 2.

    Raises
    ------
    TypeError
        An argument is not a number.
    ValueError
        A number is not finite and > 0, `NA` is not below `ni`, a wavelength is not in micrometres, `pinhole` is
        above 100 and finite, or `shape` and `spacing` differ in their axes.

    Notes
    -----
    Both spots are those of `born_wolf`. Of a spinning disk it is the PSF as long as its pinholes lie far apart.

    References
    ----------
    T. Wilson and C. Sheppard, Theory and Practice of Scanning Optical Microscopy, 1984, chapter 3.

    Examples
    --------
    >>> from restore import psf
    >>> optics = dict(NA=1.2, ni=1.33, spacing=(0.3, 0.1, 0.1), wavelength=0.52)
    >>> wide, thin = psf.born_wolf((17, 31, 31), **optics), psf.confocal((17, 31, 31), excitation=0.488, **optics)
    >>> bool(thin[8].sum() > 2 * wide[8].sum())
    True
    """
    index = as_positive(ni, "ni")
    lens = Aperture(as_aperture(NA, index), as_wavelength(wavelength))
    laser = Aperture(lens.NA, as_wavelength(excitation, "excitation"))
    radius = _radius(pinhole) * 0.61 * lens.wavelength / lens.NA
    grid = voxels(shape, spacing, usual_reach(lens.NA, lens.wavelength, index))
    cutoff = lens.cutoff + laser.cutoff
    radii = grid.radii(cutoff)
    path = lens.path_in(index, grid.heights)
    spot = profiles(laser, path, radii)
    if np.isfinite(radius):
        places = grid.radii(lens.cutoff, radius)
        spot *= _through_pinhole(places, profiles(lens, path, places), radii, radius)
    return grid.filled(radii, spot, cutoff)


def _radius(pinhole: float) -> float:
    """Return the radius of a pinhole in Airy units, infinity for one that is as good as open."""
    if pinhole == np.inf:
        return np.inf
    if as_nonnegative(pinhole, "pinhole") > WIDEST:
        raise InvalidValue(f"pinhole must be at most {WIDEST} Airy units, or infinite, got {pinhole:g}")
    return float(pinhole)


def _through_pinhole(places: Array, profile: Array, radii: Array, pinhole: float) -> Array:
    """Return the sum of a round profile over a disk around every radius.

    Circles about the axis that lie wholly in the disk give their light; of the others, out to the distance
    r'^2 = r^2 + R^2 - 2 r R cos s, the disk holds the angle 2 atan2(R sin s, r - R cos s).
    """
    spline = interpolate.make_interp_spline(places, profile, k=DEGREE)
    if pinhole == 0:
        return np.asarray(spline(radii))
    rings = interpolate.make_interp_spline(places, profile * places[:, None], k=DEGREE).antiderivative()
    total = 2 * np.pi * (rings(np.maximum(pinhole - radii, 0)) - rings(0.0))
    nodes, weights = np.polynomial.legendre.leggauss(ARCS + int(ARCS_PER_RADIUS * min(pinhole, radii[-1]) / places[1]))
    turn = (nodes + 1) * np.pi / 2
    across, along = pinhole * np.sin(turn), radii[:, None] - pinhole * np.cos(turn)
    apart = np.hypot(across, along)
    basis = interpolate.BSpline.design_matrix(apart.ravel(), spline.t, DEGREE)
    areas = 2 * np.arctan2(across, along) * radii[:, None] * across * weights * np.pi / 2
    ends = np.arange(radii.size + 1) * nodes.size
    sums = sparse.csr_array((areas.ravel(), np.arange(areas.size), ends))
    return np.asarray(total + (sums @ basis) @ spline.c)


register(
    Model(
        name="confocal",
        draw=confocal,
        parameters=(
            APERTURE,
            WAVELENGTH,
            Parameter("excitation", "um"),
            IMMERSION,
            Parameter("pinhole", "Airy", required=False),
        ),
    )
)
