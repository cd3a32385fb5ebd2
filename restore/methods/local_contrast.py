"""Flat and noisy ground as it was, detail as it was restored: a blend by local contrast."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy import ndimage

from restore.checks import Array, InvalidValue, as_image, as_mask, as_nonnegative, channels_last, laid_out
from restore.operators.unit import Unit

#: Standard deviation of the window of the local contrast, in samples, and where it ends.
WINDOW, TRUNCATE = 2.0, 3.0


def blend_by_contrast(
    image: ArrayLike,
    restored: ArrayLike,
    *,
    noise_sigma: float,
    threshold: float = 1.0,
    mask: ArrayLike | None = None,
    channel_axis: int | None = None,
) -> Array:
    """Return an image where it is flat and its restoration where it is not.

    b = g + w (f - g),    w = Q / (Q + (threshold noise_sigma)^2),    Q = max(v - noise_sigma^2, 0),

    v being the variance of g in a small Gaussian window (2 samples), the mean of all channels, which share w. Where a
    picture holds nothing but noise, a restoration has nothing to give but that noise made larger, and ringing. What a
    blur left hardly any contrast of is left as it is too: detail is lost with it.

    Parameters
    ----------
    image : (H, W), (H, W, C) or n-D float array
        Observed picture g.
    restored : array of the same shape
        Its restoration f.
    noise_sigma : float, >= 0
        Standard deviation of the noise in g, `Restoration.noise_sigma` of what `deconvolve` returns.
    threshold : float, >= 0
        Contrast beyond that of the noise at which both count alike, in units of the noise. 0 returns f.
    mask : bool array, optional
        True where g is unknown: there f stands. Shape of the image, or of one channel.
    channel_axis : int, optional
        Axis of the colour channels.

    Returns
    -------
    blended : array of the image's shape and dtype

    Raises
    ------
    TypeError, ValueError
        Arrays that are no images, of other shapes, or hold NaN or infinity; a negative number.

    Notes
    -----
    Two Gaussian filters of each channel.

    References
    ----------
    J.-S. Lee, Digital image enhancement and noise filtering by use of local statistics, IEEE Trans. Pattern Anal. Mach.
    Intell. 2, 1980, for w.

    Examples
    --------
    >>> import numpy as np
    >>> from restore import blend_by_contrast, deconvolve, degrade, psf
    >>> f = np.zeros((64, 64))
    >>> f[:, 32:] = 1
    >>> g = degrade(f, psf.disk(2), noise_sigma=0.02, rng=0)
    >>> sharp = deconvolve(g, psf.disk(2), method="wiener", smoothness=0.1)
    >>> b = blend_by_contrast(g, sharp.image, noise_sigma=sharp.noise_sigma)
    >>> bool(b[:, :20].std() < 0.5 * sharp.image[:, :20].std())
    True
    """
    observed, estimate = (as_image(array, name) for array, name in ((image, "image"), (restored, "restored")))
    if estimate.shape != observed.shape:
        raise InvalidValue(f"restored must have the shape {observed.shape} of the image, got {estimate.shape}")
    sigma, factor = as_nonnegative(noise_sigma, "noise_sigma"), as_nonnegative(threshold, "threshold")
    g, f = (channels_last(array, channel_axis) for array in (observed, estimate.astype(observed.dtype, copy=False)))
    if mask is not None:
        g = np.where(as_mask(mask, observed.shape, channel_axis), f, g)
    unit = Unit.of(g)
    weight = _weight(unit.inside(g), unit.inside(sigma), factor)
    return laid_out(np.asarray(g + weight[..., None] * (f - g)), channel_axis)


def _weight(image: Array, sigma: float, threshold: float) -> Array:
    """Return how much the restoration of an image with its channels last counts."""
    excess = np.maximum(_local_variance(image).mean(axis=-1) - sigma**2, 0)
    limit = (threshold * sigma) ** 2
    return np.ones_like(excess) if limit == 0 else np.asarray(excess / (excess + limit))


def _local_variance(image: Array) -> Array:
    window = {"sigma": WINDOW, "truncate": TRUNCATE, "axes": tuple(range(image.ndim - 1)), "mode": "nearest"}
    rest = image - ndimage.gaussian_filter(image, **window)
    return np.asarray(ndimage.gaussian_filter(rest**2, **window))
