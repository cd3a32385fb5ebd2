"""JPEG and WebP: what they are read as, and that writing them keeps all they can hold."""

import numpy as np
import pytest
from PIL import Image, ImageCms

from deconv.pictures import Picture, PictureError, read, write

SHAPE = (32, 48)


@pytest.fixture
def smooth():
    rows, columns = np.mgrid[: SHAPE[0], : SHAPE[1]]
    return np.stack([4 * rows, 5 * columns, 2 * (rows + columns)], axis=-1).astype(np.uint8)


@pytest.mark.parametrize("colour", [False, True])
def test_jpeg_keeps_metadata_and_is_remembered(tmp_path, smooth, icc, make_exif, exif_facts, colour):
    samples = smooth if colour else smooth[..., 0]
    exif = make_exif().removeprefix(b"Exif\0\0")
    picture = Picture(samples, icc=icc, exif=exif, channel_axis=-1 if colour else None, dpi=(300.0, 300.0))
    write(picture, tmp_path / "a.jpg")
    again = read(tmp_path / "a.jpg")
    assert again.format == "JPEG"
    assert np.abs(again.samples.astype(int) - samples).max() <= 4
    assert (again.icc, again.exif, again.dpi) == (icc, exif, (300, 300))
    assert exif_facts(again.exif) == ("Zeiss", "2026:11:20 12:00:00", "N", None)


def test_jpeg_is_written_without_chroma_subsampling(tmp_path, smooth):
    write(Picture(smooth, channel_axis=-1), tmp_path / "a.jpg")
    with Image.open(tmp_path / "a.jpg") as image:
        assert {component[1:3] for component in image.layer} == {(1, 1)}


def test_cmyk_is_refused_with_a_remedy(tmp_path):
    Image.new("CMYK", (8, 8)).save(tmp_path / "a.jpg")
    with pytest.raises(PictureError, match=r"colour mode CMYK \(convert it to RGB"):
        read(tmp_path / "a.jpg")


def test_multi_picture_jpeg_gives_the_main_picture(tmp_path, smooth):
    main = Image.fromarray(smooth)
    main.save(tmp_path / "a.jpg", format="MPO", save_all=True, append_images=[main.resize((8, 8))])
    picture = read(tmp_path / "a.jpg")
    assert picture.format == "JPEG"
    assert picture.samples.shape == (*SHAPE, 3)
    assert "1 further pictures" in picture.notes[0]


@pytest.mark.parametrize("with_alpha", [False, True])
def test_webp_without_loss(tmp_path, rng, icc, make_exif, with_alpha):
    samples = rng.integers(0, 256, (*SHAPE, 3), dtype=np.uint8)
    alpha = rng.integers(0, 256, SHAPE, dtype=np.uint8) if with_alpha else None
    exif = make_exif().removeprefix(b"Exif\0\0")
    write(Picture(samples, alpha, icc=icc, exif=exif, channel_axis=-1), tmp_path / "a.webp")
    again = read(tmp_path / "a.webp")
    np.testing.assert_array_equal(again.samples, samples)
    if with_alpha:
        np.testing.assert_array_equal(again.alpha, alpha)
    assert (again.format, again.icc, again.exif) == ("WEBP", icc, exif)


def test_webp_animation_asks_for_a_frame(tmp_path):
    frames = [Image.new("RGB", (6, 4), (value, 0, 0)) for value in (10, 120, 230)]
    frames[0].save(tmp_path / "a.webp", save_all=True, append_images=frames[1:], lossless=True)
    with pytest.raises(PictureError, match="holds 3 planes"):
        read(tmp_path / "a.webp")
    assert read(tmp_path / "a.webp", frame=2).samples[0, 0, 0] == 230


def test_a_profile_of_another_space_is_named(tmp_path, smooth):
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("XYZ")).tobytes()
    write(Picture(smooth, icc=profile, channel_axis=-1), tmp_path / "a.png")
    notes = read(tmp_path / "a.png").notes
    assert any("tone curve is taken as that of sRGB" in note for note in notes)


def test_a_profile_of_srgb_needs_no_note(tmp_path, smooth, icc):
    write(Picture(smooth, icc=icc, channel_axis=-1), tmp_path / "a.png")
    assert read(tmp_path / "a.png").notes == ()


def test_the_quantization_table_of_a_jpeg_is_kept(tmp_path):
    array = np.random.default_rng(0).integers(0, 256, (24, 32), dtype=np.uint8)
    tables = {}
    for quality in (50, 90):
        path = tmp_path / f"{quality}.jpg"
        Image.fromarray(array).save(path, quality=quality)
        tables[quality] = read(path).jpeg_table
    # ITU-T T.81, table K.1 is quality 50 of the usual encoders.
    np.testing.assert_array_equal(tables[50][0], [16, 11, 10, 16, 24, 40, 51, 61])
    assert (tables[90] < tables[50]).mean() > 0.9
    Image.fromarray(array).save(tmp_path / "plain.png")
    assert read(tmp_path / "plain.png").jpeg_table is None
