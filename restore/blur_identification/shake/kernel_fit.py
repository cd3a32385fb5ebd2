"""The kernel between the edges of a drawing and the edges of a blurred picture, by least squares.

    min_k sum_d |M (k * d e - d g)|^2 + rho |k|^2,   d = difference down, difference to the right,

over kernels of size x size samples, e the edge picture, g the blurred one, M the samples whose blur lies wholly inside
the frame. Conjugate gradients on the normal equations; a kernel sample costs nothing but its share of a few FFTs. Then
what cannot be light is taken away: negative and faint samples and small islands.

Reference: S. Cho and S. Lee, Fast motion deblurring, ACM Trans. Graph. 28, 2009, section 4 (gradients as the data of
the kernel, conjugate gradients with FFTs, faint samples dropped, thresholds that keep edges of every direction).
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy import fft, ndimage

from restore.checks import Array
from restore.operators.differences import Gradient
from restore.operators.otf import OTF, otf_to_psf

#: rho as a share of the energy of the edges that the kernel is fitted to.
RIDGE = 0.04
#: Steps from the kernel of the round before; 6 do as well as 30.
SOLVER_STEPS = 6
#: Conjugate gradients end when the squared residual is this share of the data's.
PRECISION = 1e-10
#: Directions of gradient that are told apart, and how many samples of each there are per sample of the kernel's edge.
DIRECTIONS = 4
EDGES_PER_SIZE = 2
#: Islands with less than this share of the light are no part of a camera's path.
ISLAND = 0.1


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
    above = np.hypot(*edges) > threshold
    return edges[0] * above, edges[1] * above


def fit_kernel(edges: Gradient, blurred: Gradient, start: Array) -> Array:
    """Return the least-squares kernel of the size of `start`, a first guess; it may be negative and has any sum."""
    shape, size = edges[0].shape, start.shape[0]
    rim = size // 2 + 1
    inside = np.zeros(shape)
    inside[rim:-rim, rim:-rim] = 1
    spectra = [fft.rfft2(edge) for edge in edges]
    ridge = RIDGE * sum(float(np.vdot(edge, edge)) for edge in edges)
    if ridge == 0 and RIDGE > 0:
        return np.zeros_like(start)  # no edge, no kernel

    def correlation(images: list[Array]) -> Array:
        total = sum(np.conj(s) * fft.rfft2(inside * image) for s, image in zip(spectra, images, strict=True))
        return otf_to_psf(total, shape, (size, size))

    def normal(kernel: Array) -> Array:
        otf = OTF(kernel, shape, kernel.dtype).full()
        return correlation([fft.irfft2(s * otf, shape) for s in spectra]) + ridge * kernel

    return _conjugate_gradients(normal, correlation(list(blurred)), start)


def _conjugate_gradients(normal: Callable[[Array], Array], rhs: Array, start: Array) -> Array:
    """Return the solution of normal(kernel) = rhs after a few steps from `start`."""
    kernel = start
    residual = rhs - normal(start)
    direction, energy = residual, float(np.vdot(residual, residual))
    tolerance = PRECISION * float(np.vdot(rhs, rhs))
    for _ in range(SOLVER_STEPS):
        if energy <= tolerance:
            break
        image = normal(direction)
        length = energy / float(np.vdot(direction, image))
        kernel = kernel + length * direction
        residual = residual - length * image
        previous, energy = energy, float(np.vdot(residual, residual))
        direction = residual + energy / previous * direction
    return kernel


def cleaned(kernel: Array, faint: float) -> Array:
    """Return the kernel of sum 1 without samples below `faint` of its peak and without small islands.

    A kernel without any positive sample is none: a delta comes back.
    """
    peak = float(kernel.max())
    if peak <= 0:
        return delta(kernel.shape[0])
    path = np.where(kernel < max(faint * peak, 0), 0, kernel)
    islands, count = ndimage.label(path > 0, np.ones((3, 3)))
    light = ndimage.sum_labels(path, islands, np.arange(count + 1))
    light[0] = 0
    path = np.where((light >= ISLAND * light.sum())[islands], path, 0)
    return path / path.sum() if path.any() else delta(kernel.shape[0])


def centred(kernel: Array) -> Array:
    """Return the kernel moved by whole samples so that its centroid lies nearest to the middle.

    Blind to shifts, the fit lets a kernel wander off; what would leave the frame is lost, nothing wraps around.
    """
    middle = kernel.shape[0] // 2
    shift = -np.round(np.array(ndimage.center_of_mass(kernel)) - middle)
    if not shift.any():
        return kernel
    result = ndimage.shift(kernel, shift, order=0)
    return result / result.sum()


def enlarged(kernel: Array, size: int) -> Array:
    """Return the kernel of a coarse level on the grid of the next."""
    finer = ndimage.zoom(kernel, size / kernel.shape[0], order=3, mode="grid-constant", grid_mode=True)
    return np.maximum(finer, 0)


def delta(size: int) -> Array:
    """Return the kernel that does nothing."""
    kernel = np.zeros((size, size))
    kernel[size // 2, size // 2] = 1
    return kernel
