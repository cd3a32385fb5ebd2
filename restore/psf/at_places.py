"""PSFs at places of a picture, checked and made into one that changes over it."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from restore.checks import InvalidValue, as_psf, as_real, require_finite
from restore.psf.varying import PsfGrid


def grid(psfs: ArrayLike, positions: ArrayLike) -> PsfGrid:
    """Return a PSF that changes over the picture, from PSFs at places: g = sum_i h_i * (w_i f), sum_i w_i = 1.

    Parameters
    ----------
    psfs : (K, h, w) or (K, d, h, w) array, real
        PSFs of one shape, each of sum 1 and centred at size // 2: measured from stars or beads, or computed.
    positions : (K, 2) or (K, 3) array
        Where each was: row and column, of a volume plane, row and column, in samples from the first. Any places; of
        crossings of rows and columns no PSF is blurred with its neighbours. Places outside of the picture are allowed.

    Returns
    -------
    varying : PsfGrid
        Goes as the PSF to `restore.deconvolve`, `restore.blur` and `restore.degrade`. ``varying.at((y, x))`` is the PSF
        of a place and ``varying.mean`` that of all.

    Raises
    ------
    TypeError, ValueError
        PSFs that are not real, finite or do not sum to 1; positions of another number, at one place or not finite.

    Notes
    -----
    Every sample of f spreads by the PSF of its own place. The windows w_i are those of linear interpolation, so that
    PSFs which change linearly are met exactly, and a sum over windows takes FFTs of the size of a window: about four
    times as many samples as the picture has, beside the rims of PSF size.

    References
    ----------
    M. Hirsch, S. Sra, B. Schoelkopf and S. Harmeling, Efficient filter flow for space-variant multiframe blind
    deconvolution, CVPR 2010, eq. 4; L. Denis, E. Thiebaut, F. Soulez, J.-M. Becker and R. Mourya, Fast approximations
    of shift-variant blur, Int. J. Comput. Vision 115, 2015 (interpolated PSFs).

    Examples
    --------
    >>> import numpy as np
    >>> import restore
    >>> h = [restore.psf.gaussian(sigma, truncate=6 / sigma) for sigma in (1, 2)]
    >>> varying = restore.psf.grid(h, [(32, 0), (32, 63)])
    >>> f = np.zeros((64, 64))
    >>> f[32, [0, 63]] = 1
    >>> g = restore.blur(f, varying, boundary="zero")
    >>> round(float(g[32, 0] / g[32, 63]))
    4
    """
    stack, places = as_real(psfs, "psfs"), as_real(positions, "positions")
    if stack.ndim not in (3, 4) or len(stack) == 0:
        raise InvalidValue(f"psfs must have shape (K, h, w) or (K, d, h, w), got {stack.shape}")
    if places.shape != (len(stack), stack.ndim - 1):
        raise InvalidValue(f"positions must have shape {(len(stack), stack.ndim - 1)}, got {places.shape}")
    require_finite(places, "positions")
    if len(np.unique(places, axis=0)) < len(places):
        raise InvalidValue("positions must differ from each other: average the PSFs of one place first")
    for number, psf in enumerate(stack):
        try:
            as_psf(psf, psf.shape)
        except InvalidValue as error:
            raise InvalidValue(f"psfs[{number}]: {error}") from error
    return PsfGrid(stack, places)
