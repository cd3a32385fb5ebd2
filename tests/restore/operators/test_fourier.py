"""The Fourier pass, in the memory of its spectrum, against whole transforms of NumPy."""

from typing import ClassVar

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy import fft

from restore.observation.unknown import Unknown
from restore.operators import fourier
from restore.operators.fourier import changed, filtered, inverse, with_room

SHAPES = [(37, 41), (64, 50), (9,), (12, 10, 7), (300, 600)]


def gain_of(shape):
    half = (*shape[:-1], shape[-1] // 2 + 1)
    return fft.rfftn(np.random.default_rng(1).random(shape)).reshape(half)


def expected(image, gain, ndim):
    axes = tuple(range(ndim))
    spectrum = fft.rfftn(image, axes=axes) * gain.reshape(gain.shape + (1,) * (image.ndim - ndim))
    return fft.irfftn(spectrum, s=image.shape[:ndim], axes=axes)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("channels", [(), (1,), (3,)])
@pytest.mark.parametrize("threads", [1, 2])
def test_a_filter_is_that_of_whole_transforms_and_so_is_a_frame_of_it(shape, channels, threads):
    image, gain = np.random.default_rng(0).random(shape + channels), gain_of(shape)
    before, frame = image.copy(), tuple(slice(1, n - 2) for n in shape)
    with fft.set_workers(threads):
        whole = filtered(image, len(shape), lambda columns: gain[..., columns].copy())
        part = filtered(image, len(shape), lambda columns: gain[..., columns].copy(), frame=frame)
    assert_allclose(whole, expected(image, gain, len(shape)), atol=1e-9)
    assert_allclose(part, whole[frame], atol=1e-12)
    assert part.flags.c_contiguous
    assert_array_equal(image, before)


@pytest.mark.parametrize("shape", [(37, 41), (300, 600), (12, 10, 7)])
def test_an_image_with_room_is_used_up_only_where_it_may_be(shape):
    plain, gain = np.random.default_rng(0).random(shape), gain_of(shape)
    image = with_room(shape, plain.dtype)
    image[...] = plain
    results = [
        changed(image, len(shape), lambda columns, block: [block * gain[..., columns]], overwrite_x=may)[0]
        for may in (False, True)
    ]
    assert_allclose(results[0], expected(plain, gain, len(shape)), atol=1e-9)
    assert_allclose(results[1], results[0], atol=1e-12)
    assert not np.shares_memory(results[0], image)
    assert np.shares_memory(results[1], image)


@pytest.mark.parametrize("channels", [1, 3])
def test_so_is_one_with_channels(channels):
    picture = np.random.default_rng(0).random((9, 12, channels))
    image, gain = with_room(picture.shape, picture.dtype, 2), gain_of((9, 12))
    image[...] = picture
    result = filtered(image, 2, lambda columns: gain[..., columns], overwrite_x=True)
    for c in range(channels):
        assert_allclose(result[..., c], expected(picture[..., c], gain, 2), atol=1e-12)
    assert np.shares_memory(result, image)


@pytest.mark.parametrize("shape", SHAPES)
def test_the_inverse_is_that_of_scipy(shape):
    image = np.random.default_rng(0).random(shape)
    assert_allclose(inverse(fft.rfftn(image), shape), image, atol=1e-13)


@pytest.mark.parametrize("channels", [(), (2,)])
@pytest.mark.parametrize("around", [True, False])
@pytest.mark.parametrize("masked", [True, False])
def test_places_hold_every_unknown_sample_once(channels, around, masked):
    grid, frame = (200, 90), (slice(7, 180), slice(5, 70))
    mask = np.zeros((173, 65, *channels), np.float32) if masked else None
    if mask is not None:
        mask[3:9, 60:] = mask[150, 2] = 1
    unknown = Unknown(frame, around, mask)
    ones = unknown.restrict(np.ones(grid + channels))
    times = np.zeros(grid, int)
    for place in unknown.places(grid):
        times[place] += 1
    assert times.max(initial=0) <= 1
    if masked or around:
        assert (times[(ones if not channels else ones.max(axis=-1)) > 0] == 1).all()


def test_a_picture_of_one_part_starts_no_thread(monkeypatch):
    class Counted(fourier.ThreadPoolExecutor):
        sizes: ClassVar[list[int]] = []

        def __init__(self, workers):
            self.sizes.append(workers)
            super().__init__(workers)

    monkeypatch.setattr(fourier, "ThreadPoolExecutor", Counted)
    with fft.set_workers(4):
        filtered(np.ones((40, 50)), 2, lambda columns: np.ones((40, 26))[:, columns])
        assert Counted.sizes == []
        filtered(np.ones((300, 600)), 2, lambda columns: np.ones((300, 301))[:, columns])
        assert set(Counted.sizes) <= {2, 3, 4}
        assert Counted.sizes
