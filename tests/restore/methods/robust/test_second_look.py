"""Wrong samples of a picture without noise are found, though a fit takes them for detail."""

from __future__ import annotations

import numpy as np
import pytest

import restore
from restore.methods.robust.second_look import is_impossible, residual_of_smoothing
from restore.observation.observation import observe

SIZE = 160


@pytest.fixture(scope="module")
def scene(pictures):
    return pictures["camera"][60 : 60 + SIZE, 100 : 100 + SIZE]


def noiseless(scene, kernel):
    """Return the scene, a picture of it, and that with bright samples; cropped so that the border is unknown."""
    rows, columns = (k // 2 for k in kernel.shape)
    inside = scene[rows : SIZE - rows, columns : SIZE - columns]
    blurred = restore.blur(scene, kernel, boundary="valid")
    rng = np.random.default_rng(0)
    wrong = rng.random(blurred.shape) < 0.004
    return inside, blurred, np.where(wrong, 5 * rng.random(blurred.shape), blurred), wrong


@pytest.mark.parametrize("kernel", [restore.psf.disk(4), restore.psf.gaussian(2)], ids=["disk", "gaussian"])
def test_bright_samples_are_solved_for(scene, kernel):
    sharp, blurred, damaged, wrong = noiseless(scene, kernel)
    before = restore.psnr(sharp, blurred, data_range=1)
    found = restore.deconvolve(damaged, kernel)
    assert found.contradictions is not None
    assert found.contradictions.wrong[wrong].mean() > 0.8
    assert restore.psnr(sharp, found.image, data_range=1) > before + 1.5
    assert not found.gave_up


def test_a_wrong_psf_is_not_blamed_on_the_samples(scene):
    sharp, _, damaged, _ = noiseless(scene, restore.psf.disk(2))
    restored = restore.deconvolve(damaged, restore.psf.disk(5))
    assert restored.doubts
    assert restore.psnr(sharp, restored.image, data_range=1) > restore.psnr(sharp, damaged, data_range=1) - 1


def test_what_smoothing_leaves(scene):
    kernel = restore.psf.disk(4)
    _, blurred, damaged, wrong = noiseless(scene, kernel)
    inside = (slice(4, -4),) * 2
    left, clean = (np.abs(residual_of_smoothing(observe(g, kernel, "unknown"))[..., 0]) for g in (damaged, blurred))
    assert np.median(left[wrong[inside]]) > 100 * np.quantile(clean, 0.95)


@pytest.mark.parametrize(("share", "expected"), [(0.05, False), (0.2, True)])
def test_what_is_impossible(scene, share, expected):
    image = scene.copy()
    image.flat[: round(share * image.size)] = -0.5
    assert is_impossible(observe(scene, restore.psf.disk(1), "unknown"), image) is expected
