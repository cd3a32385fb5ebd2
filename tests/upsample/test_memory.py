"""Memory beside the output is a constant, for both forms and for conv, however large the map."""

import tracemalloc

import numpy as np
import pytest

import upsample

LAYERS = {  # input channels and size, weight, settings
    "dense, by scattering": ((96, 150, 150), (96, 8, 4, 4), {"stride": 2, "padding": 1}),
    "dense, by phases": ((16, 160, 160), (16, 16, 4, 4), {"stride": 2, "padding": 1}),
    "depthwise": ((64, 128, 128), (64, 1, 4, 4), {"stride": 2, "padding": 1, "groups": 64}),
    "large stride": ((4, 32, 32), (4, 4, 64, 64), {"stride": 32, "padding": 16}),
    "stride far beyond the kernel": ((64, 2, 2), (64, 64, 1, 2), {"stride": 100}),
    "dilation far beyond the map's blocks": ((8, 200, 200), (8, 4, 3, 3), {"dilation": 60}),
    "one long line": ((2, 200_000), (2, 2, 16), {"stride": 8}),
    "three axes": ((4, 24, 24, 24), (4, 4, 4, 4, 4), {"stride": 2}),
}


def extra(function, *arguments, **settings):
    """Return the bytes allocated at most, beside the result."""
    tracemalloc.start()
    result = function(*arguments, **settings)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak - result.nbytes, result


@pytest.mark.parametrize("name", LAYERS)
def test_extra_memory_stays_below_16_mib(name):
    shape, kernel, settings = LAYERS[name]
    rng = np.random.default_rng(0)
    x, weight = rng.standard_normal(shape, np.float32), rng.standard_normal(kernel, np.float32)
    used, y = extra(upsample.conv_transpose, x, weight, **settings)
    assert used < 16 << 20
    used, back = extra(upsample.conv, y, weight, **settings)
    assert used < 16 << 20
    assert back.shape == x.shape
