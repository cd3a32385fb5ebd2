"""Curves over the frequency."""

import numpy as np

from deconv.figures.diagnostics import by_radius


def test_rings_hold_the_mean_of_their_frequencies():
    rows, columns = 16, 9
    radius = np.hypot(np.fft.fftfreq(rows)[:, None], np.linspace(0, 0.5, columns))
    found, mean = by_radius(np.exp(-3 * radius))
    np.testing.assert_allclose(mean, np.exp(-3 * found), rtol=0.08)
    assert found[0] == 0
    assert found[-1] <= 0.5
