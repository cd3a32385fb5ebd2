"""Profiles averaged over samples, against closed forms, quadrature and differences."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy import integrate
from scipy.special import j1, ndtr

from restore.blur_identification.effective.joint_fit import Form, fit_jointly
from restore.blur_identification.effective.profile import SHARPEST, Profile

PLACES = [np.arange(-4, 5) - 0.3, np.arange(-3, 5) + 0.2]


@pytest.mark.parametrize("width", [0.8, 1.0, 2.5])
def test_a_gaussian_is_its_integral_over_the_samples(width):
    sigma = width / (2 * np.sqrt(2 * np.log(2)))
    parts = [np.sqrt(2 * np.pi) * sigma * (ndtr((p + 0.5) / sigma) - ndtr((p - 0.5) / sigma)) for p in PLACES]
    means = Profile(np.array([width, width]), SHARPEST).means(PLACES)
    assert_allclose(means, np.multiply.outer(*parts), rtol=0, atol=2e-5)


@pytest.mark.parametrize("rings", [False, True])
def test_other_profiles_are_those_of_quadrature(rings):
    widths = np.array([1.2, 1.5])

    def light(x, y):
        q = (2 * y / widths[0]) ** 2 + (2 * x / widths[1]) ** 2
        v = max(1.61633995 * np.sqrt(q), 1e-9)
        return (2 * j1(v) / v) ** 2 if rings else (1 + (2**0.4 - 1) * q) ** -2.5

    means = Profile(widths, 0.4, has_rings=rings).means(PLACES)
    for row, column in [(0, 0), (4, 3), (3, 5)]:
        y, x = PLACES[0][row], PLACES[1][column]
        exact = integrate.dblquad(light, y - 0.5, y + 0.5, x - 0.5, x + 0.5, epsabs=1e-9)[0]
        assert means[row, column] == pytest.approx(exact, abs=2e-5)


@pytest.mark.parametrize("rings", [False, True])
def test_slopes_are_differences(rings):
    profile, step = Profile(np.array([1.1, 1.4]), 0.4, has_rings=rings), 1e-5
    _, by_center, by_width, by_u = profile.slopes(PLACES)
    for axis in range(2):
        ends = [[p - s * step * (k == axis) for k, p in enumerate(PLACES)] for s in (1, -1)]
        difference = (profile.means(ends[0]) - profile.means(ends[1])) / (2 * step)
        assert_allclose(by_center[axis], difference, atol=1e-8)
        ends = [Profile(profile.widths * np.exp(s * step * (np.arange(2) == axis)), 0.4, rings) for s in (1, -1)]
        assert_allclose(by_width[axis], (ends[0].means(PLACES) - ends[1].means(PLACES)) / (2 * step), atol=1e-8)
    ends = [Profile(profile.widths, 0.4 + s * step, rings) for s in (1, -1)]
    assert_allclose(by_u, (ends[0].means(PLACES) - ends[1].means(PLACES)) / (2 * step), atol=1e-6)


def test_points_without_noise_give_back_their_numbers():
    """Places, light and grounds of each, one width and wings for all."""
    rng, widths = np.random.default_rng(0), np.array([1.3, 1.6])
    centers, light, level = rng.uniform(-0.5, 0.5, (6, 2)), rng.uniform(50, 90, 6), rng.uniform(3, 5, 6)
    boxes = []
    for center, peak, ground in zip(centers, light, level, strict=True):
        boxes.append(peak * Profile(widths, 0.35).means([np.arange(-5, 6) - c for c in center]) + ground)
    fit = fit_jointly(np.array(boxes), 1e-3, Form(2))
    assert_allclose(fit.profile.widths, widths, rtol=1e-5)
    assert fit.profile.u == pytest.approx(0.35, abs=1e-5)
    assert_allclose(fit.centers, centers, atol=1e-5)
    assert_allclose(fit.light, light, rtol=1e-4)
    assert_allclose(fit.level, level, atol=1e-3)
