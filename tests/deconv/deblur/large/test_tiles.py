"""What does not fit into memory is restored in tiles, as `map_tiles` restores it, and the report says so."""

import json

import numpy as np
import pytest
import tifffile
from PIL import Image
from skimage import data

import restore
from deconv import pictures
from deconv.inputs.light_choice import CODES


def said(capsys):
    """The JSON object of the last run."""
    return json.loads(capsys.readouterr().out.splitlines()[-1])


@pytest.mark.parametrize(("suffix", "boundary"), [(".tif", "unknown"), (".zarr", "reflect"), (".npy", "reflect")])
def test_a_file_is_restored_as_map_tiles_restores_it(cut, large, light, wiener, suffix, boundary, tmp_path, capsys):
    if suffix == ".zarr":
        pytest.importorskip("zarr")
    out = tmp_path / f"out{suffix}"
    assert cut(large, *wiener, "--boundary", boundary, "--no-figure", "--json", "-o", out) == 0
    record = said(capsys)
    assert record["tiles"]["count"] == (9 if suffix != ".npy" else record["tiles"]["count"]) > 1
    if suffix != ".npy":
        assert record["tiles"]["shape"] == [128, 128]
    observed = tifffile.imread(large).astype(np.float32) / np.float32(65535)
    expected = restore.map_tiles(observed, light[1], method="wiener", nsr=0.02, boundary=boundary, tile=10_000)
    if suffix == ".zarr":
        import zarr

        stored = zarr.open_array(str(out / "0"), mode="r")[:]
    else:
        stored = np.load(out) if suffix == ".npy" else tifffile.imread(out)
    codes = np.rint(np.clip(expected.astype(np.float64), 0, 1) * 65535)
    assert stored.dtype == np.uint16
    assert np.abs(stored - codes).max() <= 6  # 1e-4 of the range
    assert sorted(p.name for p in tmp_path.iterdir()) == ["large.tif", out.name]


def test_what_fits_is_written_byte_for_byte_as_without_a_word_of_memory(run, cut, large, wiener, tmp_path, capsys):
    words = [*wiener[:-2], "--no-figure"]
    assert cut(large, *words, "--json", "--memory", "1G", "-o", tmp_path / "a.tif") == 0
    assert "tiles" not in said(capsys)
    assert run("deblur", large, *words, "-o", tmp_path / "b.tif") == 0
    assert (tmp_path / "a.tif").read_bytes() == (tmp_path / "b.tif").read_bytes()


@pytest.mark.parametrize(
    ("method", "memory"),
    [("wiener", "9M"), pytest.param("auto", "28M", marks=pytest.mark.slow)],
)
def test_a_photograph_in_colour_with_a_figure(cut, light, method, memory, tmp_path, capsys):
    """A JPEG is read as a whole; only its restoration goes in tiles."""
    colour = restore.degrade(data.astronaut()[:300, :340] / 255.0, light[1], noise_sigma=0.01, rng=0, channel_axis=-1)
    path, out = tmp_path / "a.jpg", tmp_path / "out.png"
    Image.fromarray((255 * np.clip(colour, 0, 1)).round().astype(np.uint8)).save(path, quality=95)
    words = ("--psf", "gaussian", "--sigma", "1.2", "--method", method, "--linear", "--json")
    assert cut(path, *words, "--memory", memory, "-o", out) == 0
    record = said(capsys)
    assert record["tiles"]["count"] > 1
    assert record["method"] == ("aggregate" if method == "auto" else method)
    assert (tmp_path / "out.figure.png").exists()
    assert cut(path, *words, "--no-figure", "-o", tmp_path / "whole.png") == 0
    tiled, whole = (np.asarray(Image.open(p)).astype(float) for p in (out, tmp_path / "whole.png"))
    assert np.abs(tiled - whole)[40:-40, 40:-40].mean() < 1  # the whole judges noise and border on its own grid


def test_transparency_and_floating_results(cut, texture, wiener, tmp_path, capsys):
    samples = np.empty((304, 328, 4), np.uint8)
    samples[..., :3] = (255 * texture((304, 328, 3))).round()
    samples[..., 3] = 255
    samples[:110, :110, 3] = np.linspace(0, 255, 110).round()
    path = tmp_path / "a.tif"
    tifffile.imwrite(path, samples, photometric="rgb", extrasamples=["unassalpha"])
    assert cut(path, *wiener[:-1], "7M", "--no-figure", "--json", "-o", tmp_path / "b.tif") == 0
    assert said(capsys)["tiles"]["count"] > 1
    result = pictures.read(tmp_path / "b.tif")
    assert np.array_equal(result.alpha, samples[..., 3])
    gray = tmp_path / "gray.tif"
    tifffile.imwrite(gray, samples[..., 0])
    assert cut(gray, *wiener, "--float", "--no-figure", "-o", tmp_path / "c.tif") == 0
    floating = tifffile.imread(tmp_path / "c.tif")
    assert floating.dtype == np.float32
    assert 200 < floating.max() < 300  # in the units of the file


def test_a_stack_goes_slice_by_slice_or_as_a_volume(cut, tmp_path, capsys):
    rng = np.random.default_rng(0)
    stack = rng.random((12, 70, 80)).astype(np.float32)
    path, psf = tmp_path / "a.tif", np.ones((3, 3, 3)) / 27
    tifffile.imwrite(path, stack, metadata={"axes": "ZYX"}, photometric="minisblack", compression="zlib")
    words = ("--method", "wiener", "--nsr", "3", "--boundary", "periodic", "--no-figure", "--json")
    np.save(tmp_path / "psf.npy", psf)
    assert cut(path, "--psf", tmp_path / "psf.npy", *words, "--memory", "3600K", "-o", tmp_path / "b.npy") == 0
    assert said(capsys)["tiles"]["count"] > 1
    expected = restore.deconvolve(stack, psf, method="wiener", nsr=3.0, boundary="periodic").image
    assert np.abs(np.load(tmp_path / "b.npy") - expected).max() < 1e-3
    np.save(tmp_path / "flat.npy", np.ones((3, 3)) / 9)
    assert cut(path, "--psf", tmp_path / "flat.npy", *words, "--memory", "800K", "-o", tmp_path / "c.tif") == 0
    record = said(capsys)
    assert record["tiles"]["count"] >= 12
    assert any("each of 12 planes is restored by itself" in note for note in record["notes"])
    alone = restore.deconvolve(stack[4], np.ones((3, 3)) / 9, method="wiener", nsr=3.0, boundary="periodic").image
    assert np.abs(tifffile.imread(tmp_path / "c.tif")[4] - alone).max() < 1e-3


def test_the_blur_is_looked_for_in_a_part(cut, texture, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr("deconv.deblur.large.window.EDGE", 280)
    monkeypatch.setattr("deconv.deblur.large.kernel.liveliest.__defaults__", (280,), raising=False)
    sharp = 0.3 * np.ones((600, 560))
    sharp[300:, 210:] = texture((300, 350))  # all detail is in one corner
    observed = restore.degrade(sharp, restore.psf.gaussian(1.8), noise_sigma=0.002, rng=0)
    path = tmp_path / "a.tif"
    tifffile.imwrite(path, (65535 * observed.clip(0, 1)).round().astype(np.uint16), tile=(64, 64))
    words = ("--psf", "gaussian", "--method", "wiener", "--memory", "8M", "--json", "--no-figure")
    assert cut(path, *words, "-o", tmp_path / "b.tif") == 0
    record = said(capsys)
    assert record["psf"]["sigma"] == pytest.approx(1.8, abs=0.15)
    assert any("looked for in a part of 280 x 280 pixels at 280, 320" in note for note in record["notes"])


def test_a_psf_from_a_point_is_measured_in_its_box_alone(cut, tmp_path, capsys):
    sky = np.full((304, 328), 0.01)
    sky[220, 260], sky[70, 60] = 30.0, 20.0
    observed = restore.degrade(sky, restore.psf.gaussian(1.5), noise_sigma=0.001, rng=0)
    path = tmp_path / "a.tif"
    tifffile.imwrite(path, observed.astype(np.float32), tile=(64, 64))
    words = ("--psf", "gaussian", "--psf-from-point", "245,205,31,31", "--method", "cls", "--memory", "3M")
    assert cut(path, *words, "--json", "--no-figure", "-o", tmp_path / "b.tif") == 0
    psf = said(capsys)["psf"]
    assert psf["sigma"] == pytest.approx(1.5, abs=0.05)
    assert psf["measured"]["box"] == [245, 205, 31, 31]
    assert psf["measured"]["center"] == pytest.approx([260, 220], abs=0.1)


def test_clipped_samples_a_mask_and_nan_are_solved_for(cut, light, wiener, tmp_path, capsys):
    """Each alone leaves what is around it as it was without."""
    codes = np.round(np.clip(light[0], 0, 1) * 60000).astype(np.uint16)
    holes = {"clipped": codes.copy(), "mask": codes.copy(), "nan": codes.astype(np.float32) / 60000}
    place = np.s_[122:134, 123:133]  # across the corner of four tiles
    holes["clipped"][place], holes["mask"][place], holes["nan"][place] = 65535, 0, np.nan
    mask = np.zeros(codes.shape, np.uint8)
    mask[place] = 255
    Image.fromarray(mask).save(tmp_path / "mask.png")
    tifffile.imwrite(tmp_path / "known.tif", codes, tile=(64, 64))
    words = (*wiener, "--no-figure", "--json", "-o")
    assert cut(tmp_path / "known.tif", *words, tmp_path / "known.out.tif") == 0
    known = tifffile.imread(tmp_path / "known.out.tif") / 60000
    capsys.readouterr()
    options = {"clipped": (), "mask": ("--mask", tmp_path / "mask.png"), "nan": ("--nan", "mask")}
    for name, samples in holes.items():
        tifffile.imwrite(tmp_path / f"{name}.tif", samples, tile=(64, 64))
        assert cut(tmp_path / f"{name}.tif", *words, tmp_path / f"{name}.out.tif", *options[name]) == 0
        record = said(capsys)
        assert record["tiles"]["count"] > 1
        assert record["masked"] == pytest.approx(120 / codes.size)
        out = tifffile.imread(tmp_path / f"{name}.out.tif") / (1 if name == "nan" else 60000)
        difference = np.abs(out - known)
        assert difference[72:184, 68:188].max() < 0.25  # inside it is solved for
        difference[108:148, 109:147] = 0
        assert difference.max() < 0.02


@pytest.mark.parametrize("suffix", [".npy", ".zarr"])
def test_errors_of_the_psf_count_and_arrays_get_a_figure(cut, large, wiener, tmp_path, capsys, suffix):
    if suffix == ".zarr":
        pytest.importorskip("zarr")
    source = tmp_path / "picture.npy"
    np.save(source, tifffile.imread(large).astype(np.float32) / 255)
    assert cut(source, *wiener, "--psf-error", "2%", "-o", tmp_path / f"out{suffix}") == 0
    assert "what the PSF's errors leave counts as noise of 2" in capsys.readouterr().err
    assert (tmp_path / "out.figure.png").stat().st_size > 0


@pytest.mark.parametrize("axes", ["TCZYX", "ZCYX"])
def test_a_store_in_tiles_has_every_volume_in_its_place(cut, run, axes, tmp_path, capsys, monkeypatch):
    """From a TIFF, whose order of axes OME-Zarr may not have, and from a store; all that is said comes along."""
    zarr = pytest.importorskip("zarr")
    shape = {"TCZYX": (2, 2, 6, 70, 80), "ZCYX": (6, 2, 70, 80)}[axes]
    stack = np.random.default_rng(0).random(shape).astype(np.float32)
    np.save(tmp_path / "psf.npy", np.ones((3, 3, 3)) / 27)
    sizes = {"PhysicalSizeX": 0.1, "PhysicalSizeY": 0.1, "PhysicalSizeZ": 0.3}
    names = {"Channel": {"Name": ["a", "b"]}}
    tifffile.imwrite(tmp_path / "a.tif", stack, ome=True, metadata={"axes": axes, **sizes, **names})
    words = ["--psf", tmp_path / "psf.npy", "--method", "wiener", "--nsr", 3, "--boundary", "periodic", "--no-figure"]
    words += ["--json", "-o"]
    assert run("deblur", tmp_path / "a.tif", *words, tmp_path / "whole.tif") == 0
    assert "tiles" not in said(capsys)
    with monkeypatch.context() as patch:
        patch.setattr("deconv.deblur.large.route._fits", lambda *_: False)
        assert cut(tmp_path / "a.tif", *words, tmp_path / "b.zarr", "--memory", "1G") == 0
        assert said(capsys)["tiles"]["count"] == stack.size // (6 * 70 * 80)
        assert cut(tmp_path / "b.zarr", *words, tmp_path / "c.zarr", "--memory", "1G") == 0
        assert said(capsys)["tiles"]["count"] == stack.size // (6 * 70 * 80)
    whole = tifffile.imread(tmp_path / "whole.tif")
    written = zarr.open_group(str(tmp_path / "b.zarr"), mode="r")
    in_order = whole.swapaxes(0, 1) if axes == "ZCYX" else whole
    assert np.abs(written["0"][...] - in_order).max() < 1e-4
    letters = [axis["name"] for axis in written.attrs["ome"]["multiscales"][0]["axes"]]
    assert letters == list("czyx" if axes == "ZCYX" else "tczyx")
    assert [channel["label"] for channel in written.attrs["ome"]["omero"]["channels"]] == ["a", "b"]
    assert run("deblur", tmp_path / "b.zarr", *words, tmp_path / "d.zarr") == 0
    assert "tiles" not in said(capsys)
    one, two = (zarr.open_group(str(tmp_path / name), mode="r") for name in ("c.zarr", "d.zarr"))
    assert dict(one.attrs) == dict(two.attrs) == dict(written.attrs)
    assert np.abs(one["0"][...] - two["0"][...]).max() < 1e-4


def test_codes_that_were_blurred_are_restored_in_codes(cut, tmp_path, capsys):
    codes = restore.degrade(
        data.camera()[120:376, 120:376] / 255.0, restore.psf.gaussian(1.5), noise_sigma=0.01, rng=0, boundary="valid"
    )
    Image.fromarray((255 * codes.clip(0, 1)).round().astype(np.uint8)).save(tmp_path / "a.png")
    words = ("--psf", "gaussian", "--method", "wiener", "--memory", "2M", "--json", "--no-figure")
    assert cut(tmp_path / "a.png", *words, "-o", tmp_path / "b.png") == 0
    record = said(capsys)
    assert record["tiles"]["count"] > 1
    assert CODES in record["notes"]
    assert record["light"] == "linear"
    assert record["psf"]["sigma"] == pytest.approx(1.5, rel=0.1)


def test_the_ground_of_a_picture_is_said_and_left_as_it_was(cut, light, wiener, tmp_path, capsys):
    codes = np.round(np.clip(light[0], 0, 1) * 60000).astype(np.uint16)
    ground = np.zeros(codes.shape, bool)
    ground[:, 220:] = ground[:50] = True
    tifffile.imwrite(tmp_path / "whole.tif", codes, tile=(64, 64))
    tifffile.imwrite(tmp_path / "part.tif", np.where(ground, 0, codes).astype(np.uint16), tile=(64, 64))
    words = (*wiener, "--no-figure", "--json", "-o")
    assert cut(tmp_path / "whole.tif", *words, tmp_path / "whole.out.tif") == 0
    assert said(capsys)["dead"] == 0
    assert cut(tmp_path / "part.tif", *words, tmp_path / "part.out.tif") == 0
    record = said(capsys)
    assert record["tiles"]["count"] > 1
    assert record["dead"] == pytest.approx(ground.mean(), abs=1e-3)
    assert record["masked"] == 0
    whole, part = (tifffile.imread(tmp_path / f"{name}.out.tif") / 60000 for name in ("whole", "part"))
    assert (part[ground] == 0).all()
    assert np.abs(part - whole)[70:, :200].max() < 0.03


def test_what_contradicts_the_psf_is_said_and_solved_for(cut, light, wiener, tmp_path, capsys):
    codes = np.round(np.clip(light[0][:, :220], 0, 1) * 60000).astype(np.uint16)
    wrong = np.random.default_rng(0).random(codes.shape) < 0.001
    tifffile.imwrite(tmp_path / "right.tif", codes, tile=(64, 64))
    tifffile.imwrite(tmp_path / "wrong.tif", np.where(wrong, 0, codes).astype(np.uint16), tile=(64, 64))
    words = (*wiener, "--no-figure", "--json", "-o")
    assert cut(tmp_path / "right.tif", *words, tmp_path / "right.out.tif") == 0
    assert said(capsys)["contradicting"] == 0
    assert cut(tmp_path / "wrong.tif", *words, tmp_path / "wrong.out.tif") == 0
    out, err = capsys.readouterr()
    record = json.loads(out)
    assert record["tiles"]["count"] > 1
    assert record["contradicting"] == pytest.approx(wrong.mean(), rel=0.2)
    assert "of the samples contradict the PSF: solved for" in err
    assert cut(tmp_path / "wrong.tif", *words, tmp_path / "kept.out.tif", "--outliers", "keep") == 0
    assert said(capsys)["contradicting"] == 0
    right, solved, kept = (tifffile.imread(tmp_path / f"{n}.out.tif") / 60000 for n in ("right", "wrong", "kept"))
    assert np.std(solved - right) < 0.1 * np.std(kept - right)
