"""A filter with a given strength needs little beside its input and its output, an iteration few arrays of its grid."""

import tracemalloc

import numpy as np
import pytest
from scipy import fft

from restore import constrained_least_squares, psf, richardson_lucy, wiener

FILTERS = {
    "least squares": lambda g, **k: constrained_least_squares(g, psf.disk(6), regularization=0.01, **k),
    "wiener": lambda g, **k: wiener(g, psf.disk(6), nsr=0.01, **k),
}


@pytest.mark.parametrize("operation", FILTERS.values(), ids=FILTERS)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize(("shape", "channel_axis"), [((1500, 1600), None), ((900, 1000, 3), -1)], ids=["gray", "RGB"])
def test_extra_memory_is_at_most_two_and_a_half_pictures(operation, dtype, shape, channel_axis):
    image = np.random.default_rng(0).random(shape, dtype)
    operation(image[:64, :64], boundary="periodic", channel_axis=channel_axis)  # plans and imports
    tracemalloc.start()
    try:
        operation(image, boundary="periodic", channel_axis=channel_axis)
        extra = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert extra <= 2.5 * image.nbytes


@pytest.mark.parametrize(("boundary", "arrays"), [("periodic", 8.5), ("unknown", 10.5)])
def test_a_voxel_of_richardson_lucy_takes_few_numbers(boundary, arrays):
    """Of the volume, and of half a PSF around it where light there is found too."""
    volume, kernel = np.random.default_rng(0).random((40, 70, 70), np.float32), psf.gaussian((3, 3, 3))
    half = 0 if boundary == "periodic" else kernel.shape[0] // 2
    room = np.prod([fft.next_fast_len(n + 2 * half, real=True) for n in volume.shape])
    richardson_lucy(volume[:30, :30, :30], kernel, iterations=2, boundary=boundary)  # plans and imports
    tracemalloc.start()
    try:
        richardson_lucy(volume, kernel, iterations=3, boundary=boundary)
        extra = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert extra <= arrays * volume.itemsize * room


def test_a_start_takes_no_memory_beside_the_estimate():
    """The same level everywhere, as a tile gets it, in float64 beside data of float32."""
    volume, kernel = np.random.default_rng(0).random((40, 70, 70), np.float32), psf.gaussian((3, 3, 3))
    words, peaks = {"iterations": 3, "acceleration": False}, []
    richardson_lucy(volume[:30, :30, :30], kernel, **words)  # plans and imports
    for start in (None, np.full((1, 1, 1), 0.5)):
        tracemalloc.start()
        try:
            richardson_lucy(volume, kernel, start=start, **words)
            peaks.append(tracemalloc.get_traced_memory()[1])
        finally:
            tracemalloc.stop()
    room = np.prod([fft.next_fast_len(n + 2 * (kernel.shape[0] // 2), real=True) for n in volume.shape])
    assert peaks[1] - peaks[0] <= 0.3 * volume.itemsize * room
