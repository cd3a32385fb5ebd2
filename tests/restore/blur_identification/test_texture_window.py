"""The window with most texture is the one that brute force finds."""

import numpy as np
import pytest

from restore.blur_identification.texture_window import most_textured


@pytest.mark.parametrize("shape", [(23, 31), (31, 8), (9, 40)], ids=str)
@pytest.mark.parametrize("step", [1, 4])
def test_no_other_window_has_more(shape, step):
    texture = np.random.default_rng(0).random(shape)
    window = most_textured(texture, 10, step=step)
    height, width = (min(10, n) for n in shape)
    assert texture[window].shape == (height, width)
    corners = [
        (row, column)
        for row in range(0, shape[0] - height + 1, step)
        for column in range(0, shape[1] - width + 1, step)
    ]
    best = max(corners, key=lambda c: texture[c[0] : c[0] + height, c[1] : c[1] + width].sum())
    assert (window[0].start, window[1].start) == best
