"""EXIF orientation is applied once, and the tag does not come back."""

import numpy as np
import pytest
import tifffile
from PIL import Image, ImageOps

from deconv.pictures import read, write


def tagged_image(orientation):
    rows, columns = np.mgrid[:16, :24]
    image = Image.fromarray(np.stack([10 * rows, 10 * columns, rows + columns], axis=-1).astype(np.uint8))
    exif = Image.Exif()
    exif[0x0112] = orientation
    exif[271] = "Zeiss"
    return image, exif


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("name", ["JPEG", "PNG", "WEBP", "TIFF"])
def test_as_pillow_transposes(tmp_path, orientation, name):
    image, exif = tagged_image(orientation)
    image.save(tmp_path / "a", format=name, exif=exif, **({"lossless": True} if name == "WEBP" else {}))
    with Image.open(tmp_path / "a") as reference:
        expected = np.asarray(ImageOps.exif_transpose(reference))
    picture = read(tmp_path / "a")
    np.testing.assert_array_equal(picture.samples, expected)
    assert any("orientation" in note for note in picture.notes) == (orientation > 1)
    write(picture, tmp_path / "b.png")
    again = read(tmp_path / "b.png")
    np.testing.assert_array_equal(again.samples, expected)
    assert again.notes == ()
    assert again.exif == picture.exif
    assert b"Zeiss" in again.exif


@pytest.mark.parametrize("orientation", range(1, 9))
def test_sixteen_bit_stack_with_alpha(tmp_path, rng, orientation):
    array = rng.integers(0, 65536, (3, 5, 7, 4), dtype=np.uint16)
    tag = (274, 3, 1, orientation, False)
    tifffile.imwrite(tmp_path / "a.tif", array, photometric="rgb", extrasamples=["unassalpha"], extratags=[tag])
    picture = read(tmp_path / "a.tif", frame="all")
    for plane, colour, alpha in zip(array, picture.samples, picture.alpha, strict=True):
        for channel in range(3):
            np.testing.assert_array_equal(colour[..., channel], transposed(plane[..., channel], orientation))
        np.testing.assert_array_equal(alpha, transposed(plane[..., 3], orientation))


def transposed(plane, orientation):
    """Put row and column 0 where the EXIF standard says they are seen."""
    turned = {
        1: plane,
        2: plane[:, ::-1],
        3: plane[::-1, ::-1],
        4: plane[::-1],
        5: plane.T,
        6: np.rot90(plane, -1),
        7: plane[::-1, ::-1].T,
        8: np.rot90(plane),
    }
    return turned[orientation]


def test_only_the_orientation_leaves_the_exif_block(tmp_path):
    image, exif = tagged_image(6)
    exif[315] = "Müller".encode()
    exif.get_ifd(0x8769)[37500] = b"maker's notes"
    block = exif.tobytes()
    image.save(tmp_path / "a.jpg", exif=block)
    left = read(tmp_path / "a.jpg").exif
    assert len(left) == len(block) - len(b"Exif\0\0")
    found = Image.Exif()
    found.load(left)
    assert sorted(found) == [271, 315, 0x8769]
    assert found[315].encode("latin-1") == "Müller".encode()
    assert found.get_ifd(0x8769)[37500] == b"maker's notes"


def test_resolution_turns_with_the_picture(tmp_path):
    image, exif = tagged_image(6)
    image.save(tmp_path / "a.jpg", exif=exif, dpi=(300, 150))
    assert read(tmp_path / "a.jpg").dpi == (150, 300)


def test_a_damaged_exif_block_costs_only_itself(tmp_path):
    image, _ = tagged_image(1)
    image.save(tmp_path / "a.jpg", exif=b"Exif\0\0II*\0\xff\xff\xff\xff")
    picture = read(tmp_path / "a.jpg")
    assert picture.samples.shape == (16, 24, 3)
    write(picture, tmp_path / "b.png")
