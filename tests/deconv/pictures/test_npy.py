"""``.npy`` files: every real type, axes named by the user and never guessed."""

import warnings

import numpy as np
import pytest

from deconv.pictures import PictureError, light_of, read, write
from deconv.pictures.formats.npy import axes_of


@pytest.mark.parametrize(
    "dtype", ["bool", "uint8", "int16", "uint32", "int64", "uint64", "float16", "float32", "float64"]
)
def test_every_real_type_survives(tmp_path, rng, dtype):
    array = (rng.random((5, 7)) * 100).astype(dtype)
    np.save(tmp_path / "a.npy", array)
    picture = read(tmp_path / "a.npy")
    assert (picture.format, picture.dtype, picture.planes) == ("NPY", array.dtype, 0)
    np.testing.assert_array_equal(picture.samples, array)
    assert light_of(picture) == "linear"
    write(picture, tmp_path / "b.npy")
    np.testing.assert_array_equal(np.load(tmp_path / "b.npy"), array)


@pytest.mark.parametrize("array", [np.zeros((4, 5), ">f4"), np.asfortranarray(np.ones((4, 5)))])
def test_byte_order_and_memory_order_become_native(tmp_path, array):
    np.save(tmp_path / "a.npy", array)
    samples = read(tmp_path / "a.npy").samples
    assert samples.dtype.isnative
    assert samples.flags.c_contiguous
    assert samples.flags.writeable
    assert type(samples) is np.ndarray
    np.testing.assert_array_equal(samples, array)


def test_three_axes_need_names(tmp_path, rng):
    array = rng.random((4, 5, 3))
    np.save(tmp_path / "a.npy", array)
    with pytest.raises(PictureError, match=r"has 3 axes \(4 x 5 x 3\) \(name them with axes"):
        read(tmp_path / "a.npy")
    colour = read(tmp_path / "a.npy", axes="YXC")
    assert (colour.channel_axis, colour.planes) == (-1, 0)
    np.testing.assert_array_equal(colour.samples, array)
    with pytest.raises(PictureError, match=r"holds 4 planes \(choose one with frame, 0 to 3, or take frame=.all"):
        read(tmp_path / "a.npy", axes="ZYX")
    stack = read(tmp_path / "a.npy", axes="zyx", frame="all")
    assert (stack.channel_axis, stack.planes) == (None, 4)
    np.testing.assert_array_equal(read(tmp_path / "a.npy", axes="ZYX", frame=2).samples, array[2])


def test_axes_in_any_order_are_put_in_ours(tmp_path, rng):
    array = rng.random((3, 2, 4, 5, 6)).astype(">f8")
    np.save(tmp_path / "a.npy", array)
    channels = array.transpose(0, 1, 3, 2, 4).reshape(30, 4, 6)  # before the rows they are planes
    colours = array.transpose(0, 3, 1, 4, 2).reshape(15, 2, 6, 4)  # behind them they belong to the pixel
    for axes, letters, expected in (("CTYZX", "CTZ", channels), ("TYCZX", "TZ", colours)):
        every = read(tmp_path / "a.npy", axes=axes, frame="all")
        np.testing.assert_array_equal(every.samples, expected)
        np.testing.assert_array_equal(read(tmp_path / "a.npy", axes=axes, frame=7).samples, expected[7])
        assert every.plane_axes == letters
        write(every, tmp_path / "b.npy")  # in its axes, and its order of bytes
        assert np.load(tmp_path / "b.npy").dtype == array.dtype
        np.testing.assert_array_equal(np.load(tmp_path / "b.npy"), array)


@pytest.mark.parametrize("axes", ["YX", "YXX", "ZZZ", "YCZ", "YXCZ", ""])
def test_names_that_do_not_fit(tmp_path, axes):
    np.save(tmp_path / "a.npy", np.zeros((4, 5, 3)))
    with pytest.raises(PictureError, match="does not describe"):
        read(tmp_path / "a.npy", axes=axes)


@pytest.mark.parametrize(
    "array",
    [
        np.zeros((2, 2), complex),
        np.zeros((2, 2), "S3"),
        np.zeros((2, 2), "datetime64[s]"),
        np.zeros((2, 2), [("a", "f4"), ("b", "i2")]),
        np.zeros((2, 2), np.longdouble),
    ],
)
def test_other_types_are_refused(tmp_path, array):
    np.save(tmp_path / "a.npy", array)
    with pytest.raises(PictureError, match="save real numbers"):
        read(tmp_path / "a.npy")


def test_objects_are_not_unpickled(tmp_path):
    np.save(tmp_path / "a.npy", np.array([[{}]], dtype=object), allow_pickle=True)
    with pytest.raises(PictureError, match="is damaged or not supported"):
        read(tmp_path / "a.npy")


@pytest.mark.parametrize("shape", [(), (5,), (0, 4), (4, 0)])
def test_what_has_no_rows_and_columns(tmp_path, shape):
    np.save(tmp_path / "a.npy", np.zeros(shape))
    with pytest.raises(PictureError, match="holds an array of shape"):
        read(tmp_path / "a.npy")


def test_non_finite_samples_are_read_as_they_are(tmp_path):
    array = np.array([[np.nan, np.inf], [-np.inf, 1.0]])
    np.save(tmp_path / "a.npy", array)
    np.testing.assert_array_equal(read(tmp_path / "a.npy").samples, array)


def test_a_damaged_header_is_refused_without_a_warning(tmp_path):
    path = tmp_path / "damaged.npy"
    np.save(path, np.zeros((4, 5)))
    path.write_bytes(path.read_bytes().replace(b"'descr'", b"'\\cscr'"))
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        assert axes_of(path) is None
    assert not told
