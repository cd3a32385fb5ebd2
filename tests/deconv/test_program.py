"""The program as its users meet it: files in, files, report and exit code out."""

import io
import json
import os
import struct
import subprocess
import sys
import zlib
from pathlib import Path

import imagecodecs
import numpy as np
import png
import pytest
import tifffile
from PIL import Image, ImageCms

import cli
import restore

ROOT = Path(__file__).resolve().parents[2]
GAUSSIAN = ["--psf", "gaussian", "--sigma", "1.5"]


def run(*words):
    """Run the program in this process and return its exit code."""
    return cli.main([str(word) for word in words])


def texture(shape, seed=0):
    """Return a smooth random picture in [0.1, 0.9] with detail of many sizes."""
    rng = np.random.default_rng(seed)
    spectrum = np.fft.rfft2(rng.standard_normal(shape[:2]))
    frequency = np.hypot(np.fft.fftfreq(shape[0])[:, None], np.fft.rfftfreq(shape[1]))
    field = np.fft.irfft2(spectrum / (frequency + 0.01) ** 1.3, s=shape[:2])
    field = 0.1 + 0.8 * (field - field.min()) / np.ptp(field)
    return field if len(shape) == 2 else np.stack([field**power for power in (1, 0.8, 1.2)], axis=-1)


@pytest.fixture
def photo(tmp_path):
    path = tmp_path / "photo.png"
    Image.fromarray((255 * texture((96, 120, 3))).astype(np.uint8)).save(path)
    return path


@pytest.fixture
def rgb16(tmp_path):
    """Return a 16-bit RGB PNG with ICC profile and EXIF, written by independent means."""
    path = tmp_path / "deep.png"
    samples = (65535 * texture((64, 80, 3))).astype(np.uint16)
    with path.open("wb") as file:
        png.Writer(80, 64, greyscale=False, bitdepth=16).write(file, samples.reshape(64, -1).tolist())
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    exif = Image.Exif()
    exif[271], exif[305] = "Maker", "Deconv test"
    chunks = list(png.Reader(bytes=path.read_bytes()).chunks())
    chunks[1:1] = [
        (b"iCCP", b"icc\0\0" + zlib.compress(profile)),
        (b"eXIf", exif.tobytes().removeprefix(b"Exif\0\0")),
    ]
    with path.open("wb") as file:
        png.write_chunks(file, chunks)
    return path, samples, profile


def test_the_first_commands_of_the_readme(photo, tmp_path, capsys):
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


def test_json_is_one_object_per_input_and_people_read_stderr(photo, tmp_path, capsys):
    second = tmp_path / "second.png"
    second.write_bytes(photo.read_bytes())
    assert run("deblur", photo, second, *GAUSSIAN, "--json", "--no-figure", "-o", tmp_path / "out") == 0
    out, err = capsys.readouterr()
    records = [json.loads(line) for line in out.splitlines()]
    assert [r["input"] for r in records] == [str(photo), str(second)]
    for key in ("output", "figure", "method", "psf", "noise_sigma", "parameter", "rule", "boundary", "seconds"):
        assert key in records[0]
    assert records[0]["psf"] == {"family": "gaussian", "sigma": 1.5, "estimated": []}
    assert "psf" in err
    assert "{" not in err


def test_quality_is_that_of_the_files(photo, tmp_path, capsys):
    blurred, restored = tmp_path / "b.png", tmp_path / "r.png"
    run("blur", photo, *GAUSSIAN, "--noise", 0.001, "-o", blurred, "--no-figure")
    run("deblur", blurred, *GAUSSIAN, "--reference", photo, "-o", restored, "--json", "--no-figure")
    found = json.loads(capsys.readouterr().out)
    sharp, before, after = (np.asarray(Image.open(p)) / 255.0 for p in (photo, blurred, restored))
    assert found["psnr_before"] == pytest.approx(-10 * np.log10(np.mean((before - sharp) ** 2)), abs=1e-6)
    assert found["psnr_after"] == pytest.approx(-10 * np.log10(np.mean((after - sharp) ** 2)), abs=1e-6)
    assert found["isnr"] == pytest.approx(found["psnr_after"] - found["psnr_before"])
    assert found["psnr_after"] > found["psnr_before"] + 1


def test_16_bit_rgb_keeps_depth_profile_and_exif(rgb16, tmp_path):
    path, samples, profile = rgb16
    blurred, restored = tmp_path / "b.png", tmp_path / "r.png"
    assert run("blur", path, *GAUSSIAN, "-o", blurred) == 0
    assert run("deblur", blurred, *GAUSSIAN, "-o", restored) == 0
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
def test_depth_and_channels_survive(tmp_path, name, dtype, shape):
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


def test_linear_light_is_the_default_for_photos_and_can_be_overridden(photo, tmp_path, capsys):
    lights = []
    for words in ([], ["--linear"], ["--srgb"]):
        output = tmp_path / f"{len(lights)}.png"
        assert run("deblur", photo, *GAUSSIAN, *words, "-o", output, "--no-figure", "--json") == 0
        lights.append(json.loads(capsys.readouterr().out)["light"])
    assert lights == ["srgb", "linear", "srgb"]
    assert (tmp_path / "0.png").read_bytes() == (tmp_path / "2.png").read_bytes()
    assert (tmp_path / "0.png").read_bytes() != (tmp_path / "1.png").read_bytes()


def test_every_plane_of_a_stack(tmp_path):
    stack = np.stack([texture((48, 56), seed) for seed in range(3)]).astype(np.float32)
    path, output = tmp_path / "stack.tif", tmp_path / "out.tif"
    tifffile.imwrite(path, stack, photometric="minisblack")
    assert run("deblur", path, *GAUSSIAN, "-o", output, "--no-figure") == 2
    assert run("deblur", path, *GAUSSIAN, "-o", output, "--no-figure", "--frame", "all") == 0
    assert tifffile.imread(output).shape == (3, 48, 56)
    single = tmp_path / "single.tif"
    assert run("deblur", path, *GAUSSIAN, "-o", single, "--no-figure", "--frame", 1) == 0
    np.testing.assert_allclose(tifffile.imread(single), tifffile.imread(output)[1], atol=1e-6)


def test_a_3_d_psf_restores_a_stack_as_a_volume(tmp_path):
    stack = np.stack([texture((32, 36), seed) for seed in range(8)])
    psf = np.ones((3, 3, 3)) / 27
    np.save(tmp_path / "stack.npy", stack)
    np.save(tmp_path / "psf.npy", psf)
    words = ["--psf", tmp_path / "psf.npy", "--axes", "ZYX", "--frame", "all", "-o", tmp_path / "out.npy"]
    assert run("deblur", tmp_path / "stack.npy", *words) == 0
    assert np.load(tmp_path / "out.npy").shape == stack.shape


def test_measured_psf_as_array_and_as_picture(photo, tmp_path, capsys):
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


def test_alpha_hides_what_lies_under_it(tmp_path):
    """Colour under full transparency must not bleed into what is seen."""
    rgba = np.zeros((64, 64, 4), np.uint8)
    rgba[..., :3] = (255 * texture((64, 64, 3))).astype(np.uint8)
    rgba[..., 3] = 255
    rgba[:, 40:] = 255, 0, 255, 0
    other = rgba.copy()
    other[:, 40:, :3] = 0
    results = []
    for i, array in enumerate((rgba, other)):
        path, output = tmp_path / f"{i}.png", tmp_path / f"{i}.out.png"
        Image.fromarray(array).save(path)
        assert run("blur", path, *GAUSSIAN, "-o", output, "--no-figure") == 0
        results.append(np.asarray(Image.open(output)))
    np.testing.assert_array_equal(results[0][:, :40], results[1][:, :40])
    np.testing.assert_array_equal(results[0][..., 3], rgba[..., 3])
    np.testing.assert_array_equal(results[0][:, 40:], rgba[:, 40:])


def test_blur_is_repeatable_and_seeded(photo, tmp_path):
    def blurred(name, seed):
        run("blur", photo, *GAUSSIAN, "--noise", 0.02, "--seed", seed, "-o", tmp_path / name, "--no-figure")
        return (tmp_path / name).read_bytes()

    assert blurred("a.png", 1) == blurred("b.png", 1) != blurred("c.png", 2)


# --- bad input: exit code 2, one line, nothing changed -------------------------------------------------------------


def png_header(width, height):
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"0" * 99)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


def make_bad(folder, photo):
    nan = texture((32, 32))
    nan[3, 4] = np.nan
    np.save(folder / "nan.npy", nan)
    np.save(folder / "colour.npy", texture((32, 32, 3)))
    np.save(folder / "complex.npy", texture((32, 32)) * 1j)
    (folder / "empty.png").write_bytes(b"")
    (folder / "text.png").write_text("not a picture\n")
    (folder / "cut.png").write_bytes(photo.read_bytes()[:2000])
    (folder / "bomb.png").write_bytes(png_header(30_000, 30_000))
    np.save(folder / "huge_psf.npy", np.ones((300, 300)))
    np.save(folder / "zero_psf.npy", np.zeros((5, 5)))
    np.save(folder / "nan_psf.npy", np.full((5, 5), np.nan))
    (folder / "photo.restored.png").write_bytes(b"precious")


BAD = {
    "NaN": (["nan.npy", *GAUSSIAN], "NaN"),
    "unnamed axes": (["colour.npy", *GAUSSIAN], "--axes"),
    "complex": (["complex.npy", *GAUSSIAN], "complex"),
    "empty file": (["empty.png", *GAUSSIAN], "empty"),
    "text as png": (["text.png", *GAUSSIAN], "not a picture"),
    "truncated": (["cut.png", *GAUSSIAN], "truncated"),
    "900 megapixels": (["bomb.png", *GAUSSIAN], "--max-pixels"),
    "missing file": (["nothing.png", *GAUSSIAN], "does not exist"),
    "folder": (["folder", *GAUSSIAN], "folder"),
    "psf too large": (["photo.png", "--psf", "huge_psf.npy", "-o", "x.png"], "must fit"),
    "psf sums to zero": (["photo.png", "--psf", "zero_psf.npy", "-o", "x.png"], "sum"),
    "psf with NaN": (["photo.png", "--psf", "nan_psf.npy", "-o", "x.png"], "NaN"),
    "no such family": (["photo.png", "--psf", "gauss", "-o", "x.png"], "gaussian"),
    "foreign parameter": (["photo.png", "--psf", "gaussian", "--radius", "2", "-o", "x.png"], "--radius"),
    "missing parameter": (["photo.png", "--psf", "box", "-o", "x.png"], "--size"),
    "negative sigma": (["photo.png", "--psf", "gaussian", "--sigma", "-1"], "> 0"),
    "sigma no number": (["photo.png", "--psf", "gaussian", "--sigma", "two"], "number"),
    "existing output": (["photo.png", *GAUSSIAN], "--force"),
    "output is input": (["photo.png", *GAUSSIAN, "-o", "photo.png", "--force"], "input"),
    "missing folder": (["photo.png", *GAUSSIAN, "-o", "none/x.png"], "no folder"),
    "read-only folder": (["photo.png", *GAUSSIAN, "-o", "locked/x.png"], "read-only"),
    "figure over output": (["photo.png", *GAUSSIAN, "-o", "x.png", "--figure", "x.png"], "twice"),
    "16 bit to jpeg": (["deep.png", *GAUSSIAN, "-o", "x.jpg"], "PNG or TIFF"),
    "unknown suffix": (["photo.png", *GAUSSIAN, "-o", "x.xyz"], "format"),
    "unknown boundary": (["photo.png", *GAUSSIAN, "--boundary", "wrap", "-o", "x.png"], "periodic"),
    "unknown rule": (["photo.png", *GAUSSIAN, "--method", "cls", "--rule", "best", "-o", "x.png"], "upre"),
    "foreign strength": (["photo.png", *GAUSSIAN, "--method", "cls", "--nsr", "1", "-o", "x.png"], "nsr"),
    "other reference": (["photo.png", *GAUSSIAN, "--reference", "deep.png", "-o", "x.png"], "same size"),
    "two lights": (["photo.png", *GAUSSIAN, "--srgb", "--linear"], "not allowed"),
    "no psf": (["photo.png"], "--psf"),
    "no input": ([*GAUSSIAN], "PICTURE"),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_input_is_one_line_and_changes_nothing(case, photo, rgb16, tmp_path, monkeypatch, capsys):
    words, expected = BAD[case]
    make_bad(tmp_path, photo)
    (tmp_path / "folder").mkdir()
    locked = tmp_path / "locked"
    locked.mkdir(mode=0o555)
    monkeypatch.chdir(tmp_path)
    before = snapshot(tmp_path)
    assert run("deblur", *words) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("error: ")
    assert err.count("\n") == 1, err
    assert expected in err
    assert snapshot(tmp_path) == before


def snapshot(folder):
    return {str(p.relative_to(folder)): p.read_bytes() if p.is_file() else None for p in folder.rglob("*")}


def test_a_sharp_picture_is_not_deblurred_by_an_estimate(tmp_path, capsys):
    path = tmp_path / "noise.png"
    noise = np.random.default_rng(0).integers(0, 256, (128, 128))
    Image.fromarray(noise.astype(np.uint8)).save(path)
    assert run("deblur", path, "--psf", "gaussian") == 2
    assert "--sigma" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == [path]


def test_a_batch_goes_on_after_a_bad_file(photo, tmp_path, capsys):
    bad = tmp_path / "bad.png"
    bad.write_bytes(b"no picture at all, but long enough for a header")
    out = tmp_path / "out"
    assert run("deblur", bad, photo, *GAUSSIAN, "-o", f"{out}{os.sep}", "--no-figure") == 2
    assert (out / "photo.png").exists()
    err = capsys.readouterr().err
    assert err.splitlines()[-1] == "1 of 2 pictures failed"
    assert "bad.png" in err.splitlines()[-2]


def test_force_replaces_an_output(photo, tmp_path):
    output = tmp_path / "photo.restored.png"
    output.write_bytes(b"old")
    assert run("deblur", photo, *GAUSSIAN, "--force", "--no-figure") == 0
    with Image.open(output) as picture:
        assert picture.size == (120, 96)


def test_a_fault_of_the_program_is_exit_code_1(photo, monkeypatch, capsys):
    import deconv.deblur.run

    monkeypatch.setattr(deconv.deblur.run, "compare", lambda *_: 1 / 0)
    assert run("deblur", photo, *GAUSSIAN, "--reference", photo) == 1
    assert "internal error: ZeroDivisionError" in capsys.readouterr().err
    assert list(photo.parent.iterdir()) == [photo]


def test_ctrl_c_is_exit_code_130_and_leaves_nothing(photo, monkeypatch):
    import deconv.deblur.figure

    def interrupted(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(deconv.deblur.figure, "comparison", interrupted)
    assert run("deblur", photo, *GAUSSIAN) == 130
    assert list(photo.parent.iterdir()) == [photo]


def test_debug_shows_the_traceback(tmp_path, capsys):
    assert run("deblur", tmp_path / "nothing.png", *GAUSSIAN, "--debug") == 2
    assert "Traceback" in capsys.readouterr().err


@pytest.mark.parametrize(
    "words", [["--help"], ["blur", "--help"], ["deblur", "--help"], ["estimate", "--help"]], ids=" ".join
)
def test_help_is_light_and_shows_examples(words):
    code = f"import sys; sys.argv = ['cli.py', *{words!r}]; import runpy\n"
    code += (
        "try:\n    runpy.run_path('cli.py', run_name='__main__')\nexcept SystemExit as end: print('exit', end.code)\n"
    )
    code += "print(sorted(m for m in ('scipy', 'skimage', 'matplotlib', 'numpy') if m in sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True)
    assert done.stdout.splitlines()[-2:] == ["exit 0", "[]"]
    if len(words) > 1:
        assert "examples:" in done.stdout


def test_the_program_runs_from_any_folder(photo, tmp_path):
    command = [sys.executable, str(ROOT / "cli.py"), "deblur", "photo.png", *GAUSSIAN, "--no-figure"]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout == ""
    assert (tmp_path / "photo.restored.png").exists()


def test_figure_is_readable_and_shares_one_range(photo, tmp_path):
    figure = tmp_path / "f.png"
    assert run("deblur", photo, *GAUSSIAN, "--reference", photo, "-o", tmp_path / "r.png", "--figure", figure) == 0
    with Image.open(io.BytesIO(figure.read_bytes())) as picture:
        assert picture.width >= 1200
        assert picture.height >= 600


# --- the blur found from the picture --------------------------------------------------------------------------------

CLOCK = ROOT / "samples" / "clock.png"


def test_estimate_tells_the_blur_of_a_real_photo(capsys, tmp_path):
    psf = tmp_path / "psf.npy"
    assert run("estimate", CLOCK, "--json", "-o", psf) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["psf"]["family"] == "motion"
    assert found["psf"]["length"] == pytest.approx(36, abs=1)
    assert found["psf"]["angle"] == pytest.approx(2, abs=1)
    assert found["confidence"] == "confident"
    assert np.load(psf).sum() == pytest.approx(1)
    assert run("estimate", CLOCK, "-o", psf) == 2


def test_known_parameters_are_kept_and_the_rest_is_estimated(capsys, tmp_path):
    words = ["--psf", "motion", "--angle", 2, "--json", "--no-figure", "-o", tmp_path / "out.png"]
    assert run("deblur", CLOCK, *words) == 0
    psf = json.loads(capsys.readouterr().out)["psf"]
    assert psf["angle"] == 2
    assert psf["length"] == pytest.approx(36, abs=1)
    assert psf["estimated"] == ["length"]


def test_auto_finds_the_family_too(capsys, tmp_path):
    assert run("deblur", CLOCK, "--psf", "auto", "--json", "--no-figure", "-o", tmp_path / "out.png") == 0
    psf = json.loads(capsys.readouterr().out)["psf"]
    assert psf["family"] == "motion"
    assert psf["estimated"] == ["length", "angle"]
    assert psf["confidence"] == "confident"


# --- unknown samples -------------------------------------------------------------------------------------------------


@pytest.fixture
def lamp(tmp_path):
    """A blurred picture with a light that clips: the sharp file and the blurred one."""
    sharp = (80 * texture((96, 96))).astype(np.float64) / 255
    sharp[40:46, 50:56] = 20.0
    np.save(tmp_path / "sharp.npy", np.minimum(sharp, 1))
    blurred = restore.degrade(sharp, restore.psf.disk(3), noise_sigma=0.002, rng=0)
    path = tmp_path / "lamp.png"
    Image.fromarray(np.clip(255 * blurred, 0, 255).round().astype(np.uint8)).save(path)
    return sharp, path


def around_the_lamp(path, sharp):
    values = np.asarray(Image.open(path)) / 255.0
    rows, columns = slice(25, 61), slice(35, 71)
    return float(np.mean((values - np.minimum(sharp, 1))[rows, columns] ** 2))


def test_clipped_lights_are_unknown_unless_kept(lamp, capsys):
    sharp, path = lamp
    errors, masked = {}, {}
    for word in ("auto", "mask", "keep"):
        output = path.with_name(f"{word}.png")
        words = ["--psf", "disk", "--radius", 3, "--linear", "--clipped", word, "--no-figure", "--json"]
        assert run("deblur", path, *words, "-o", output) == 0
        errors[word], masked[word] = around_the_lamp(output, sharp), json.loads(capsys.readouterr().out)["masked"]
    assert errors["auto"] == errors["mask"] < 0.5 * errors["keep"]
    assert masked["auto"] == masked["mask"] > 0 == masked["keep"]


def test_a_white_ground_is_not_taken_for_lights(tmp_path, capsys):
    page = np.full((64, 64), 255, np.uint8)
    page[20:40, 20:40] = 30
    Image.fromarray(page).save(tmp_path / "page.png")
    assert run("deblur", tmp_path / "page.png", *GAUSSIAN, "--no-figure", "--json") == 0
    assert json.loads(capsys.readouterr().out)["masked"] == 0


def test_scratch_by_mask_file_and_nan(tmp_path):
    sharp = texture((80, 88))
    blurred = restore.degrade(sharp, restore.psf.gaussian(1.5), noise_sigma=0.002, rng=0)
    scratch = np.zeros((80, 88), bool)
    scratch[30:32, 10:70] = True
    spoiled = np.where(scratch, 3.0, blurred)
    np.save(tmp_path / "spoiled.npy", spoiled)
    np.save(tmp_path / "nan.npy", np.where(scratch, np.nan, blurred))
    Image.fromarray(255 * scratch.astype(np.uint8)).save(tmp_path / "mask.png")
    words = [*GAUSSIAN, "--no-figure", "--force", "-o", tmp_path / "out.npy"]
    errors = []
    for source, extra in (("spoiled", []), ("spoiled", ["--mask", tmp_path / "mask.png"]), ("nan", ["--nan", "mask"])):
        assert run("deblur", tmp_path / f"{source}.npy", *words, *extra) == 0
        errors.append(float(np.mean((np.load(tmp_path / "out.npy") - sharp) ** 2)))
    assert errors[1] < 0.1 * errors[0]
    assert errors[2] == pytest.approx(errors[1], rel=1e-6)


def test_a_mask_of_another_size_is_refused(photo, tmp_path, capsys):
    Image.new("L", (5, 5)).save(tmp_path / "mask.png")
    assert run("deblur", photo, *GAUSSIAN, "--mask", tmp_path / "mask.png", "-o", tmp_path / "x.png") == 2
    assert "same height and width" in capsys.readouterr().err


@pytest.mark.parametrize("quality", [75, 95])
@pytest.mark.parametrize("blur", [["gaussian", "--sigma", 1.5], ["motion", "--length", 12, "--angle", 20]], ids=str)
def test_a_jpeg_is_restored_and_not_its_compression(blur, quality, tmp_path, capsys):
    """Compression empties the frequencies that noise is read from; taken for noise-free, a JPEG comes out worse."""
    sharp, blurred, jpeg = ROOT / "samples" / "sharp.png", tmp_path / "b.png", tmp_path / "b.jpg"
    assert run("blur", sharp, "--psf", *blur, "--noise", 0.002, "-o", blurred, "--no-figure") == 0
    Image.open(blurred).save(jpeg, quality=quality)
    words = ["--psf", *blur, "--reference", sharp, "--no-figure", "--json"]
    assert run("deblur", jpeg, *words) == 0
    assert json.loads(capsys.readouterr().out.splitlines()[-1])["isnr"] > 0.3
