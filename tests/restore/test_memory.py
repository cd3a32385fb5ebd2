"""A filter with a given strength needs little beside its input and its output."""

import tracemalloc

import numpy as np
import pytest

from restore import constrained_least_squares, psf, wiener

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
