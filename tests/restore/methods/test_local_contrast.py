"""The blend of a picture with its restoration: what is flat stays, what is not is restored."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

import restore

SIGMA = 0.02


@pytest.fixture(scope="module")
def pair():
    """A flat half and one of strong texture, with noise, and a restoration of another value everywhere."""
    rng = np.random.default_rng(0)
    image = np.full((96, 96), 0.5)
    image[:, 48:] += rng.choice([-0.3, 0.3], (96, 48))
    image += rng.normal(0, SIGMA, image.shape)
    return image, image + 1


def weight(pair, **settings):
    image, restored = pair
    return restore.blend_by_contrast(image, restored, **{"noise_sigma": SIGMA} | settings) - image


def test_flat_ground_stays_and_detail_is_restored(pair):
    shares = weight(pair)
    assert shares[:, :40].mean() < 0.15
    assert shares[:, 56:].min() > 0.97
    assert (shares >= 0).all()
    assert (shares <= 1 + 1e-12).all()


def test_a_higher_threshold_keeps_more(pair):
    least, more, most = (weight(pair, threshold=threshold).mean() for threshold in (0.5, 2, 8))
    assert least > more > most


@pytest.mark.parametrize("settings", [{"threshold": 0}, {"noise_sigma": 0}])
def test_without_a_threshold_or_noise_all_is_restored(pair, settings):
    assert_allclose(weight(pair, **settings), 1)


def test_half_of_each_where_the_contrast_is_the_threshold():
    squares = np.indices((60, 60)).sum(axis=0) % 2
    image = np.sqrt(2) * SIGMA * (2 * squares - 1)  # of twice the variance of the noise
    assert_allclose(weight((image, image + 1))[8:-8, 8:-8], 0.5, rtol=1e-3)


def test_what_is_masked_is_restored(pair):
    mask = np.zeros((96, 96), bool)
    mask[10:20, 10:20] = True
    assert_allclose(weight(pair, mask=mask)[mask], 1)


@pytest.mark.parametrize("unit", [1e-24, 1e20])
def test_a_unit_does_not_matter(pair, unit):
    image, restored = (array.astype(np.float32) for array in pair)
    expected = restore.blend_by_contrast(image, restored, noise_sigma=SIGMA)
    found = restore.blend_by_contrast(image * np.float32(unit), restored * np.float32(unit), noise_sigma=SIGMA * unit)
    assert found.dtype == np.float32
    assert_allclose(found / unit, expected, rtol=1e-4)


def test_channels_share_a_weight(pair):
    image, restored = (np.stack([array, 0.5 * array + 0.2]) for array in pair)
    found = restore.blend_by_contrast(image, restored, noise_sigma=SIGMA, channel_axis=0)
    shares = (found - image) / (restored - image)
    assert_allclose(shares[0], shares[1])
    last = [np.moveaxis(array, 0, -1) for array in (image, restored)]
    moved = restore.blend_by_contrast(*last, noise_sigma=SIGMA, channel_axis=-1)
    assert_array_equal(np.moveaxis(moved, -1, 0), found)


def test_stacks(pair):
    stack = tuple(np.stack([array] * 5) for array in pair)
    assert weight(stack)[:, :, 56:].min() > 0.97


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"noise_sigma": -1}, "noise_sigma must be finite and >= 0"),
        ({"threshold": np.nan}, "threshold must be finite and >= 0"),
        ({"mask": np.zeros((3, 3), bool)}, "mask must have the shape"),
    ],
)
def test_refusals(pair, settings, said):
    with pytest.raises(ValueError, match=said):
        weight(pair, **settings)
    with pytest.raises(ValueError, match="restored must have the shape"):
        restore.blend_by_contrast(pair[0], pair[1][1:], noise_sigma=SIGMA)
