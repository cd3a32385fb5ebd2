"""Light that ends below the top code of a file is found by its pile-up."""

import numpy as np
import pytest

from deconv.inputs.white_level import white_level


def exposed(white, step=1, noise=0.003, dtype=np.uint16):
    y, x = np.indices((96, 96))
    light = 0.2 + 0.1 * np.sin(x / 9) + 4 * np.exp(-((y - 40) ** 2 + (x - 50) ** 2) / 40)
    noisy = light + np.random.default_rng(0).normal(0, noise, light.shape) if noise else light
    return (np.rint(np.clip(noisy, 0, 1) * (white / step)) * step).astype(dtype)


@pytest.mark.parametrize(
    ("samples", "level"),
    [
        (exposed(4095), 4095),
        (exposed(65520, step=16), 65520),
        (exposed(60000), 60000),
        (exposed(235, noise=0.02, dtype=np.uint8), 235),
        (exposed(65535), 65535),
    ],
)
def test_samples_pile_up_where_light_was_cut_off(samples, level):
    assert white_level(samples, None) == level
    assert white_level(np.stack([samples] * 3, axis=-1), -1) == level


@pytest.mark.parametrize(
    "samples",
    [
        exposed(4095, noise=0),  # a drawing may hold equal samples
        np.minimum(exposed(4095), 1000 + np.random.default_rng(1).integers(0, 300, (96, 96))).astype(np.uint16),
        np.zeros((20, 20), np.uint8),
    ],
)
def test_else_the_top_code_is_white(samples):
    assert white_level(samples, None) == np.iinfo(samples.dtype).max
