"""Photon noise with read-out noise: its level in a picture, and the transform that makes it white.

A detector that counts photo-electrons records g = gain p + n, p ~ Poisson(light / gain), n ~ N(0, read_noise^2): the
variance is gain light + read_noise^2, larger where it is brighter. `estimate_poisson_gauss` finds both numbers;
`anscombe` makes every method for white noise fit such data, `inverse_anscombe` undoes it without bias.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy import ndimage, optimize, sparse, special

from restore.checks import Array, InvalidValue, as_image, as_mask, as_nonnegative, as_positive
from restore.noise.white import second_differences
from restore.operators.unit import Unit

#: Samples in a block, the share of the blocks of any brightness taken for flat, and what that quantile of the block
#: energies is in units of the variance (white noise in one, two and three dimensions).
BLOCK = 64
FLAT_SHARE = 0.05
FLAT_ENERGY = (0.640, 0.555, 0.499)
#: Blocks looked at, and rounds of the fit: each weighs them by the variance that the one before found.
MOST_BLOCKS = 4096
ROUNDS = 3
#: Mean counts up to which the inverse is tabulated; beyond, its limit is exact to 1e-4. Points of the table and of the
#: integral over the read-out noise, and the reach of the latter in standard deviations.
TABULATED = 60.0
POINTS, NODES, REACH = 400, 2001, 8.0
#: Read-out noise in electrons whose square is still a number.
MOST_ELECTRONS = 1e100


def estimate_poisson_gauss(
    image: ArrayLike, *, channel_axis: int | None = None, mask: ArrayLike | None = None
) -> tuple[float | Array, float | Array]:
    """Return gain and read noise of a picture whose noise variance is gain light + read_noise^2.

    The line that lies above 5 % of the blocks of 64 samples at any brightness, in the plane of their mean and of the
    energy of their second differences, divided by what that quantile is for white noise: texture lies above the line.

    Parameters
    ----------
    image : (H, W), (H, W, C) or n-D float array
        Any unit; its zero must be that of the light (subtract the detector's offset).
    channel_axis : int, optional
        Axis of the colour channels.
    mask : bool array, optional
        True where samples are not to be looked at. Shape of the image, or of one channel.

    Returns
    -------
    gain : float, or float64 array with one entry per channel
        Image units per photo-electron; 0 where the noise is the same in the light and in the dark.
    read_noise : float, or float64 array with one entry per channel
        Standard deviation in the dark, image units.

    Raises
    ------
    TypeError
        The image is not float32 or float64, or the mask not bool.
    ValueError
        The image is empty or not finite, or the mask of the wrong shape.

    See Also
    --------
    estimate_noise : one level for the whole picture.

    Notes
    -----
    No FFT, three linear programs of at most 4096 blocks. Like every estimate from flat places it is best on blurred
    pictures: on photographs of 256 x 256 samples under a Gaussian or a disk the gain is found within 3 % (16 % at
    worst), the mean variance within 7 %; motion leaves texture across it, and up to 30 % too much. A picture of one
    brightness does not tell the two apart. Clipped lights look free of noise: mask them.

    References
    ----------
    A. Foi, M. Trimeche, V. Katkovnik and K. Egiazarian, Practical Poissonian-Gaussian noise modeling and fitting for
    single-image raw-data, IEEE Trans. Image Process. 17, 2008 (the model); R. Koenker and G. Bassett, Regression
    quantiles, Econometrica 46, 1978 (the fit).

    Examples
    --------
    >>> import numpy as np
    >>> from restore import degrade, estimate_poisson_gauss, psf
    >>> light = np.linspace(0, 1, 256) * np.ones((256, 1))
    >>> g = degrade(light, psf.gaussian(1.5), photons=200, noise_sigma=0.02, rng=0)
    >>> gain, read_noise = estimate_poisson_gauss(g)
    >>> round(1 / gain, -1), round(read_noise, 2)
    (200.0, 0.02)
    """
    picture = as_image(image, channel_axis=channel_axis)
    hidden = None if mask is None else as_mask(mask, np.shape(image), channel_axis)
    unit = Unit.of(picture)
    picture = unit.inside(picture)
    if channel_axis is None:
        gain, read_noise = _gain_and_read_noise(picture, None if hidden is None else hidden[..., 0])
        return unit.outside(gain), unit.outside(read_noise)
    planes = range(picture.shape[-1])
    levels = [_gain_and_read_noise(picture[..., c], None if hidden is None else hidden[..., c]) for c in planes]
    gains, read_noises = unit.outside(np.array(levels)).T
    return gains, read_noises


def _gain_and_read_noise(plane: Array, hidden: Array | None) -> tuple[float, float]:
    means, energies = _blocks(plane, hidden)
    if not means.size:
        return 0.0, 0.0
    light = max(float(np.abs(means).mean()), float(np.finfo(np.float64).tiny))
    level = max(float(np.median(energies)), float(np.finfo(np.float64).tiny))
    slope, offset = 0.0, 1.0
    for _ in range(ROUNDS):
        weights = 1 / np.maximum(slope * means / light + offset, 1e-2)
        slope, offset = _quantile_line(means / light, energies / level, weights)
    return slope * level / light, float(np.sqrt(offset * level))


def _blocks(plane: Array, hidden: Array | None) -> tuple[Array, Array]:
    """Return means of blocks and their energies of second differences, in units of the variance of white noise."""
    difference, axes = second_differences(plane)
    if not axes:
        return np.empty(0), np.empty(0)
    inside = tuple(slice(1, -1) if axis in axes else slice(None) for axis in range(plane.ndim))
    edge = max(1, round(BLOCK ** (1 / len(axes))))
    unseen = np.zeros(1) if hidden is None else _block_means(hidden[inside], edge)
    mean, energy = _block_means(plane[inside], edge), _block_means(difference**2, edge)
    used = (unseen == 0) & (energy > 0)
    mean, energy = mean[used], energy[used] / FLAT_ENERGY[min(len(axes), 3) - 1]
    chosen = np.linspace(0, mean.size - 1, min(mean.size, MOST_BLOCKS)).round().astype(int)
    return mean[chosen], energy[chosen]


def _block_means(values: Array, edge: int) -> Array:
    sizes = [min(edge, n) for n in values.shape]
    middles = tuple(slice(k // 2, n - (k - 1) // 2, k) for n, k in zip(values.shape, sizes, strict=True))
    return np.asarray(ndimage.uniform_filter(values.astype(np.float64), sizes)[middles])


def _quantile_line(x: Array, y: Array, weights: Array) -> tuple[float, float]:
    """Return slope and offset, both >= 0, of the line above a share of the points.

    min sum_i w_i (q u_i + (1 - q) v_i)  with  slope x_i + offset + u_i - v_i = y_i,  u, v >= 0.
    """
    count = x.size
    cost = np.concatenate([[0, 0], FLAT_SHARE * weights, (1 - FLAT_SHARE) * weights])
    eye = sparse.identity(count)
    lines = sparse.hstack([sparse.csr_array(np.stack([x, np.ones(count)], axis=1)), eye, -eye], format="csr")
    solution = optimize.linprog(cost / count, A_eq=lines, b_eq=y, method="highs")
    if solution.x is None:  # of numbers too far apart for the solver: one level for all
        return 0.0, float(np.quantile(y, FLAT_SHARE))
    return float(solution.x[0]), float(solution.x[1])


def anscombe(image: ArrayLike, *, gain: float, read_noise: float = 0.0) -> Array:
    """Return z = (2 / gain) sqrt(gain g + 3/8 gain^2 + read_noise^2), whose noise has variance 1 wherever there is
    light.

    Parameters
    ----------
    image : float array of any shape
        Counts g with photon noise, zero where there is no light. What makes the root negative is taken for 0.
    gain : float, > 0
        Image units per photo-electron.
    read_noise : float, >= 0
        Standard deviation of the read-out noise, image units.

    Returns
    -------
    stabilized : array of the image's shape and dtype
        In standard deviations of the noise.

    Raises
    ------
    TypeError, ValueError
        The image is not float32 or float64, or not finite; a number outside its interval.

    See Also
    --------
    inverse_anscombe : the way back; the algebraic inverse is biased where there are few photons.

    Notes
    -----
    No FFT. The variance is 1 within 5 % from 4 photo-electrons or a read noise of 2 on, less below. What was
    blurred is not blurred by the same PSF any more, except where it is smooth: this is for denoising and for showing;
    deconvolve by `richardson_lucy`.

    References
    ----------
    F. J. Anscombe, The transformation of Poisson, binomial and negative-binomial data, Biometrika 35, 1948; F. Murtagh,
    J.-L. Starck and A. Bijaoui, Image restoration with noise suppression using a multiresolution support, Astron.
    Astrophys. Suppl. Ser. 112, 1995.

    Examples
    --------
    >>> import numpy as np
    >>> from restore import anscombe
    >>> counts = np.random.default_rng(0).poisson(30, 100000).astype(float)
    >>> round(float(np.var(anscombe(counts, gain=1.0))), 2)
    1.0
    """
    picture = as_image(image)
    step, spread = as_positive(gain, "gain"), as_nonnegative(read_noise, "read_noise")
    unit = Unit.of(picture, step, spread)
    picture, step, spread = unit.inside(picture), unit.inside(step), unit.inside(spread)
    with np.errstate(over="ignore", divide="ignore", invalid="ignore"):
        stabilized = np.divide(2, step) * np.sqrt(np.maximum(step * picture + (3 / 8 * step**2 + spread**2), 0))
        stabilized = stabilized.astype(picture.dtype)
    if not np.isfinite(stabilized).all():
        raise InvalidValue(f"gain must be so large that {picture.dtype} holds picture and noise over it, got {gain}")
    return stabilized


def inverse_anscombe(stabilized: ArrayLike, *, gain: float, read_noise: float = 0.0) -> Array:
    """Return the light y whose transform has the mean E[anscombe(g) | y] = z: the exact unbiased inverse.

    Parameters
    ----------
    stabilized : float array of any shape
        A denoised z, as an estimate of the mean of `anscombe` of the picture.
    gain : float, > 0
        Image units per photo-electron, as in `anscombe`.
    read_noise : float, >= 0
        Standard deviation of the read-out noise, image units, as in `anscombe`.

    Returns
    -------
    light : array of the same shape and dtype, >= 0
        0 for what lies below the mean of the transform in the dark.

    Raises
    ------
    TypeError, ValueError
        As `anscombe`.

    See Also
    --------
    anscombe : the transform.

    Notes
    -----
    No FFT. Up to 60 photo-electrons the mean is summed over the Poisson distribution and integrated over the read-out
    noise in a table; beyond, the inverse is z^2 / 4 - 1/8 - (read_noise / gain)^2 in photo-electrons.

    References
    ----------
    M. Makitalo and A. Foi, Optimal inversion of the generalized Anscombe transformation for Poisson-Gaussian noise,
    IEEE Trans. Image Process. 22, 2013.

    Examples
    --------
    >>> import numpy as np
    >>> from restore import anscombe, inverse_anscombe
    >>> counts = np.random.default_rng(0).poisson(0.5, 100000).astype(float)
    >>> mean = np.mean(anscombe(counts, gain=1.0), keepdims=True)
    >>> round(float(inverse_anscombe(mean, gain=1.0)[0]), 2)
    0.5
    """
    values = as_image(stabilized, "stabilized")
    unit = as_positive(gain, "gain")
    spread = as_nonnegative(read_noise, "read_noise") / unit
    if spread > MOST_ELECTRONS:
        raise InvalidValue(
            f"read_noise must be at most {MOST_ELECTRONS:g} times gain, got {read_noise} and gain {gain}"
        )
    light = np.concatenate([[0], np.geomspace(1e-4, TABULATED, POINTS)])
    means = _mean_of_transform(light, spread)
    with np.errstate(over="ignore"):
        squares = np.square(np.maximum(values, 0), dtype=np.float64)  # almost linear in the light: interpolated
        estimate = np.interp(squares, means**2, light)
        estimate = np.where(values > means[-1], squares / 4 - 1 / 8 - spread**2, estimate)
        result = (unit * estimate).astype(values.dtype)
    if not np.isfinite(result).all():
        raise InvalidValue(
            f"stabilized must be the root of light that {values.dtype} holds, got {values.max():.6g} and gain {gain:g}"
        )
    return result


def _mean_of_transform(light: Array, spread: float) -> Array:
    """Return E[2 sqrt(max(p + n + 3/8 + s^2, 0))], p ~ Poisson(light), n ~ N(0, s^2), in counts."""
    counts = np.arange(int(light[-1] + 10 * np.sqrt(light[-1])) + 1)
    nodes = np.linspace(-REACH, REACH, NODES)
    density = np.exp(-(nodes**2) / 2)
    roots = 2 * np.sqrt(np.maximum(counts[:, None] + spread * nodes + 3 / 8 + spread**2, 0))
    by_count = roots @ (density / density.sum())
    chance = np.exp(special.xlogy(counts, light[:, None]) - light[:, None] - special.gammaln(counts + 1))
    return np.asarray(chance @ by_count)
