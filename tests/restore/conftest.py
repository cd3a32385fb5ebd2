"""Scenes of every shape a PSF may take, oracles that share no code with the package, and bundled pictures."""

from types import SimpleNamespace

import numpy as np
import pytest
from skimage import data

#: Shapes of picture and PSF; a PSF of even size has its centre right of the middle.
SHAPES = {
    "square": ((16, 16), (3, 3)),
    "non-square": ((15, 18), (3, 7)),
    "even-sized": ((16, 13), (4, 2)),
    "one row": ((12, 17), (1, 6)),
    "as large as the picture": ((8, 9), (8, 9)),
    "1-D": ((24,), (5,)),
    "1-D even": ((21,), (4,)),
    "3-D": ((6, 7, 8), (3, 2, 5)),
}


def asymmetric(shape, seed=3):
    """A PSF without any symmetry, most of its light in the centre, so that its transfer function has no zero."""
    kernel = np.random.default_rng(seed).random(shape)
    kernel *= 0.4 / kernel.sum()
    kernel[tuple(n // 2 for n in shape)] += 0.6
    return kernel


def convolution_matrix(psf, shape):
    """C of circular convolution, written out: C[x, (x - (y - centre)) mod n] = h[y]."""
    index = np.arange(np.prod(shape)).reshape(shape)
    matrix = np.zeros((index.size, index.size))
    for x in np.ndindex(*shape):
        for y in np.ndindex(*psf.shape):
            source = tuple((a - (b - k // 2)) % n for a, b, k, n in zip(x, y, psf.shape, shape, strict=True))
            matrix[index[x], index[source]] += psf[y]
    return matrix


def rolled_otf(psf, shape):
    """Pad at the end, roll the centre to the origin, transform all of it."""
    padded = np.pad(psf, [(0, n - k) for n, k in zip(shape, psf.shape, strict=True)])
    return np.fft.fftn(np.roll(padded, [-(k // 2) for k in psf.shape], range(psf.ndim)))


def laplacian_power(shape):
    """|P|^2 of the 2n + 1 point Laplacian from its samples."""
    kernel = np.zeros((3,) * len(shape))
    kernel[(1,) * len(shape)] = 2 * len(shape)
    for axis in range(len(shape)):
        for side in (0, 2):
            kernel[tuple(side if a == axis else 1 for a in range(len(shape)))] = -1
    return np.abs(rolled_otf(kernel, shape)) ** 2


def decibel(error):
    return -10 * np.log10(np.mean(np.square(error)))


@pytest.fixture
def oracle():
    return SimpleNamespace(
        asymmetric=asymmetric,
        convolution_matrix=convolution_matrix,
        otf=rolled_otf,
        laplacian_power=laplacian_power,
        decibel=decibel,
    )


@pytest.fixture(params=SHAPES.values(), ids=SHAPES)
def scene(request):
    """A random picture, an asymmetric PSF and its full transfer function."""
    shape, size = request.param
    image, psf = np.random.default_rng(11).random(shape), asymmetric(size)
    return SimpleNamespace(image=image, psf=psf, shape=shape, otf=rolled_otf(psf, shape))


@pytest.fixture(scope="session")
def pictures():
    """Gray pictures in [0, 1] that come with scikit-image."""
    names = ("camera", "coins", "moon", "brick")
    return {name: getattr(data, name)() / 255 for name in names}
