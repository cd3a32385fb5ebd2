"""How much noise is in a picture whose blur is not known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from restore.checks import Array, as_image, as_mask, as_nonnegative
from restore.noise.constant_areas import constant_areas
from restore.operators.unit import Unit

#: Share of the blocks that are taken for flat, and what that quantile of the block energies is in units of the variance
#: (white noise, blocks of 256 samples).
FLAT_SHARE = 0.02
FLAT_ENERGY = 0.712
#: Median of |x| for a standard normal x.
NORMAL_MEDIAN = 0.6744897501960817
#: Share of a block's samples that must be known for the block to count.
KNOWN_SHARE = 0.5
#: Samples looked at for the rounding step.
LATTICE_SAMPLES = 1 << 18
#: Samples of a channel that show enough, and the rows of a band of them.
LOOKED_AT, BAND = 1 << 21, 128


def estimate_noise(
    image: ArrayLike, *, channel_axis: int | None = None, mask: ArrayLike | None = None
) -> float | Array:
    """Return the standard deviation of white noise in a picture: the energy of second differences in its flattest
    places.

    sigma^2 is the 2 % quantile, over blocks of 256 samples, of the mean squared second difference (scaled so that
    white noise gives 1), but at most the squared median absolute Haar detail / 0.6745, and at least the rounding
    noise of the samples.

    Parameters
    ----------
    image : (H, W), (H, W, C) or n-D float array
        Any unit; the result has the same. Axes need 3 samples or more to count.
    channel_axis : int, optional
        Axis of the colour channels.
    mask : bool array, optional
        True where samples are not to be looked at. Shape of the image, or of one channel. Areas of exactly equal
        samples, which no noise leaves, are not looked at in any case.

    Returns
    -------
    sigma : float, or float64 array with one entry per channel

    Raises
    ------
    TypeError
        The image is not float32 or float64, or the mask not bool.
    ValueError
        The image is empty or not finite, or the mask of the wrong shape.

    Notes
    -----
    No FFT. Blur makes a picture flat where the noise stays, so the estimate is best on blurred pictures (0.1 dB
    typical) and high on sharp ones that are textured everywhere. JPEG smooths noise away: there the result is what is
    left of it.

    References
    ----------
    D. L. Donoho, De-noising by soft-thresholding, IEEE Trans. Inf. Theory 41, 1995 (the median rule);
    S. Pyatykh et al. and others use quantiles of block energies in the same way.

    Examples
    --------
    >>> import numpy as np
    >>> from restore import estimate_noise
    >>> ramp = np.linspace(0, 1, 256) + np.random.default_rng(0).normal(0, 0.05, (256, 256))
    >>> round(float(estimate_noise(ramp)), 2)
    0.05
    """
    picture = as_image(image, channel_axis=channel_axis)
    hidden = None if mask is None else as_mask(mask, np.shape(image), channel_axis)
    unit = Unit.of(picture)
    picture = unit.inside(picture)
    if channel_axis is None:
        return unit.outside(float(np.sqrt(noise_level(picture[..., None], hidden).variance)))
    return unit.outside(np.asarray(np.sqrt(noise_level(picture, hidden).variances)))


@dataclass(frozen=True, eq=False)
class NoiseLevel:
    """What every channel of a picture shows of its noise: variances in image units squared, one entry per channel.

    `flat` is what the flattest places show, `median` what the median Haar detail says, `rounding` the least that the
    codes of the samples allow, and `spread` how unlike each other the flattest places are.
    """

    flat: Array
    median: Array
    rounding: Array
    spread: Array

    @property
    def variances(self) -> Array:
        """Return sigma^2 of every channel."""
        return np.maximum(np.minimum(self.median, self.flat), self.rounding)

    @property
    def variance(self) -> float:
        """Return the mean of sigma^2 over the channels."""
        return float(np.mean(self.variances))

    @property
    def sigma(self) -> float:
        """Return the root of the mean of sigma^2 over the channels."""
        return float(np.sqrt(self.variance))


def noise_level(picture: Array, hidden: Array | None = None) -> NoiseLevel:
    """Return what a picture with its channels last shows of its noise where it is neither hidden nor constant."""
    return noise_levels(picture, hidden)[0]


def noise_levels(picture: Array, hidden: Array | None = None) -> list[NoiseLevel]:
    """Return what a picture shows of its noise beside areas of exactly equal samples, and what with them, if any.

    Which of both is right a sample does not tell: light may be cut off there, or the picture be free of noise.
    """
    picture = _bands(picture)
    unseen = np.zeros(picture.shape, bool) if hidden is None else _bands(hidden)
    areas = [constant_areas(picture[..., c]) for c in range(picture.shape[-1])]
    with_them = _level(picture, unseen)
    if all(area is None for area in areas):
        return [with_them]
    constant = np.stack([np.zeros(picture.shape[:-1], bool) if area is None else area for area in areas], axis=-1)
    return [_level(picture, unseen | constant), with_them]


def _bands(picture: Array) -> Array:
    """Return a large picture's rows in bands from top to bottom, as many as show enough; a small one whole."""
    rows = len(picture)
    shares = picture.size // picture.shape[-1] // LOOKED_AT
    if picture.ndim < 3 or shares < 2 or rows < 2 * shares * BAND:
        return picture
    starts = np.linspace(0, rows - BAND, rows // (shares * BAND)).astype(int)
    return np.concatenate([picture[start : start + BAND] for start in starts])


def _level(picture: Array, unseen: Array) -> NoiseLevel:
    planes = [_of_plane(picture[..., c], unseen[..., c]) for c in range(picture.shape[-1])]
    return NoiseLevel(*(np.array(values) for values in zip(*planes, strict=True)))


def _of_plane(plane: Array, unseen: Array) -> tuple[float, float, float, float]:
    known = ~unseen if unseen.any() and not unseen.all() else None
    flat, spread = flat_places(plane, known)
    return flat, median_variance(plane, known), rounding_variance(plane, known), spread


def noise_variance(plane: Array) -> float:
    """Return sigma^2 of one channel."""
    return noise_level(plane[..., None]).variance


def flat_places(plane: Array, known: Array | None = None) -> tuple[float, float]:
    """Return the variance that the flattest places show, and how much they differ.

    The first is the 2 % quantile of the block energies of the separable second difference [1, -2, 1]. The second is the
    ratio of the 10 % to the 2 % quantile, about 1.14 for white noise: much more says that not even the flattest blocks
    hold noise alone.
    """
    low, high = np.quantile(_block_energies(plane, known), [FLAT_SHARE, 5 * FLAT_SHARE])
    return float(low) / FLAT_ENERGY, float(high / low) if low > 0 else 1.0


def second_differences(plane: Array) -> tuple[Array, list[int]]:
    """Return the separable second difference [1, -2, 1] / sqrt(6), which keeps the variance of white noise.

    The axes come with it: those of fewer than 3 samples are left as they are.
    """
    difference = np.asarray(plane, np.float64)
    axes = [axis for axis, n in enumerate(plane.shape) if n >= 3]
    for axis in axes:
        difference = np.diff(difference, 2, axis) / np.sqrt(6)
    return difference, axes


def _block_energies(plane: Array, known: Array | None) -> Array:
    difference, axes = second_differences(plane)
    if not axes:
        return np.zeros(1)
    energy = difference**2
    if known is None:
        return _in_blocks(energy, axes)
    for axis in axes:
        known = _pairs(_pairs(known, axis), axis)
    share = _in_blocks(known.astype(np.float64), axes)
    whole = share >= KNOWN_SHARE
    if not whole.any():  # small places: all of them together
        return np.array([energy[known].mean() if known.any() else 0.0])
    return np.asarray(_in_blocks(energy * known, axes)[whole] / share[whole])


def _pairs(known: Array, axis: int, step: int = 1) -> Array:
    """Return where two neighbours along an axis are known, of every pair or of one in `step`."""
    moved = np.moveaxis(known, axis, 0)
    return np.moveaxis(moved[:-1:step] & moved[1::step], 0, axis)


def median_variance(plane: Array, known: Array | None = None) -> float:
    """Return (median |d| / 0.6745)^2 of the Haar detail d along all axes."""
    detail = np.asarray(plane, np.float64)
    usable = np.ones(plane.shape, bool) if known is None else known
    for axis, n in enumerate(plane.shape):
        if n >= 2:
            pairs = np.moveaxis(detail, axis, 0)[: n - n % 2]
            detail = np.moveaxis((pairs[::2] - pairs[1::2]) / np.sqrt(2), 0, axis)
            usable = _pairs(usable, axis, step=2)
    chosen = detail[usable] if known is not None and usable.any() else detail
    return float(np.median(np.abs(chosen)) / NORMAL_MEDIAN) ** 2


def rounding_variance(plane: Array, known: Array | None = None) -> float:
    """Return the mean of q^2 / 12 over the samples, q the step between neighbouring codes; 0 for data without codes.

    The step may vary, as it does when 8-bit samples were decoded from a gamma curve.
    """
    shown = plane.ravel() if known is None else plane[known]
    samples = shown[:: max(1, shown.size // LATTICE_SAMPLES)]
    codes, counts = np.unique(samples, return_counts=True)
    if codes.size < 2 or 4 * codes.size > samples.size:
        return 0.0
    steps = np.diff(codes.astype(np.float64))
    around = (np.append(steps, steps[-1]) + np.insert(steps, 0, steps[0])) / 2
    return float((counts * np.minimum(around, 2 * np.median(steps)) ** 2).sum() / (12 * samples.size))


def type_rounding(picture: Array) -> float:
    """Return the variance below which the samples' floating type cannot tell anything in a picture."""
    return (float(np.finfo(picture.dtype).eps) * max(float(picture.max()), -float(picture.min()))) ** 2


def _in_blocks(values: Array, axes: Sequence[int]) -> Array:
    """Return means over blocks of 256 samples."""
    edge = max(1, round(256 ** (1 / len(axes))))
    for axis in axes:
        values = _block_mean(values, axis, edge)
    return values


def _block_mean(values: Array, axis: int, edge: int) -> Array:
    values = np.moveaxis(values, axis, 0)
    edge = min(edge, values.shape[0])
    count = values.shape[0] // edge
    blocks = values[: count * edge].reshape(count, edge, *values.shape[1:])
    return np.moveaxis(blocks.mean(axis=1), 0, axis)


def signal_to_noise(blurred: ArrayLike, noise_sigma: float | Sequence[float]) -> float:
    """Return BSNR = 10 log10(var(h * f) / sigma^2) in dB, the blurred signal-to-noise ratio.

    Parameters
    ----------
    blurred : (H, W), (H, W, C) or n-D float array
        The blurred picture h * f, as free of noise as can be had.
    noise_sigma : float or sequence of float, >= 0
        Standard deviation of the noise in the units of `blurred`; of several, the mean variance counts.

    Returns
    -------
    bsnr : float
        In dB; infinity without noise.

    Raises
    ------
    TypeError
        `blurred` is not float32 or float64, or `noise_sigma` not a number.
    ValueError
        `blurred` is empty or not finite, or `noise_sigma` negative or not finite.

    Notes
    -----
    No FFT. Measured on a noisy picture the variance holds that of the noise too: below 20 dB the result is too high.

    References
    ----------
    M. R. Banham and A. K. Katsaggelos, Digital image restoration, IEEE Signal Process. Mag. 14 (2), 1997.

    Examples
    --------
    >>> from restore import signal_to_noise
    >>> signal_to_noise([0.0, 2.0], 0.1)
    20.0
    """
    picture = as_image(blurred)
    sigmas = np.array([as_nonnegative(sigma, "noise_sigma") for sigma in np.ravel(noise_sigma)])
    of_picture, of_noise = Unit.of(picture), Unit.of(sigmas)
    noise_var = float(np.mean(np.square(of_noise.inside(sigmas))))
    if noise_var == 0:
        return float("inf")
    with np.errstate(divide="ignore"):  # a flat picture
        ratio = 10 * np.log10(np.var(of_picture.inside(picture), dtype=np.float64) / noise_var)
    return float(ratio + 20 * np.log10(2) * (of_picture.exponent - of_noise.exponent))
