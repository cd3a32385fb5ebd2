"""Edges that are left over are told from noise, which is everywhere by the light of the place."""

import numpy as np
import pytest
from scipy import ndimage

import restore
from restore.diagnosis.unevenness import unevenness

NOISES = (0.0005, 0.005, 0.02)


@pytest.fixture(scope="module")
def light(pictures):
    return pictures["camera"][100:300, 100:300, None]


@pytest.mark.parametrize("sigma", [0, 1])
def test_noise_is_even_whatever_its_colour_and_by_its_light(light, sigma):
    noise = np.random.default_rng(0).normal(size=light.shape)
    noise = ndimage.gaussian_filter(noise, (sigma, sigma, 0)) if sigma else noise
    for one in (noise, noise * np.sqrt(0.1 + light)):
        assert unevenness(light, 0.05 * one / one.std(), None) < 0.025


def test_edges_are_not(light):
    edges = light - ndimage.gaussian_filter(light, (2, 2, 0))
    assert unevenness(light, edges, None) > 0.1
    assert unevenness(1e-30 * light, 1e-30 * edges, None) == pytest.approx(unevenness(light, edges, None))
    colour = np.repeat(light, 3, axis=-1)
    assert unevenness(colour, np.repeat(edges, 3, axis=-1), None) == pytest.approx(unevenness(light, edges, None))


def test_hidden_samples_tell_nothing(light):
    noise = 0.02 * np.random.default_rng(0).normal(size=light.shape)
    hidden = np.zeros(light.shape, bool)
    hidden[80:120, 90:150] = True
    left = np.where(hidden, 5.0, noise)
    assert unevenness(light, left, None) > 0.1
    assert unevenness(light, left, hidden) < 0.01
    assert unevenness(light, left, np.ones_like(hidden)) == 0


def test_nothing_is_even(light):
    assert unevenness(light, 0 * light, None) == 0
    assert unevenness(0 * light, light, None) == 0
    for part in (light[:30, :30], light[:0], light[:, :3]):
        assert unevenness(part, part, None) == 0


@pytest.mark.parametrize("psf", [restore.psf.gaussian(2.5), restore.psf.disk(3), restore.psf.motion(9, 30)])
@pytest.mark.parametrize("size", [1, 0.5])
def test_a_psf_for_a_sharp_picture_is_doubted(light, size, psf):
    picture = ndimage.zoom(light[..., 0], size, order=1)
    assert restore.deconvolve(np.round(picture * 255) / 255, psf).doubts


@pytest.mark.parametrize("psf", [restore.psf.gaussian(2.5), restore.psf.disk(3), restore.psf.motion(9, 30)])
def test_the_right_psf_is_not(light, psf):
    for noise in NOISES:
        picture = restore.degrade(light[..., 0], psf, noise_sigma=noise, rng=0, boundary="valid")
        assert restore.deconvolve(np.round(picture * 255) / 255, psf).doubts == ()


@pytest.mark.filterwarnings("error")
def test_one_level_of_light_is_enough(light):
    rng = np.random.default_rng(0)
    assert unevenness(np.zeros_like(light), rng.normal(size=light.shape), None) == 0  # nothing that it is relative to
    stepped = np.where(np.arange(200)[:, None, None] < 96, 0.2, np.full_like(light, 0.6))
    assert unevenness(stepped, 0.01 * rng.normal(size=light.shape), None) < 0.025
