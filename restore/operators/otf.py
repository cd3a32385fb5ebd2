"""From point-spread function to optical transfer function and back: the only module that shifts an origin.

A PSF keeps its centre at index size // 2 on every axis, for odd and for even sizes. Its transfer function belongs to
the same kernel with that sample moved to index 0 of a periodic grid, so that H = 1 for a delta and a symmetric PSF
has a real H. Spectra are half spectra: n // 2 + 1 columns along the last axis, as `numpy.fft.rfftn` has them.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, DTypeLike
from scipy import fft

from restore.checks import Array, InvalidValue, as_kernel, as_nonnegative, as_shape
from restore.operators.fourier import inverse


def psf_to_otf(psf: ArrayLike, shape: Sequence[int]) -> Array:
    """Return H(u) = sum_x h(x) exp(-2 pi i u (x - c) / n), c = size // 2, the transfer function on a periodic grid.

    Parameters
    ----------
    psf : (h, w) or n-D array, real
        Impulse response in image pixels. Its sum is H(0) and is kept as it is. Any size up to `shape`.
    shape : sequence of int
        Shape of the grid, one entry per axis of `psf`.

    Returns
    -------
    otf : complex128 array, shape ``(*shape[:-1], shape[-1] // 2 + 1)``
        The half spectrum of the real kernel, origin at index 0: multiply `numpy.fft.rfftn(image)` by it to blur.

    Raises
    ------
    TypeError
        `psf` is complex or not numeric.
    ValueError
        `psf` is empty, not finite, larger than `shape` or has another number of axes.

    See Also
    --------
    otf_to_psf : the inverse.

    Notes
    -----
    Costs a quarter of an FFT of the grid in rows: only the rows that the PSF occupies are transformed along the last
    axis. An even-sized kernel has no middle sample; the centre is the one right of the middle, size // 2. SciPy's
    ``mode="same"`` takes the one left of it.

    References
    ----------
    R. C. Gonzalez and R. E. Woods, Digital Image Processing, 4th ed., 2018, section 4.6 (the shift theorem).

    Examples
    --------
    >>> import numpy as np
    >>> from restore import psf_to_otf
    >>> delta = np.zeros((3, 3))
    >>> delta[1, 1] = 1
    >>> bool(np.all(psf_to_otf(delta, (8, 8)) == 1))
    True
    """
    lengths = as_shape(shape, "shape")
    return OTF(as_kernel(psf, "psf", lengths), lengths, np.float64).full()


def otf_to_psf(otf: ArrayLike, shape: Sequence[int], psf_shape: Sequence[int]) -> Array:
    """Return h(x) = (1/N) sum_u H(u) exp(2 pi i u (x - c) / n) cut to `psf_shape`: undo `psf_to_otf`.

    Parameters
    ----------
    otf : complex array
        Half spectrum ``(*shape[:-1], shape[-1] // 2 + 1)``, or the full spectrum of shape `shape` of a real kernel.
    shape : sequence of int
        Shape of the periodic grid (the half spectrum alone does not say whether its last axis is odd or even).
    psf_shape : sequence of int
        Shape of the kernel to return, at most `shape`; samples outside it are dropped.

    Returns
    -------
    psf : float64 array of shape `psf_shape`, centre at ``size // 2``

    Raises
    ------
    ValueError
        The shapes do not fit each other.

    See Also
    --------
    psf_to_otf : the inverse.

    Notes
    -----
    One inverse FFT. Exact when the kernel fits into `psf_shape`.

    References
    ----------
    R. C. Gonzalez and R. E. Woods, Digital Image Processing, 4th ed., 2018, section 4.6.

    Examples
    --------
    >>> import numpy as np
    >>> from restore import otf_to_psf, psf_to_otf
    >>> psf = np.array([[0.1, 0.2], [0.3, 0.4]])
    >>> otf_to_psf(psf_to_otf(psf, (5, 6)), (5, 6), (2, 2)).round(12)
    array([[0.1, 0.2],
           [0.3, 0.4]])
    """
    spectrum = np.asarray(otf, dtype=np.complex128)
    shape, psf_shape = as_shape(shape, "shape"), as_shape(psf_shape, "psf_shape")
    half = (*shape[:-1], shape[-1] // 2 + 1)
    if spectrum.shape == shape != half:
        spectrum = spectrum[..., : half[-1]]
    if spectrum.shape != half:
        raise InvalidValue(f"otf must have shape {half} or {shape} for a grid of shape {shape}, got {spectrum.shape}")
    if len(psf_shape) != len(shape) or any(not 0 < k <= n for k, n in zip(psf_shape, shape, strict=True)):
        raise InvalidValue(f"psf_shape must fit into shape {shape}, got {psf_shape}")
    kernel = inverse(spectrum.copy(), shape)
    kernel = np.roll(kernel, [k // 2 for k in psf_shape], axis=range(len(shape)))
    return kernel[tuple(slice(k) for k in psf_shape)].copy()


class OTF:
    """The half spectrum H of a PSF on a grid, made a slice of columns at a time.

    Only the rows that the PSF occupies are transformed along the last axis, once; the other axes follow per slice.
    """

    def __init__(self, psf: Array, shape: Sequence[int], dtype: DTypeLike) -> None:
        self.shape = tuple(shape)
        self._rows = fft.rfft(_centre_to_origin(psf.astype(dtype), psf.ndim - 1, shape[-1]), axis=-1)

    def __call__(self, columns: slice) -> Array:
        """Return H in a slice of columns, as a fresh array."""
        block = self._rows[..., columns]
        if len(self.shape) == 1:
            return block.copy()
        for axis in reversed(range(len(self.shape) - 1)):
            block = fft.fft(_centre_to_origin(block, axis, self.shape[axis]), axis=axis, overwrite_x=True, workers=1)
        return block

    @property
    def ndim(self) -> int:
        """Return the number of axes of the grid."""
        return len(self.shape)

    def full(self) -> Array:
        """Return the whole of H."""
        return self(slice(None))


class SampledOTF(OTF):
    """H as it was sampled at every frequency."""

    def __init__(self, values: Array, shape: Sequence[int]) -> None:
        self.shape, self._values = tuple(shape), values

    def __call__(self, columns: slice) -> Array:
        """Return H in a slice of columns, as a fresh array."""
        return self._values[..., columns].copy()


class WeightedOTF(OTF):
    """H times a real weight per frequency."""

    def __init__(self, otf: OTF, weight: Array) -> None:
        self.shape, self._otf, self._weight = otf.shape, otf, weight

    def __call__(self, columns: slice) -> Array:
        """Return W H in a slice of columns, as a fresh array."""
        return np.asarray(self._otf(columns) * self._weight[..., columns])


def autocorrelation_to_spectrum(autocorrelation: ArrayLike, shape: Sequence[int]) -> Array:
    """Return the power spectrum S(u) = |DFT(r)(u)| of an autocorrelation r on a grid (Wiener-Khinchin).

    Parameters
    ----------
    autocorrelation : float or n-D array, real
        Centred: zero lag at index size // 2. Smaller arrays than the grid are continued by zeros. A number is a white
        process of that power.
    shape : sequence of int
        Shape of the grid.

    Returns
    -------
    spectrum : float64 array, shape ``(*shape[:-1], shape[-1] // 2 + 1)``
        In units of the autocorrelation; white noise of variance s^2 has the constant spectrum s^2.

    Raises
    ------
    TypeError, ValueError
        As `psf_to_otf`; a negative number.

    Notes
    -----
    One FFT of the grid.

    References
    ----------
    N. Wiener, Extrapolation, Interpolation, and Smoothing of Stationary Time Series, 1949.

    Examples
    --------
    >>> from restore import autocorrelation_to_spectrum
    >>> autocorrelation_to_spectrum(0.25, (2, 2))
    array([[0.25, 0.25],
           [0.25, 0.25]])
    """
    if np.ndim(autocorrelation) == 0:
        power = as_nonnegative(autocorrelation, "autocorrelation")  # type: ignore[arg-type]
        return np.full((*shape[:-1], shape[-1] // 2 + 1), power)
    kernel = as_kernel(autocorrelation, "autocorrelation", shape)
    return np.abs(OTF(kernel, shape, np.float64).full())


def _centre_to_origin(array: Array, axis: int, size: int) -> Array:
    """Continue `array` by zeros to `size` along `axis`, its centre sample moved to index 0 and the rest wrapped."""
    length = array.shape[axis]
    centre = length // 2
    source = np.moveaxis(array, axis, 0)
    grid = np.zeros((*array.shape[:axis], size, *array.shape[axis + 1 :]), array.dtype)
    target = np.moveaxis(grid, axis, 0)
    target[: length - centre] = source[centre:]
    target[size - centre :] = source[:centre]
    return grid
