"""A measured PSF from a file, of numbers or of a picture of a point."""

import json
import warnings

import numpy as np
import pytest
import tifffile
from PIL import Image

import restore
from deconv.inputs.psf_files.psf_file import kernel_of_file
from deconv.pictures import PictureError
from deconv.settings import PSFChoice


def test_measured_psf_as_array_and_as_picture(run, photo, tmp_path, capsys):
    psf = np.outer([1, 4, 6, 4, 1], [1, 4, 6, 4, 1])
    np.save(tmp_path / "psf.npy", psf)
    point = np.full((21, 21), 30)
    point[8:13, 8:13] += 6 * psf
    Image.fromarray(point.astype(np.uint8)).save(tmp_path / "point.png")
    outputs = []
    for name, words in (("psf.npy", []), ("point.png", ["--linear"])):
        output = tmp_path / f"{name}.out.png"
        assert run("deblur", photo, "--psf", tmp_path / name, "-o", output, *words, "--json", "--no-figure") == 0
        outputs.append(json.loads(capsys.readouterr().out))
    assert outputs[0]["psf"]["family"].endswith("psf.npy")
    assert outputs[0]["notes"] == ["the PSF's sum was 256 and is scaled to 1"]
    assert "background" in outputs[1]["notes"][0]


@pytest.mark.parametrize(("total", "is_said"), [(1, False), (1 + 9e-5, False), (1 + 2e-4, True), (0.5, True)])
def test_an_array_that_does_not_sum_to_one_is_scaled_and_that_is_said(total, is_said, tmp_path):
    psf = total * restore.psf.disk(2)
    np.save(tmp_path / "psf.npy", psf)
    kernel = kernel_of_file(PSFChoice(psf=str(tmp_path / "psf.npy"), parameters={}), ())
    np.testing.assert_allclose(kernel.psf, psf / psf.sum(), rtol=1e-15)
    assert kernel.notes == ((f"the PSF's sum was {total:.6g} and is scaled to 1",) if is_said else ())


def kernel_of(path, **choice):
    return kernel_of_file(PSFChoice(psf=str(path), parameters={}, **choice), ())


@pytest.mark.parametrize("name", ["a.png", "a.jpg", "a.webp", "a.tif", "deep.png"])
def test_the_codes_of_a_kernel_picture_are_its_weights(tmp_path, name):
    psf = restore.psf.gaussian(2)
    top, dtype = (65535, np.uint16) if name == "deep.png" else (255, np.uint8)
    codes = np.rint(psf / psf.max() * top).astype(dtype)
    Image.fromarray(codes).save(tmp_path / name, **{"lossless": True} if "webp" in name else {"quality": 100})
    kernel = kernel_of(tmp_path / name)
    np.testing.assert_allclose(kernel.psf, psf, atol=3e-4)
    assert any("taken as weights, undecoded (a photograph of a point: --psf-photo)" in note for note in kernel.notes)
    assert ("the PSF's colours were averaged" in kernel.notes) == ("webp" in name)
    decoded = kernel_of(tmp_path / name, photo=True)
    assert decoded.psf.max() > 1.5 * psf.max()  # decoding makes a point narrower
    assert not any("undecoded" in note for note in decoded.notes)


@pytest.mark.parametrize("slices", [2, 3, 4, 5])
def test_slices_of_a_volume_are_never_averaged(tmp_path, slices):
    psf = restore.psf.gaussian((0.8, 1, 1))[2 : 2 + slices]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # tifffile takes three or four slices for colours
        tifffile.imwrite(tmp_path / "psf.tif", (psf / psf.max()).astype(np.float32))
    kernel = kernel_of(tmp_path / "psf.tif", background="0")
    np.testing.assert_allclose(kernel.psf[:slices], psf / psf.sum(), rtol=1e-5)
    said = f"the PSF's {slices} planes are taken as slices, not as colours"
    assert (said in kernel.notes) == (slices in (3, 4))


def test_channels_are_no_slices(tmp_path):
    psfs = np.stack([restore.psf.gaussian((s, 1, 1), truncate=3)[-5:, :7, :7] for s in (0.7, 0.8, 1)])
    psfs = (psfs / psfs.sum(axis=(1, 2, 3), keepdims=True)).astype(np.float32)
    for axes, stack in (("ZCYX", psfs.transpose(1, 0, 2, 3)), ("CZYX", psfs)):
        tifffile.imwrite(tmp_path / "psf.ome.tif", stack, ome=True, metadata={"axes": axes})
        kernel = kernel_of(tmp_path / "psf.ome.tif", background="0")
        np.testing.assert_allclose(kernel.channels, psfs, atol=1e-7)  # the rim is black
        assert kernel.psf is kernel.channels[0]
    np.save(tmp_path / "psf.npy", psfs)
    np.testing.assert_allclose(kernel_of(tmp_path / "psf.npy").of_channel(2), psfs[2], rtol=1e-6)
    tifffile.imwrite(tmp_path / "psf.tif", psfs, imagej=True, metadata={"axes": "TZYX"})
    with pytest.raises(PictureError, match="planes along T and Z, and a PSF has slices along Z alone"):
        kernel_of(tmp_path / "psf.tif")


@pytest.mark.parametrize("bright_rim", [True, False], ids=["bright rim", "dark rim"])
def test_a_picture_that_is_none_of_a_point_is_refused_with_a_true_sentence(
    bright_rim, photo, texture, tmp_path, refused
):
    samples = 255 * texture((64, 72))
    samples[[0, -1]] = samples[:, [0, -1]] = 250 if bright_rim else 20
    Image.fromarray(samples.astype(np.uint8)).save(tmp_path / "scene.png")
    refused("deblur", "photo.png", "--psf", "scene.png", "-o", "x.png", expected="scene.png: is no picture of a point")
