"""The kernel between the edges of a drawing and the edges of a blurred picture, by least squares.

    min_k sum_d |k * d e - d g|^2 + rho |k|^2,   d = difference down, difference to the right,

over kernels of size x size samples, e the edge picture, g the blurred one. Nothing wraps around, so the matrix of the
normal equations holds the autocorrelation of the edges at the difference of two places in the kernel: two FFTs of
the picture give it, and conjugate gradients go on with FFTs of twice the kernel.

Reference: S. Cho and S. Lee, Fast motion deblurring, ACM Trans. Graph. 28, 2009, section 4 (gradients as the data of
the kernel, conjugate gradients with FFTs, thresholds that keep edges of every direction).
"""

from __future__ import annotations

import numpy as np
from scipy import fft

from restore.checks import Array
from restore.operators.differences import Gradient

#: rho, for a picture whose range is 1.
RIDGE = 2.0
#: Steps of the conjugate gradients, from a flat kernel.
SOLVER_STEPS = 20
#: They end when the squared residual is this share of the data's.
PRECISION = 1e-10
#: Directions of gradient that are told apart, and how many samples of each there are per sample of the kernel's edge.
DIRECTIONS = 4
EDGES_PER_SIZE = 20


def edge_threshold(edges: Gradient, size: int) -> float:
    """Return the gradient that enough samples exceed in every direction that the picture has."""
    down, right = edges
    magnitude = np.hypot(down, right)
    sector = np.minimum((np.arctan2(down, right) % np.pi) / (np.pi / DIRECTIONS), DIRECTIONS - 1).astype(int)
    count = EDGES_PER_SIZE * size
    levels = []
    for direction in range(DIRECTIONS):
        magnitudes = magnitude[sector == direction]
        if magnitudes.size:
            rank = max(magnitudes.size - 1 - count, 0)
            levels.append(float(np.partition(magnitudes, rank)[rank]))
    return min(levels)


def strong(edges: Gradient, threshold: float) -> Gradient:
    """Return the gradients with those up to `threshold` set to 0."""
    above = edges[0] ** 2 + edges[1] ** 2 > threshold**2
    return edges[0] * above, edges[1] * above


class KernelFit:
    """The fits of kernels of one size to the edges of one blurred picture."""

    def __init__(self, blurred: Gradient, size: int, unusable: Array | None = None) -> None:
        """Take the gradients of the blurred picture and the places whose edges say nothing of the kernel."""
        shape = blurred[0].shape
        self._size = size
        self._grid = [int(fft.next_fast_len(n + size, real=True)) for n in shape]
        self._usable = np.zeros(shape, bool)
        self._usable[1:-1, 1:-1] = True
        if unusable is not None:
            self._usable &= ~unusable
        self._spectra = [fft.rfft2(g, self._grid) for g in blurred]

    def kernel(self, edges: Gradient) -> Array:
        """Return the least-squares kernel; it may be negative and has any sum. Without edges there is none: zeros."""
        spectra = [fft.rfft2(edge * self._usable, self._grid) for edge in edges]
        power = sum(s.real**2 + s.imag**2 for s in spectra)
        product = sum(np.conj(s) * g for s, g in zip(spectra, self._spectra, strict=True))
        size, half = self._size, self._size // 2
        lags = _around_zero(fft.irfft2(power, self._grid), size - 1)
        if lags[size - 1, size - 1] <= 0:
            return np.zeros((size, size))
        return _solution(lags, _around_zero(fft.irfft2(product, self._grid), half))


def _around_zero(correlation: Array, reach: int) -> Array:
    """Return the lags up to `reach` of a circular correlation, lag 0 in the middle."""
    rows, columns = (np.arange(-reach, reach + 1) % n for n in correlation.shape)
    return correlation[np.ix_(rows, columns)].astype(np.float64)


def _solution(lags: Array, rhs: Array) -> Array:
    """Solve (Toeplitz matrix of `lags` + rho) kernel = rhs by conjugate gradients from a flat kernel."""
    size = rhs.shape[0]
    grid = [int(fft.next_fast_len(2 * size - 1, real=True))] * 2
    spectrum = fft.rfft2(np.fft.ifftshift(np.pad(lags, [(grid[0] // 2 - size + 1, (grid[0] + 1) // 2 - size)] * 2)))

    def normal(kernel: Array) -> Array:
        return fft.irfft2(spectrum * fft.rfft2(kernel, grid), grid)[:size, :size] + RIDGE * kernel

    kernel = np.full(rhs.shape, 1 / rhs.size)
    residual = rhs - normal(kernel)
    direction, energy = residual, float(np.sum(residual * residual))
    tolerance = PRECISION * float(np.sum(rhs * rhs))
    for _ in range(SOLVER_STEPS):
        if energy <= tolerance:
            break
        image = normal(direction)
        length = energy / float(np.sum(direction * image))
        kernel = kernel + length * direction
        residual = residual - length * image
        previous, energy = energy, float(np.sum(residual * residual))
        direction = residual + energy / previous * direction
    return kernel
