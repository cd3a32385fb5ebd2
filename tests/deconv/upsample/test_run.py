"""The upsample command as its users meet it: maps in, maps, figure, report and exit code out."""

import json
import re
from functools import partial
from pathlib import Path

import imagecodecs
import numpy as np
import pytest
from PIL import Image

import upsample

ROOT = Path(__file__).resolve().parents[3]
RNG = np.random.default_rng(0)
KEYS = (
    "input output figure kernel stride padding output_padding dilation groups layout border input_shape output_shape "
    "stages seconds"
)


@pytest.fixture(scope="session")
def run(run):
    """The upsample command."""
    return partial(run, "upsample")


def scattered(x, kernel, stride):
    """Return the full transposed convolution of a map by its definition, one kernel copy per sample."""
    size = [(n - 1) * stride + k for n, k in zip(x.shape, kernel.shape, strict=True)]
    y = np.zeros(size)
    for i, row in enumerate(x):
        for j, value in enumerate(row):
            y[i * stride : i * stride + kernel.shape[0], j * stride : j * stride + kernel.shape[1]] += value * kernel
    return y


@pytest.fixture
def fmap(tmp_path):
    path = tmp_path / "fmap.npy"
    np.save(path, RNG.standard_normal((4, 5)).astype(np.float32))
    return path


@pytest.fixture
def weight(tmp_path):
    path = tmp_path / "w.npy"
    np.save(path, np.arange(1.0, 7).reshape(2, 3))
    return path


def test_the_command_of_the_readme(run, fmap, capsys):
    assert run(fmap, "--stride", 2, "--json") == 0
    found = json.loads(capsys.readouterr().out)
    assert set(KEYS.split()) <= set(found)
    output, figure = fmap.with_name("fmap.upsampled.npy"), fmap.with_name("fmap.upsampled.figure.png")
    assert (found["output"], found["figure"]) == (str(output), str(figure))
    result = np.load(output)
    assert (result.dtype, result.shape) == (np.float32, (8, 10))
    np.testing.assert_array_equal(result, upsample.enlarge(np.load(fmap)).result)
    assert found["output_shape"] == [8, 10]
    assert found["border"] == "replicate"
    assert "checkerboard" not in found
    with Image.open(figure) as picture:
        assert picture.width >= 1200


def test_a_kernel_from_a_file_does_what_the_definition_says(run, fmap, weight, tmp_path):
    assert run(fmap, "--kernel", weight, "-o", tmp_path / "y.npy", "--no-figure") == 0
    expected = scattered(np.load(fmap), np.load(weight), 2)
    np.testing.assert_allclose(np.load(tmp_path / "y.npy"), expected, rtol=1e-5, atol=1e-5)
    words = ["--padding", "0:1,1:0", "--stride", 2, "-o", tmp_path / "z.npy", "--no-figure"]
    assert run(fmap, "--kernel", weight, *words) == 0
    np.testing.assert_allclose(np.load(tmp_path / "z.npy"), expected[:-1, 1:], rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("shape", [(5, 6), (3, 5, 6), (2, 3, 5, 6)], ids=str)
@pytest.mark.parametrize("dtype", ["float16", "float32", "float64", "complex64"])
def test_axes_and_floating_types_survive(run, tmp_path, shape, dtype):
    np.save(tmp_path / "x.npy", RNG.standard_normal(shape).astype(dtype))
    assert run(tmp_path / "x.npy", "--stride", "2,3", "--no-figure", "--quiet") == 0
    result = np.load(tmp_path / "x.upsampled.npy")
    assert (result.dtype, result.shape) == (dtype, (*shape[:-2], 10, 18))


@pytest.mark.parametrize(
    ("stored", "converted"), [("uint8", "float32"), ("bool", "float32"), ("int64", "float64"), (">i4", "float64")]
)
def test_integers_are_converted_with_a_note_and_not_scaled(run, tmp_path, capsys, stored, converted):
    values = np.array([[0, 1], [1, 1]]) if stored == "bool" else np.array([[0, 200], [7, 90]])
    np.save(tmp_path / "x.npy", values.astype(stored))
    assert run(tmp_path / "x.npy", "--kernel", "nearest", "--no-figure") == 0
    result = np.load(tmp_path / "x.upsampled.npy")
    assert result.dtype == converted
    np.testing.assert_array_equal(result, np.kron(values, np.ones((2, 2))))
    assert re.search("note .* not scaled", capsys.readouterr().err)


def test_layouts_name_the_axes_of_weight_and_map(run, tmp_path):
    x, weight = RNG.standard_normal((2, 5, 6)), RNG.standard_normal((2, 3, 3, 4))
    expected = upsample.conv_transpose(x, weight, stride=2, padding=1)
    for layout in ("torch", "keras", "jax"):
        np.save(tmp_path / "x.npy", upsample.convert_map(x, "torch", layout))
        np.save(tmp_path / "w.npy", upsample.convert_weight(weight, "torch", layout))
        words = ["--kernel", tmp_path / "w.npy", "--layout", layout, "--padding", 1, "--force", "--no-figure"]
        assert run(tmp_path / "x.npy", *words) == 0
        result = np.load(tmp_path / "x.upsampled.npy")
        np.testing.assert_allclose(upsample.convert_map(result, layout, "torch"), expected)


@pytest.mark.parametrize(("dtype", "shape"), [("uint16", (12, 14, 3)), ("uint8", (12, 14)), ("uint16", (12, 14))])
def test_a_picture_is_a_map_and_keeps_its_depth(run, tmp_path, dtype, shape):
    samples = RNG.integers(0, np.iinfo(dtype).max, shape).astype(dtype)
    (tmp_path / "p.png").write_bytes(imagecodecs.png_encode(samples))
    figure = () if len(shape) == 3 else ("--no-figure",)
    assert run(tmp_path / "p.png", "--kernel", "nearest", *figure) == 0
    result = imagecodecs.png_decode((tmp_path / "p.upsampled.png").read_bytes())
    assert result.dtype == dtype
    np.testing.assert_array_equal(result, samples.repeat(2, axis=0).repeat(2, axis=1))


def test_a_picture_may_become_an_array_of_other_channels(run, tmp_path, capsys):
    samples = RNG.integers(0, 255, (6, 7, 4)).astype(np.uint8)
    Image.fromarray(samples).save(tmp_path / "p.png")
    weight = RNG.standard_normal((2, 2, 1, 3))  # Keras: (*k, out, in)
    np.save(tmp_path / "w.npy", weight)
    words = ["--kernel", tmp_path / "w.npy", "--layout", "keras", "--no-figure"]
    assert run(tmp_path / "p.png", *words) == 2
    assert "write .npy" in capsys.readouterr().err
    assert run(tmp_path / "p.png", *words, "-o", tmp_path / "y.npy") == 0
    assert "transparency" in capsys.readouterr().err
    result = np.load(tmp_path / "y.npy")
    assert result.shape == (1, 12, 14)
    np.testing.assert_allclose(result[0, ::2, ::2], samples[..., :3] @ weight[0, 0, 0] / 255, rtol=1e-4, atol=1e-5)


def test_explain_and_check_tell_people_and_json(run, fmap, tmp_path, capsys):
    np.save(tmp_path / "ones.npy", np.ones((3, 3)))
    words = ["--kernel", tmp_path / "ones.npy", "--explain", "--check", "--json", "--no-figure"]
    assert run(fmap, *words) == 0
    out, err = capsys.readouterr()
    assert "axis 1: (5 - 1) * 2 + 1 * (3 - 1) + 1 - 0 - 0 = 11" in err
    assert "restores nothing" in err
    assert "Checkerboard. Away from the border 1, 2 or 4 taps" in err
    found = json.loads(out)
    assert found["checkerboard"]["overlap"] == [[4, 2], [2, 1]]
    assert found["checkerboard"]["even"] is False
    assert found["stages"]["zero_inserted"] == [7, 9]
    assert run(fmap, "--check", "--explain", "--quiet", "--force", "--no-figure") == 0
    assert capsys.readouterr() == ("", "")


# --- bad input: exit code 2, one line, nothing changed -------------------------------------------------------------


def make_bad(folder):
    np.save(folder / "objects.npy", np.array([{}], dtype=object), allow_pickle=True)
    np.save(folder / "fields.npy", np.zeros((3, 3), dtype=[("a", "f4")]))
    np.save(folder / "text.npy", np.array([["a", "b"]]))
    np.save(folder / "dates.npy", np.zeros((2, 2), "datetime64[s]"))
    np.save(folder / "line.npy", np.ones(5))
    np.save(folder / "five.npy", np.ones((1, 1, 1, 2, 2)))
    np.save(folder / "empty.npy", np.ones((0, 5)))
    np.save(folder / "nan.npy", np.array([[1, np.nan]]))
    (folder / "cut.npy").write_bytes((folder / "fmap.npy").read_bytes()[:-4])
    (folder / "head.npy").write_bytes((folder / "fmap.npy").read_bytes()[:40])
    header = b"{'descr': '<f8', 'fortran_order': False, 'shape': (900000, 900000), }".ljust(117) + b"\n"
    (folder / "bomb.npy").write_bytes(b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header)
    (folder / "words.npy").write_text("not an array, but long enough for a header\n")
    np.savez(folder / "several.npz", np.ones((2, 2)))
    np.save(folder / "w5.npy", np.ones((5, 1, 3, 3)))
    np.save(folder / "w3.npy", np.ones((2, 3, 3)))
    np.save(folder / "old.upsampled.npy", np.ones(3))
    np.save(folder / "old.npy", np.ones((3, 3)))
    (folder / "folder").mkdir()


BAD = {
    "pickled": (["objects.npy"], "pickle"),
    "structured": (["fields.npy"], "structured"),
    "strings": (["text.npy"], "text"),
    "dates": (["dates.npy"], "datetime64"),
    "one axis": (["line.npy"], "(H, W), (C, H, W) or (N, C, H, W)"),
    "five axes": (["five.npy"], "(1, 1, 1, 2, 2)"),
    "no samples": (["empty.npy"], "empty.npy"),
    "NaN": (["nan.npy"], "non-finite"),
    "truncated": (["cut.npy"], "damaged"),
    "half a header": (["head.npy"], "damaged"),
    "more than the file holds": (["bomb.npy"], "damaged"),
    "no array at all": (["words.npy"], "not a picture"),
    "archive": (["several.npz"], "npz"),
    "missing": (["nothing.npy"], "does not exist"),
    "folder": (["folder"], "is a folder"),
    "map above the limit": (["fmap.npy", "--max-samples", "19"], "holds 20 samples, more than the limit of 19"),
    "output above the limit": (["fmap.npy", "--max-samples", "79"], "raise --max-samples"),
    "gigantic stride": (["fmap.npy", "--stride", "1000000"], "raise --max-samples"),
    "stride beyond numbers": (["fmap.npy", "--stride", "9" * 30], "from 1 to 1000000"),
    "stride zero": (["fmap.npy", "--stride", "0"], "from 1 to 1000000"),
    "three strides": (["fmap.npy", "--stride", "1,2,3"], "one or two whole numbers"),
    "padding word": (["fmap.npy", "--padding", "full"], "--padding"),
    "padding halves": (["fmap.npy", "--padding", "1:2:3"], "begin:end"),
    "output padding": (["fmap.npy", "--output-padding", "2"], "--output-padding must be smaller than stride"),
    "output size": (["fmap.npy", "--output-size", "3,3"], "--output-size must lie between"),
    "cropped away": (["fmap.npy", "--kernel", "w.npy", "--padding", "9"], "output size must be >= 1"),
    "no such kernel": (["fmap.npy", "--kernel", "lanczos"], "bilinear, nearest, cubic"),
    "kernel no array": (["fmap.npy", "--kernel", "words.npy"], "not a .npy"),
    "kernel of objects": (["fmap.npy", "--kernel", "objects.npy"], "objects.npy"),
    "kernel of three axes": (["fmap.npy", "--kernel", "w3.npy"], "four axes"),
    "kernel of other channels": (["fmap.npy", "--kernel", "w5.npy"], "(1, out/1, *kernel)"),
    "unknown layout": (["fmap.npy", "--layout", "caffe"], "torch"),
    "unknown border": (["fmap.npy", "--border", "wrap"], "replicate"),
    "groups of a name": (["fmap.npy", "--groups", "2"], "groups"),
    "array as picture": (["fmap.npy", "-o", "x.png"], ".npy"),
    "light of an array": (["fmap.npy", "--srgb"], "--srgb"),
    "plane of an array": (["fmap.npy", "--frame", "0"], "--frame"),
    "existing output": (["old.npy"], "--force"),
    "output is kernel": (["fmap.npy", "--kernel", "w.npy", "-o", "w.npy", "--force"], "input"),
    "figure over output": (["fmap.npy", "--figure", "fmap.upsampled.npy"], "twice"),
    "no input": ([], "MAP"),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_input_is_one_line_and_changes_nothing(case, fmap, weight, tmp_path, refused):
    words, expected = BAD[case]
    make_bad(tmp_path)
    refused(*words, expected=expected)


def test_plane_zero_of_an_array_is_refused_like_any_other(run, fmap, capsys):
    assert run(fmap, "--frame", "all") == 2
    assert "--layout keras" in capsys.readouterr().err


def test_several_maps_go_on_after_a_bad_one(run, fmap, tmp_path, capsys):
    out = tmp_path / "out"
    assert run(tmp_path / "nothing.npy", fmap, "-o", out, "--no-figure", "--json") == 2
    found = capsys.readouterr()
    failed, done = map(json.loads, found.out.splitlines())
    assert set(failed) == {"input", "error"}
    assert done["output"] == str(out / "fmap.npy")
    assert found.err.splitlines()[-1] == "1 of 2 pictures failed"


def test_the_sample_is_what_its_snippet_makes(tmp_path, monkeypatch):
    snippet = re.search(r"```python\n(.*?)```", (ROOT / "samples" / "README.md").read_text(), re.DOTALL)[1]
    (tmp_path / "samples").mkdir()
    (tmp_path / "samples" / "sharp.png").write_bytes((ROOT / "samples" / "sharp.png").read_bytes())
    monkeypatch.chdir(tmp_path)
    exec(compile(snippet, "samples/README.md", "exec"), {})
    result, kept = (np.load(folder / "samples" / "fmap.npy") for folder in (tmp_path, ROOT))
    assert result.dtype == kept.dtype
    np.testing.assert_allclose(result, kept, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize(
    ("shape", "words", "is_said"),
    [
        ((12, 12, 3), [], True),
        ((2, 9, 9, 4), [], True),
        ((12, 12, 3), ["--layout", "keras"], False),
        ((3, 9, 9), [], False),
    ],
    ids=str,
)
def test_an_array_of_colours_is_not_taken_as_channels_in_silence(run, shape, words, is_said, tmp_path, capsys):
    np.save(tmp_path / "map.npy", np.ones(shape, np.float32))
    assert run(tmp_path / "map.npy", *words, "--no-figure", "--json") == 0
    told = capsys.readouterr()
    assert ("say --layout keras" in told.err) == bool(json.loads(told.out)["notes"]) == is_said
    if is_said:
        assert f"taken as {shape[-3]} channels of {shape[-2]} x {shape[-1]}" in told.err


def test_the_learned_kernel_enlarges_by_two_and_by_nothing_else(run, fmap, tmp_path, capsys):
    output = tmp_path / "large.npy"
    assert run(fmap, "--kernel", "learned", "-o", output, "--no-figure", "--quiet") == 0
    expected = upsample.interpolate(np.load(fmap)[None], 2, kernel="learned")[0]
    np.testing.assert_array_equal(np.load(output), expected)
    for stride in ("3", "2,1"):
        assert run(fmap, "--kernel", "learned", "--stride", stride, "--no-figure") == 2
        (line,) = capsys.readouterr().err.splitlines()
        assert "kernel 'learned' is for stride (2, 2), got" in line
        assert line.endswith('take "cubic", or learn one with --learn')
