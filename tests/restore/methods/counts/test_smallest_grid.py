"""Beside an unknown border light is looked for as far as the data see it, and no farther: by a mask in a wide field."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy import fft

from restore import psf, richardson_lucy
from restore.methods.counts.detector import Detector
from restore.observation.observation import observe

KERNELS = {
    "motion": psf.motion(9, 30),
    "odd and even": np.random.default_rng(1).random((4, 7)),
    "volume": psf.gaussian((0.6, 0.9, 0.9)),
}
KERNELS = {name: kernel / kernel.sum() for name, kernel in KERNELS.items()}


@pytest.mark.parametrize("words", [{}, {"damping": 2.0, "gain": 1.0}, {"background": 1.5}, {"target": 2.5}], ids=str)
@pytest.mark.parametrize("name", KERNELS)
def test_nothing_is_lost_by_the_smallest_grid(name, words):
    """The same picture in the middle of a field wider by four PSFs, all of which is masked, on a circle."""
    kernel = KERNELS[name]
    shape = (26, 31) if kernel.ndim == 2 else (8, 13, 15)
    observed = np.random.default_rng(0).poisson(20, shape) * 1.0
    width = [(2 * k, 2 * k) for k in kernel.shape]
    middle = tuple(slice(a, a + n) for (a, _), n in zip(width, shape, strict=True))
    mask = np.ones([n + a + b for n, (a, b) in zip(shape, width, strict=True)], bool)
    mask[middle] = False
    wide = richardson_lucy(np.pad(observed, width), kernel, mask=mask, boundary="periodic", iterations=15, **words)
    alone = richardson_lucy(observed, kernel, boundary="unknown", iterations=15, **words)
    assert_allclose(alone, wide[middle], rtol=1e-9, atol=1e-9 * alone.max())


def test_the_grid_is_the_frame_and_half_a_psf_around():
    kernel = psf.gaussian((4, 3, 3))
    image = np.ones((36, 40, 41))
    detector = Detector(observe(image, kernel, "unknown", None), kernel)
    for n, k, grid, wide in zip(image.shape, kernel.shape, detector.grid, detector.observation.grid, strict=True):
        assert grid == fft.next_fast_len(n + 2 * (k // 2), real=True)
        assert grid < wide
