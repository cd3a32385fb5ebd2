"""The deblur command as its users meet it: files in, files, report and exit code out."""

import io
import json
from pathlib import Path

import imagecodecs
import numpy as np
import png
import pytest
import tifffile
from PIL import Image
from scipy import ndimage

import restore
from deconv.pictures import linear_to_srgb

GAUSSIAN = ["--psf", "gaussian", "--sigma", "1.5"]
SHARP = Path(__file__).resolve().parents[3] / "samples" / "sharp.png"


def test_the_first_commands_of_the_readme(run, photo, tmp_path, capsys):
    blurred, restored = tmp_path / "blurred.png", tmp_path / "restored.png"
    assert run("blur", photo, "--psf", "gaussian", "--sigma", 2, "--noise", 0.002, "-o", blurred) == 0
    assert run("deblur", blurred, "--psf", "gaussian", "--reference", photo, "--json") == 0
    found = json.loads(capsys.readouterr().out)
    assert found["psf"]["family"] == "gaussian"
    assert found["psf"]["estimated"] == ["sigma"]
    assert found["psf"]["sigma"] == pytest.approx(2, rel=0.25)
    assert found["isnr"] > 0.5
    assert run("deblur", blurred, "--psf", "gaussian", "--sigma", 2, "--method", "cls", "-o", restored) == 0
    for path in (blurred, restored, tmp_path / "blurred.restored.png"):
        with Image.open(path) as picture:
            assert (picture.mode, picture.size) == ("RGB", (120, 96))
        assert path.with_name(f"{path.stem}.figure.png").exists()


def test_quality_is_that_of_the_files(run, photo, tmp_path, capsys):
    blurred, restored = tmp_path / "b.png", tmp_path / "r.png"
    run("blur", photo, *GAUSSIAN, "--noise", 0.001, "-o", blurred, "--no-figure")
    run("deblur", blurred, *GAUSSIAN, "--reference", photo, "-o", restored, "--json", "--no-figure")
    found = json.loads(capsys.readouterr().out)
    sharp, before, after = (np.asarray(Image.open(p)) / 255.0 for p in (photo, blurred, restored))
    assert found["psnr_before"] == pytest.approx(-10 * np.log10(np.mean((before - sharp) ** 2)), abs=1e-6)
    assert found["psnr_after"] == pytest.approx(-10 * np.log10(np.mean((after - sharp) ** 2)), abs=1e-6)
    assert found["isnr"] == pytest.approx(found["psnr_after"] - found["psnr_before"])
    assert found["psnr_after"] > found["psnr_before"] + 1


def test_16_bit_rgb_keeps_depth_profile_and_exif(run, rgb16, tmp_path):
    path, samples, profile = rgb16
    blurred, restored = tmp_path / "b.png", tmp_path / "r.png"
    assert run("blur", path, *GAUSSIAN, "-o", blurred, "--no-figure") == 0
    assert run("deblur", blurred, *GAUSSIAN, "-o", restored, "--no-figure") == 0
    for output in (blurred, restored):
        width, height, _rows, info = png.Reader(bytes=output.read_bytes()).read()
        assert (width, height, info["bitdepth"], info["planes"]) == (80, 64, 16, 3)
        with Image.open(output) as picture:
            assert picture.info["icc_profile"] == profile
            assert picture.getexif()[305] == "Deconv test"
    before, after = (
        np.vstack([np.asarray(row, float) for row in png.Reader(bytes=output.read_bytes()).read()[2]]).reshape(
            64, 80, 3
        )
        for output in (blurred, restored)
    )
    assert len(np.unique(after)) > 256
    assert np.mean(np.abs(after - samples)) < 0.6 * np.mean(np.abs(before - samples))


@pytest.mark.parametrize(
    ("name", "dtype", "shape"),
    [
        ("gray8.png", np.uint8, (64, 80)),
        ("gray16.png", np.uint16, (64, 80)),
        ("rgba16.png", np.uint16, (64, 80, 4)),
        ("gray.jpg", np.uint8, (64, 80)),
        ("rgb16.tif", np.uint16, (64, 80, 3)),
        ("gray32.tif", np.float32, (64, 80)),
        ("gray64.tif", np.float64, (64, 80)),
        ("array.npy", np.float64, (64, 80)),
    ],
)
def test_depth_and_channels_survive(run, texture, tmp_path, name, dtype, shape):
    path = tmp_path / name
    picture = texture((*shape[:2], 3))[..., :1] if len(shape) == 2 else texture((*shape[:2], 3))
    picture = np.concatenate([picture, picture[..., :1] ** 0.2], -1) if shape[-1] == 4 else picture
    picture = picture[..., 0] if len(shape) == 2 else picture
    samples = picture if dtype in (np.float32, np.float64) else np.iinfo(dtype).max * picture
    save(path, samples.astype(dtype))
    output = tmp_path / f"out{path.suffix}"
    assert run("deblur", path, *GAUSSIAN, "-o", output, "--no-figure") == 0
    restored = load(output)
    assert restored.dtype == dtype
    assert restored.shape == shape
    if shape[-1] == 4:
        np.testing.assert_array_equal(restored[..., 3], samples.astype(dtype)[..., 3])


def save(path, array):
    if path.suffix == ".png":
        path.write_bytes(imagecodecs.png_encode(array))
    elif path.suffix == ".npy":
        np.save(path, array)
    elif path.suffix == ".tif":
        tifffile.imwrite(path, array)
    else:
        Image.fromarray(array).save(path, quality=95)


def load(path):
    if path.suffix == ".png":
        return imagecodecs.png_decode(path.read_bytes())
    if path.suffix == ".npy":
        return np.load(path)
    return tifffile.imread(path) if path.suffix == ".tif" else np.asarray(Image.open(path))


def test_a_3_d_psf_restores_a_stack_as_a_volume(run, texture, tmp_path):
    stack = np.stack([texture((32, 36), seed) for seed in range(8)])
    psf = np.ones((3, 3, 3)) / 27
    np.save(tmp_path / "stack.npy", stack)
    np.save(tmp_path / "psf.npy", psf)
    words = ["--psf", tmp_path / "psf.npy", "--axes", "ZYX", "--frame", "all", "-o", tmp_path / "out.npy"]
    assert run("deblur", tmp_path / "stack.npy", *words) == 0
    assert np.load(tmp_path / "out.npy").shape == stack.shape


def test_force_replaces_an_output(run, photo, tmp_path):
    output = tmp_path / "photo.restored.png"
    output.write_bytes(b"old")
    assert run("deblur", photo, *GAUSSIAN, "--force", "--no-figure") == 0
    with Image.open(output) as picture:
        assert picture.size == (120, 96)


def test_figure_is_readable_and_shares_one_range(run, photo, tmp_path):
    figure = tmp_path / "f.png"
    assert run("deblur", photo, *GAUSSIAN, "--reference", photo, "-o", tmp_path / "r.png", "--figure", figure) == 0
    with Image.open(io.BytesIO(figure.read_bytes())) as picture:
        assert picture.width >= 1200
        assert picture.height >= 600


@pytest.mark.parametrize("method", ["auto", "wiener"])
def test_a_jpeg_is_restored_and_not_its_compression(run, method, tmp_path, capsys, monkeypatch):
    """Compression empties the frequencies that noise is read from; taken for noise-free, a JPEG comes out worse."""
    sharp, blurred, jpeg = (tmp_path / name for name in ("a.png", "b.png", "b.jpg"))
    Image.open(SHARP).crop((100, 100, 260, 260)).save(sharp)
    blur = ["--psf", "gaussian", "--sigma", 1.5]
    assert run("blur", sharp, *blur, "--noise", 0.002, "-o", blurred, "--no-figure") == 0
    Image.open(blurred).save(jpeg, quality=75)
    words = [*blur, "--reference", sharp, "--method", method, "--no-figure", "--json", "--force"]

    def gain():
        assert run("deblur", jpeg, *words) == 0
        return json.loads(capsys.readouterr().out.splitlines()[-1])["isnr"]

    known = gain()
    monkeypatch.setattr("deconv.inputs.linear_light.compression_variance", lambda *_: 0.0)
    assert known > gain() + 0.8  # dB


@pytest.mark.parametrize("method", ["wiener", "total_variation"])
def test_a_file_whose_noise_was_smoothed_comes_out_better_and_the_report_says_so(run, method, tmp_path, capsys):
    """Next to no noise is left at the frequencies where it is read, as in what a camera has demosaiced."""
    sharp = np.asarray(Image.open(SHARP).convert("L"))[192:, 192:] / 255.0
    kernel, noise = restore.psf.disk(4), np.random.default_rng(0).normal(0, 0.03, sharp.shape)
    observed = restore.blur(sharp, kernel) + ndimage.gaussian_filter(noise, 0.8)
    path, reference = tmp_path / "camera.png", tmp_path / "sharp.png"
    for place, light in ((path, observed), (reference, sharp)):
        Image.fromarray((255 * linear_to_srgb(np.clip(light, 0, 1))).round().astype(np.uint8)).save(place)
    words = ["--psf", "disk", "--radius", 4, "--method", method]
    assert run("deblur", path, *words, "--reference", reference, "--json", "--no-figure") == 0
    record, said = capsys.readouterr()
    found = json.loads(record)
    assert not found["noise_is_white"]
    assert found["isnr"] > 0.5
    assert "coloured (demosaiced" in said


def test_a_picture_without_light_has_no_noise(run, tmp_path, capsys):
    Image.new("L", (40, 32)).save(tmp_path / "black.jpg")
    assert run("deblur", tmp_path / "black.jpg", "--psf", "box", "--size", 3, "-o", tmp_path / "a.png") == 0
    assert "noise     none" in capsys.readouterr().err
    with Image.open(tmp_path / "a.png") as restored:
        assert restored.getextrema() == (0, 0)
