"""Laws of the sRGB transfer and of the way between integers and floats."""

import warnings

import numpy as np
import pytest

from deconv.pictures import (
    Picture,
    alpha_to_float,
    from_float,
    light_of,
    linear_to_srgb,
    premultiply,
    srgb_to_linear,
    to_float,
    unpremultiply,
)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_transfer_functions_are_inverse_odd_monotone_and_keep_the_dtype(dtype):
    encoded = np.linspace(-3, 3, 20_001, dtype=dtype)
    linear = srgb_to_linear(encoded)
    assert linear.dtype == dtype
    np.testing.assert_allclose(linear_to_srgb(linear), encoded, atol=20 * np.finfo(dtype).eps)
    np.testing.assert_array_equal(srgb_to_linear(-encoded), -linear)
    assert (np.diff(linear) > 0).all()
    assert (np.diff(linear_to_srgb(encoded)) > 0).all()


def test_known_values():
    # Half of the code range carries about a fifth of the light; 18 % gray lies near code 118.
    encoded = np.array([0.0, 0.04045, 0.5, 188 / 255, 1.0])
    expected = np.array([0.0, 0.0031308, 0.21404114, 0.50288646, 1.0])
    np.testing.assert_allclose(srgb_to_linear(encoded), expected, atol=1e-7)
    np.testing.assert_allclose(linear_to_srgb(np.array([0.18])) * 255, 117.6, atol=0.1)


def test_nan_that_signals_passes_without_a_warning():
    signalling = np.array([0x7FF0000000000001], np.uint64).view(np.float64)
    assert np.isnan(srgb_to_linear(signalling)).all()
    assert np.isnan(linear_to_srgb(signalling)).all()


def test_the_two_pieces_meet():
    for function, knee in ((srgb_to_linear, 0.04045), (linear_to_srgb, 0.0031308)):
        below, above = function(np.array([knee, np.nextafter(knee, 1)]))
        assert abs(above - below) < 1e-6


@pytest.mark.parametrize("dtype", ["uint8", "uint16", "int16"])
@pytest.mark.parametrize("light", ["srgb", "linear"])
def test_every_code_survives(dtype, light):
    limits = np.iinfo(dtype)
    picture = Picture(np.arange(limits.min, limits.max + 1).astype(dtype).reshape(2, -1))
    image = to_float(picture, light=light)
    assert image.dtype == np.float32
    assert image.max() == 1
    again = from_float(picture, image, light=light)
    np.testing.assert_array_equal(again.samples, picture.samples)
    assert (again.dtype, again.clipped) == (np.dtype(dtype), 0)


@pytest.mark.parametrize("dtype", ["bool", "uint32", "int32", "float16", "float32", "float64"])
def test_other_types_survive(rng, dtype):
    picture = Picture((rng.random((4, 5)) * 2 ** (0 if dtype.startswith("f") else 31)).astype(dtype), format="NPY")
    again = from_float(picture, to_float(picture))
    assert again.dtype == picture.dtype
    np.testing.assert_array_equal(again.samples, picture.samples)


@pytest.mark.parametrize("dtype", ["int64", "uint64"])
def test_the_largest_integers_do_not_wrap_round(dtype):
    picture = Picture(np.array([[0, np.iinfo(dtype).max]], dtype=dtype), format="NPY")
    again = from_float(picture, to_float(picture) * 2)
    assert again.samples[0, 1] > np.iinfo(dtype).max - 2**12
    assert again.clipped == 1


@pytest.mark.parametrize(
    ("stored", "computed"),
    [
        ("uint8", "float32"),
        ("uint16", "float32"),
        ("uint32", "float64"),
        ("float16", "float32"),
        ("float64", "float64"),
    ],
)
def test_floating_type(stored, computed):
    assert to_float(Picture(np.zeros((2, 2), stored))).dtype == computed


def test_inputs_are_not_modified(rng):
    for picture in (Picture(rng.random((3, 4))), Picture(np.ones((3, 4), np.uint8))):
        before = picture.samples.copy()
        image = to_float(picture, light="linear")
        kept = image.copy()
        from_float(picture, image, light="linear")
        np.testing.assert_array_equal(image, kept)
        image += 1  # the caller's own, not a view of the samples
        np.testing.assert_array_equal(picture.samples, before)


def test_clipping_is_counted_and_rounding_is_not():
    picture = Picture(np.zeros((1, 5), np.uint8))
    image = np.array([[-0.1, -0.001, 0.5, 1.001, 1.1]])
    result = from_float(picture, image, light="linear")
    assert result.samples.tolist() == [[0, 0, 128, 255, 255]]
    assert result.clipped == 2
    assert result.clipped_share == pytest.approx(0.4)
    assert from_float(picture, np.full((1, 5), 3e38, np.float32), light="linear").clipped == 5


def test_floats_are_not_clipped():
    picture = Picture(np.zeros((1, 3), np.float32), format="TIFF")
    result = from_float(picture, np.array([[-2.0, 0.5, 9.0]]))
    assert result.samples.tolist() == [[-2.0, 0.5, 9.0]]
    assert result.clipped == 0


def test_nan_and_infinity_pass_or_are_named():
    odd = np.array([[np.nan, np.inf, -np.inf]])
    floating = Picture(odd, format="TIFF")
    for light in ("srgb", "linear"):
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            again = from_float(floating, to_float(floating, light=light), light=light)
        np.testing.assert_array_equal(again.samples, odd)
    integers = Picture(np.zeros((1, 3), np.uint8))
    with pytest.raises(ValueError, match="must not hold NaN where samples are uint8, got 1 of them"):
        from_float(integers, odd)
    result = from_float(integers, np.array([[0.0, np.inf, -np.inf]]))
    assert result.samples.tolist() == [[0, 255, 0]]


def test_size_may_change_without_alpha_only(rng):
    picture = Picture(np.zeros((4, 5, 3), np.uint8), channel_axis=-1, exif=b"x")
    larger = from_float(picture, rng.random((8, 10, 3)))
    assert larger.samples.shape == (8, 10, 3)
    assert larger.exif == b"x"
    for shape in ((8, 10), (8, 10, 4), (2, 4, 5, 3)):
        with pytest.raises(ValueError, match="image must have the shape of the samples"):
            from_float(picture, np.zeros(shape))
    with_alpha = Picture(np.zeros((4, 5), np.uint8), np.zeros((4, 5), np.uint8))
    with pytest.raises(ValueError, match="since alpha has it too"):
        from_float(with_alpha, np.zeros((8, 10)))
    stack = Picture(np.zeros((2, 4, 5), np.uint8), planes=2)
    assert from_float(stack, np.zeros((2, 8, 9))).samples.shape == (2, 8, 9)
    with pytest.raises(ValueError, match="image must have the shape"):
        from_float(stack, np.zeros((3, 4, 5)))


def test_unknown_light():
    with pytest.raises(ValueError, match='light must be "auto", "srgb", "linear" or "profile", got \'gamma\''):
        to_float(Picture(np.zeros((2, 2))), light="gamma")
    with pytest.raises(ValueError, match='light must not be "profile" where the file states no tone curve'):
        to_float(Picture(np.zeros((2, 2))), light="profile")


@pytest.mark.parametrize(
    ("dtype", "name", "light"),
    [
        ("uint8", "PNG", "srgb"),
        ("uint16", "PNG", "srgb"),
        ("uint8", "JPEG", "srgb"),
        ("uint8", "WEBP", "srgb"),
        ("uint8", "NPY", "linear"),
        ("float32", "NPY", "linear"),
        ("float16", "TIFF", "linear"),
    ],
)
def test_light_of(dtype, name, light):
    assert light_of(Picture(np.zeros((2, 2), dtype), format=name)) == light


@pytest.mark.parametrize("colour", [False, True])
def test_premultiplied_and_back(rng, colour):
    alpha = rng.integers(1, 256, (6, 7), dtype=np.uint8)
    alpha[2, 3] = 0
    image = rng.random((6, 7, 3) if colour else (6, 7))
    opacity = alpha_to_float(Picture(np.zeros((6, 7), np.uint8), alpha))
    again = unpremultiply(premultiply(image, opacity), opacity)
    np.testing.assert_allclose(again[alpha > 0], image[alpha > 0], rtol=1e-6)
    assert (again[2, 3] == 0).all()
    assert alpha_to_float(Picture(alpha)) is None
