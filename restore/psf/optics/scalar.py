"""Scalar PSFs of a wide-field microscope: in one medium, and through the layers between sample and lens."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from restore.checks import Array, as_nonnegative, as_positive
from restore.psf.family import Parameter
from restore.psf.optics.aperture import Aperture, as_aperture, as_wavelength, usual_reach
from restore.psf.optics.model import APERTURE, IMMERSION, WAVELENGTH, Model, register
from restore.psf.optics.voxels import voxels


@dataclass(frozen=True)
class Layers:
    """What light passes from a point to the lens: indices and thicknesses in micrometres, and those of the design."""

    NA: float
    ns: float
    ng: float
    ng0: float
    ni: float
    ni0: float
    tg: float
    tg0: float
    ti0: float
    pz: float

    @property
    def limit(self) -> float:
        """Return the share of the aperture's radius that light from the point fills."""
        indices = [self.ni, self.ni0]
        indices += [self.ng] * (self.tg > 0) + [self.ng0] * (self.tg0 > 0) + [self.ns] * (self.pz > 0)
        return min(1.0, *(index / self.NA for index in indices))

    def path(self, heights: Array) -> Callable[[Array], Array]:
        """Return W(rho, z) of every plane, less its value on the axis."""
        design = self.ti0 / self.ni0 + self.tg0 / self.ng0 - self.tg / self.ng - self.pz / self.ns
        immersion = self.ni * design - heights

        def length(rho: Array) -> Array:
            squares = (self.NA * rho) ** 2

            def along(index: float) -> Array:
                root = np.sqrt(np.maximum(index**2 - squares, 0))
                return root - index

            fixed = self.pz * along(self.ns) + self.tg * along(self.ng) - self.tg0 * along(self.ng0)
            fixed -= self.ti0 * along(self.ni0)
            return np.asarray(fixed[:, None] + np.multiply.outer(along(self.ni), immersion))

        return length


def profiles(aperture: Aperture, path: Callable[[Array], Array], radii: Array) -> Array:
    """Return the intensity (radius, plane) of a scalar wave through a uniform aperture."""
    (amplitude,) = aperture.amplitudes(radii, path, lambda rho: {0: np.ones_like(rho)})
    return np.asarray(amplitude.real**2 + amplitude.imag**2)


def born_wolf(
    shape: Sequence[int] | None = None,
    *,
    NA: float,
    wavelength: float,
    spacing: float | Sequence[float],
    ni: float = 1.515,
) -> Array:
    """Return h(r, z) = |integral_0^1 exp(i k z sqrt(ni^2 - NA^2 rho^2)) J0(k NA r rho) rho d rho|^2: one medium.

    Parameters
    ----------
    shape : sequence of int, optional
        Planes, rows and columns, or rows and columns of the plane in focus. Without it three depths of focus to each
        side, and the cone of light there.
    NA : float, > 0, below `ni`
        Numerical aperture. A larger value blurs less, least along z.
    wavelength : float
        Of the light that is seen, in vacuum, in micrometres. A larger value blurs more.
    spacing : float or sequence of float, > 0
        Edge of a voxel in micrometres: one number, one per axis (z, y, x), or of a volume (z, across).
    ni : float
        Refractive index of the medium: 1 air, 1.33 water, 1.515 oil.

    Returns
    -------
    psf : float64 array, sum 1
        Averaged over each pixel of a plane; the planes are sections without thickness. Focus lies at size // 2.

    Raises
    ------
    TypeError
        An argument is not a number.
    ValueError
        A number is not finite and > 0, `NA` is not below `ni`, `wavelength` is not in micrometres, or `shape` and
        `spacing` differ in their axes.

    Notes
    -----
    The defocus is exact, not the parabola that textbooks put in its place. The model is symmetric about the focus, as
    no real lens is; `gibson_lanni` has the aberration of a sample of another index. Above NA 1.2 `richards_wolf` is
    wider. The error against quadrature is below 1e-5 of the peak.

    References
    ----------
    M. Born and E. Wolf, Principles of Optics, 7th ed., 1999, section 8.8.1.

    Examples
    --------
    >>> from restore import psf
    >>> h = psf.born_wolf((17, 31, 31), NA=1.2, wavelength=0.52, ni=1.33, spacing=(0.3, 0.1, 0.1))
    >>> h.shape, bool(h[8, 15, 15] == h.max())
    ((17, 31, 31), True)
    """
    return gibson_lanni(
        shape, NA=NA, wavelength=wavelength, spacing=spacing, ni=ni, ni0=ni, ns=ni, ng=ni, ng0=ni, pz=0.0
    )


def gibson_lanni(
    shape: Sequence[int] | None = None,
    *,
    NA: float,
    wavelength: float,
    spacing: float | Sequence[float],
    ns: float = 1.47,
    ni: float = 1.515,
    ni0: float | None = None,
    ng: float = 1.515,
    ng0: float = 1.515,
    tg: float = 170.0,
    tg0: float = 170.0,
    ti0: float = 150.0,
    pz: float = 0.0,
) -> Array:
    """Return h(r, z) = |integral_0^a exp(i k W(rho, z)) J0(k NA r rho) rho d rho|^2: light through layers.

    W = pz q(ns) + tg q(ng) - tg0 q(ng0) + ti q(ni) - ti0 q(ni0) with q(n) = sqrt(n^2 - NA^2 rho^2).

    Parameters
    ----------
    shape : sequence of int, optional
        Planes, rows and columns, or rows and columns of the plane in focus. Without it three depths of focus to each
        side, and the cone of light there.
    NA : float, > 0, below `ni`
        Numerical aperture. A larger value blurs less and suffers more from layers that do not fit.
    wavelength : float
        Of the light that is seen, in vacuum, in micrometres. A larger value blurs more.
    spacing : float or sequence of float, > 0
        Edge of a voxel in micrometres: one number, one per axis (z, y, x), or of a volume (z, across).
    ns, ni, ng : float
        Refractive indices of the sample, the immersion and the cover glass.
    ni0, ng0 : float
        What the lens was made for; `ni0` is `ni` where it is not given.
    tg, tg0 : float
        Thickness of the cover glass in micrometres, and the one that the lens was made for.
    ti0 : float
        Working distance in micrometres. It matters only where `ni` differs from `ni0`.
    pz : float, >= 0
        Depth of the point below the cover glass in micrometres. A larger value blurs more and less evenly, unless
        `ns` is `ni`.

    Returns
    -------
    psf : float64 array, sum 1
        Averaged over each pixel of a plane; the planes are sections without thickness. At the middle plane the point
        is in focus for the rays near the axis; from plane to plane the focus moves deeper into the sample.

    Raises
    ------
    TypeError
        An argument is not a number.
    ValueError
        A number is not finite and in its range, `NA` is not below `ni`, `wavelength` is not in micrometres, or `shape`
        and `spacing` differ in their axes.

    Notes
    -----
    Where `ns` is below `NA` the rim of the aperture is dark: its rays are totally reflected (a = ns / NA). With `pz` of
    several micrometres the brightest plane is not the middle one, and restoring moves the picture along z by as much.
    One PSF holds for one depth. The error against quadrature is below 1e-5 of the peak; 129 x 129 x 65 voxels take
    about a fifth of a second.

    References
    ----------
    S. F. Gibson and F. Lanni, Experimental test of an analytical model of aberration in an oil-immersion objective lens
    used in three-dimensional light microscopy, J. Opt. Soc. Am. A 9, 1992, p. 154, eq. 5; F. Aguet et al., A
    maximum-likelihood formalism for sub-resolution axial localization of fluorescent nanoparticles, Opt. Express 13,
    2005, p. 10503 (the focus of the middle plane).

    Examples
    --------
    >>> from restore import psf
    >>> h = psf.gibson_lanni((33, 31, 31), NA=1.4, wavelength=0.52, ns=1.33, pz=2, spacing=(0.2, 0.1, 0.1))
    >>> above, below = h[:16].sum(), h[17:].sum()
    >>> bool(h[:, 15, 15].argmax() != 16), bool(abs(above - below) > 0.01)
    (True, True)
    """
    layers = Layers(
        NA=as_aperture(NA, as_positive(ni, "ni")),
        ns=as_positive(ns, "ns"),
        ng=as_positive(ng, "ng"),
        ng0=as_positive(ng0, "ng0"),
        ni=float(ni),
        ni0=float(ni) if ni0 is None else as_positive(ni0, "ni0"),
        tg=as_nonnegative(tg, "tg"),
        tg0=as_nonnegative(tg0, "tg0"),
        ti0=as_nonnegative(ti0, "ti0"),
        pz=as_nonnegative(pz, "pz"),
    )
    aperture = Aperture(layers.NA, as_wavelength(wavelength), layers.limit)
    grid = voxels(shape, spacing, usual_reach(layers.NA, aperture.wavelength, layers.ni))
    radii = grid.radii(aperture.cutoff)
    return grid.filled(radii, profiles(aperture, layers.path(grid.heights), radii), aperture.cutoff)


register(Model(name="born_wolf", draw=born_wolf, parameters=(APERTURE, WAVELENGTH, IMMERSION)))
register(
    Model(
        name="gibson_lanni",
        draw=gibson_lanni,
        parameters=(
            APERTURE,
            WAVELENGTH,
            IMMERSION,
            *(Parameter(name, "", required=False) for name in ("ni0", "ns", "ng", "ng0")),
            *(Parameter(name, "um", required=False) for name in ("tg", "tg0", "ti0", "pz")),
        ),
    )
)
