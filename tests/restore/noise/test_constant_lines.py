"""Dead columns and painted lines are found, and what a picture itself holds is none."""

import numpy as np
import pytest
from scipy import ndimage

import restore
from restore.noise.constant_lines import constant_lines

PSF = restore.psf.disk(3)
NUMBERS = [37, 111, 112]


@pytest.fixture(scope="module")
def sharp(pictures):
    return pictures["moon"][100:300, 100:320]


@pytest.fixture(scope="module")
def blurred(pictures):
    picture = pictures["moon"][97:303, 97:323]
    return np.round(restore.degrade(picture, PSF, noise_sigma=0.004, rng=0, boundary="valid") * 255) / 255


@pytest.mark.parametrize("part", [slice(None), slice(60, 150), slice(100, None)])
@pytest.mark.parametrize("level", [0.0, 0.5, 1.0])
def test_lines_are_where_they_are(blurred, part, level):
    dead = np.zeros(blurred.shape, bool)
    dead[part, NUMBERS] = True
    marked = constant_lines(np.where(dead, level, blurred)[..., None])
    assert marked[dead].all()
    assert np.count_nonzero(marked & ~dead) <= 3  # samples of the same column at the same level by chance
    assert np.array_equal(constant_lines(np.where(dead, level, blurred).T[..., None]), marked.T)


@pytest.mark.parametrize("channel", [0, 1, 2])
def test_a_channel_of_its_own_is_no_line(blurred, channel):
    noise = 1e-3 * np.random.default_rng(0).standard_normal((*blurred.shape, 3))
    colour = blurred[..., None] + noise  # no two samples are equal in all channels
    colour[:, 50, channel] = 0
    assert not constant_lines(colour).any()
    colour[:, 50] = 0
    assert constant_lines(colour)[:, 50].all()


@pytest.mark.parametrize("name", ["camera", "coins", "moon", "brick"])
def test_a_picture_holds_none(pictures, name):
    for sigma in (0, 1, 3):
        picture = ndimage.gaussian_filter(pictures[name], sigma)
        for steps in (15, 255, 65535):
            assert not constant_lines((np.round(picture * steps) / steps)[..., None]).any()


def test_nor_does_a_small_or_an_even_one():
    assert not constant_lines(np.zeros((3, 5, 1))).any()
    assert not constant_lines(np.zeros((200, 200, 1))).any()
    bars = np.zeros((200, 200, 1))
    bars[:, ::8] = 1
    assert not constant_lines(bars).any()  # what a picture is made of


@pytest.mark.parametrize("method", ["auto", "wiener", "total_variation", "richardson_lucy"])
def test_what_lay_under_them_is_restored(sharp, blurred, method):
    torn = blurred.copy()
    torn[:, NUMBERS] = 0
    whole, without = restore.deconvolve(blurred, PSF, method=method), restore.deconvolve(torn, PSF, method=method)
    error, other = (np.sqrt(np.mean((found.image - sharp) ** 2)) for found in (whole, without))
    assert other < 1.03 * error
    assert without.contradictions.wrong[:, NUMBERS].all()
    assert without.doubts == whole.doubts
