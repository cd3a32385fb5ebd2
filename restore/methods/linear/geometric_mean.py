"""The geometric-mean filter, between the inverse and the Wiener filter."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from restore.checks import Array, InvalidValue, as_finite, as_nonnegative
from restore.methods.linear.wiener import given_ratio
from restore.observation.observation import observe


def geometric_mean_filter(
    image: ArrayLike,
    psf: ArrayLike,
    *,
    nsr: float | ArrayLike,
    alpha: float = 0.5,
    beta: float = 1.0,
    boundary: str = "unknown",
    mask: ArrayLike | None = None,
    channel_axis: int | None = None,
) -> Array:
    """Return F = [conj(H) / |H|^2]^alpha [conj(H) / (|H|^2 + beta K)]^(1 - alpha) G, between the inverse and the
    Wiener filter.

    Parameters
    ----------
    image, psf, boundary, mask, channel_axis
        As in `wiener`.
    nsr : float or array, >= 0
        K, as in `wiener`.
    alpha : float in [0, 1]
        1 is the inverse filter, 0 the parametric Wiener filter, 1/2 with beta = 1 spectrum equalization: the restored
        picture has the power spectrum of the model. Larger: sharper and noisier.
    beta : float, >= 0
        Factor on K: above 1 smoother than Wiener, below 1 sharper.

    Returns
    -------
    estimate : array of the image's shape and dtype, not clipped

    Raises
    ------
    TypeError, ValueError
        As `wiener`; `alpha` outside [0, 1] or `beta` negative.

    See Also
    --------
    wiener : alpha = 0, beta = 1.

    Notes
    -----
    Two FFTs of the grid besides those of the boundary.

    References
    ----------
    R. C. Gonzalez and R. E. Woods, Digital Image Processing, 4th ed., 2018, eq. 5-99.

    Examples
    --------
    >>> import numpy as np
    >>> from restore import geometric_mean_filter, psf, wiener
    >>> g, h = np.random.default_rng(0).random((16, 16)), psf.gaussian(1)
    >>> same = geometric_mean_filter(g, h, nsr=0.1, alpha=0)
    >>> bool(np.allclose(same, wiener(g, h, nsr=0.1)))
    True
    """
    if not 0 <= as_finite(alpha, "alpha") <= 1:
        raise InvalidValue(f"alpha must lie in [0, 1], got {alpha}")
    scale = as_nonnegative(beta, "beta")
    observation = observe(image, psf, boundary, channel_axis, mask)
    penalty, weight = given_ratio(observation, nsr)

    def gain(columns: slice) -> Array:
        otf = observation.otf(columns)
        power = np.abs(otf) ** 2
        denominator = power**alpha * (power + scale * weight * penalty(columns)) ** (1 - alpha)
        return np.divide(np.conj(otf), denominator, out=np.zeros_like(otf), where=denominator > 0)

    return observation.unit.result(observation.filtered(gain))
