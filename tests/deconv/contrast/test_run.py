"""The contrast command as its users meet it: a picture in, two figures, a report and an exit code out."""

import json
from functools import partial

import imagecodecs
import numpy as np
import pytest
import tifffile
from PIL import Image

import restore
from deconv import pictures
from deconv.contrast import figure as contrast_figure
from deconv.contrast import numbers as contrast_numbers
from deconv.figures.sheet import Sheet

KEYS = (
    "input output figure numbers_figure method psf noise_sigma seed parameter rule stride boundary light shape changes "
    "psnr deviations numbers notes warnings seconds"
)
#: Options that leave nothing to be found.
QUICK = ("--sigma", 1, "--regularization", 0.001)


@pytest.fixture(scope="session")
def run(run):
    """The contrast command."""
    return partial(run, "contrast")


@pytest.fixture
def undrawn(monkeypatch):
    """Let the figures be written without being drawn, where it matters which files appear."""
    monkeypatch.setattr(contrast_figure, "draw", lambda path, *_: path.write_bytes(b"figure"))
    monkeypatch.setattr(contrast_numbers, "draw", lambda path, _: path.write_bytes(b"numbers"))


def told(capsys):
    return json.loads(capsys.readouterr().out)


def test_the_command_of_the_readme(run, photo, capsys):
    assert run(photo, "--json") == 0
    out, err = capsys.readouterr()
    found = json.loads(out)
    assert set(found) == set(KEYS.split())
    assert found["output"] == found["figure"] == str(photo.with_name("photo.contrast.png"))
    assert found["numbers_figure"] == str(photo.with_name("photo.contrast.numbers.png"))
    assert found["psf"] == {"family": "gaussian", "sigma": 2.0, "estimated": []}
    psnr = found["psnr"]
    assert psnr["restored"] > psnr["blurred"] + 1 > psnr["transposed"] + 1
    assert psnr["enlarged"] < psnr["blurred"]
    assert max(found["deviations"].values()) < 1e-13
    assert found["numbers"]["result"] == [12, 12, 10, 17]
    assert "blurs once more" in err
    for name in ("figure", "numbers_figure"):
        with Image.open(found[name]) as picture:
            assert picture.size == (1600, 900)


def test_psnr_is_that_of_the_pictures_as_stored(run, photo, capsys):
    assert run(photo, "--noise", 0, "--sigma", 1.5, "--regularization", 0.01, "--no-figure", "--json") == 0
    psnr = told(capsys)["psnr"]
    stored = np.asarray(Image.open(photo)) / 255
    f, h = pictures.srgb_to_linear(stored), restore.psf.gaussian(1.5)
    H = restore.psf_to_otf(h, f.shape[:2])[..., None]
    G = H * np.fft.rfft2(f, axes=(0, 1))
    L = restore.psf_to_otf(np.array([[0.0, 1, 0], [1, -4, 1], [0, 1, 0]]), f.shape[:2])[..., None]
    made = {"blurred": G, "transposed": np.conj(H) * G, "restored": np.conj(H) * G / (abs(H) ** 2 + 0.01 * abs(L) ** 2)}
    for name, spectrum in made.items():
        seen = pictures.linear_to_srgb(np.fft.irfft2(spectrum, s=f.shape[:2], axes=(0, 1))).clip(0, 1)
        assert psnr[name] == pytest.approx(-10 * np.log10(np.mean((seen - stored) ** 2)), abs=1e-3), name


def save(path, values):
    """Write values in [0, 1] in the depth that the name asks for."""
    if path.suffix == ".npy":
        np.save(path, 1000 * values - 100)
    elif path.suffix == ".tif":
        tifffile.imwrite(path, values.astype(np.float32))
    elif "16" in path.name:
        path.write_bytes(imagecodecs.png_encode((65535 * values).astype(np.uint16)))
    else:
        Image.fromarray((255 * values).astype(np.uint8)).save(path)


PICTURES = {
    "gray.png": (48, 60),
    "colour.jpg": (48, 60, 3),
    "array.npy": (48, 60),
    "portrait.png": (120, 70),
    "odd.png": (41, 51, 3),
    "tiny.png": (8, 8),
    "strip.png": (20, 300),
    "large.png": (700, 1100),
}


@pytest.mark.parametrize("name", PICTURES)
def test_any_picture_is_drawn_with_nothing_overlapping(run, texture, name, tmp_path, monkeypatch, capsys):
    sheets = keep_sheets(monkeypatch)
    save(tmp_path / name, texture(PICTURES[name]))
    assert run(tmp_path / name, "-o", tmp_path / "f.png", "--json") == 0
    found = told(capsys)
    assert max(found["deviations"].values()) < 1e-12
    assert max(found["shape"]) <= 320
    assert found["psnr"]["restored"] > found["psnr"]["blurred"]
    check_texts(sheets[0].figure)


@pytest.mark.parametrize(
    ("name", "shape"), [("gray16.png", (48, 60)), ("colour16.png", (48, 60, 3)), ("float.tif", (48, 60))]
)
def test_any_depth_is_read(run, texture, name, shape, tmp_path, capsys):
    save(tmp_path / name, texture(shape))
    assert run(tmp_path / name, "--no-figure", "--json") == 0
    found = told(capsys)
    assert max(found["deviations"].values()) < 1e-12
    assert found["psnr"]["restored"] > found["psnr"]["blurred"]


@pytest.mark.parametrize(
    "words",
    [
        ["--psf", "motion", "--length", 15, "--angle", 100],
        ["--psf", "disk", "--radius", 5, "--stride", 12, "--noise", 0.3],
        ["--psf", "psf.npy", "--stride", 3],
        ["--psf", "moffat", "--fwhm", 1, "--beta", 2.5, "--regularization", 1e-9],
        ["--psf", "box", "--size", 4, "--regularization", 0, "--noise", 0],
        ["--sigma", 0.01, "--regularization", 1e9],
    ],
    ids=lambda words: words[1],
)
def test_any_blur_is_drawn_with_nothing_overlapping(run, texture, words, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    psf = np.zeros((4, 7))
    psf[0], psf[:, 1] = 1, 2
    np.save("psf.npy", psf)
    sheets = keep_sheets(monkeypatch)
    save(tmp_path / "gray.png", texture((48, 60)))
    assert run("gray.png", *words, "--json") == 0
    assert max(told(capsys)["deviations"].values()) < 1e-12
    check_texts(sheets[0].figure)


def test_the_numbers_are_drawn_with_nothing_overlapping(tmp_path, monkeypatch):
    sheets = keep_sheets(monkeypatch, numbers=True)
    contrast_numbers.draw(tmp_path / "n.png", contrast_numbers.ARTICLE)
    check_texts(sheets[0].figure)


def keep_sheets(monkeypatch, *, numbers=False):
    """Return the list that drawn sheets will be kept in; the numbers, always the same, are drawn where asked for."""
    sheets = []
    if not numbers:
        monkeypatch.setattr(contrast_numbers, "draw", lambda path, _: path.write_bytes(b"numbers"))
    save = Sheet.save
    monkeypatch.setattr(Sheet, "save", lambda sheet, path: (save(sheet, path), sheets.append(sheet)))
    return sheets


def check_texts(figure):
    """Every text large enough to be read, within the figure, and none over another."""
    texts = [text for axes in figure.axes for text in axes.texts] + figure.texts
    shown = [axes for axes in figure.axes if axes.axison]
    texts += [text for axes in shown for text in (*axes.get_xticklabels(), *axes.get_yticklabels())]
    written = [text for text in texts if text.get_text() and text.get_window_extent().width > 0]
    assert len(written) > 20
    boxes = [(text.get_text(), text.get_window_extent()) for text in written]
    width, height = figure.canvas.get_width_height()
    for i, (name, box) in enumerate(boxes):
        assert written[i].get_fontsize() > 9, name
        assert min(box.x0, box.y0) > 0, name
        assert box.x1 < width, name
        assert box.y1 < height, name
        for other, second in boxes[:i]:
            assert not box.overlaps(second), (name, other)


@pytest.mark.parametrize("case", ["constant", "black", "black without noise"])
def test_a_picture_without_detail_is_no_fault(run, case, tmp_path, capsys):
    Image.new("L", (64, 48), 120 * (case == "constant")).save(tmp_path / "p.png")
    words = ["--noise", 0] if "without" in case else []
    assert run(tmp_path / "p.png", *words, "--json", "--no-figure") == 0
    found = told(capsys)
    assert max(found["deviations"].values()) < 1e-12
    assert (found["psnr"]["transposed"] is None) == ("without" in case)


def test_what_was_done_with_a_large_picture_is_said(run, texture, tmp_path, capsys):
    save(tmp_path / "large.png", texture((300, 1500)))
    assert run(tmp_path / "large.png", "--no-figure", "--json", *QUICK) == 0
    out, err = capsys.readouterr()
    assert json.loads(out)["changes"] == ["the middle of the picture", "shrunk to 1/2"]
    assert json.loads(out)["shape"] == [150, 300]
    assert "300 x 150 pixels, the middle of the picture, shrunk to 1/2" in err


@pytest.mark.usefixtures("undrawn")
def test_where_the_figures_go(run, photo, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    for words in (["-o", "a.png"], ["--figure", "b.PNG"], ["-o", "folder/"]):
        assert run(photo, *words, *QUICK) == 0
    made = {str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*.*")} - {"photo.png"}
    expected = {"a.png", "a.numbers.png", "b.PNG", "b.numbers.png", "folder/photo.png", "folder/photo.numbers.png"}
    assert made == expected
    before = sorted(tmp_path.rglob("*"))
    capsys.readouterr()
    assert run(photo, "--no-figure", "--quiet", *QUICK) == 0
    assert capsys.readouterr() == ("", "")
    assert sorted(tmp_path.rglob("*")) == before


def test_the_figure_is_repeatable_and_seeded(run, photo, tmp_path, monkeypatch):
    monkeypatch.setattr(contrast_numbers, "draw", lambda path, _: path.write_bytes(b"numbers"))

    def drawn(name, seed):
        assert run(photo, "--noise", 0.05, "--seed", seed, "-o", tmp_path / name, *QUICK) == 0
        return (tmp_path / name).read_bytes()

    assert drawn("a.png", 1) == drawn("b.png", 1) != drawn("c.png", 2)


@pytest.mark.usefixtures("undrawn")
def test_several_pictures_go_on_after_a_bad_one(run, photo, tmp_path, capsys):
    out = tmp_path / "out"
    assert run(tmp_path / "nothing.png", photo, "-o", out, "--json", *QUICK) == 2
    found = capsys.readouterr()
    failed, done = map(json.loads, found.out.splitlines())
    assert set(failed) == {"input", "error"}
    assert done["output"] == str(out / "photo.png")
    assert found.err.splitlines()[-1] == "1 of 2 pictures failed"


# --- whole or not at all ---------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("undrawn")
@pytest.mark.parametrize(("fault", "code"), [(ZeroDivisionError, 1), (KeyboardInterrupt, 130)])
def test_both_figures_appear_or_none(run, fault, code, photo, monkeypatch):
    def broken(*_):
        raise fault

    monkeypatch.setattr(contrast_numbers, "draw", broken)
    assert run(photo, *QUICK) == code
    assert list(photo.parent.iterdir()) == [photo]


@pytest.mark.usefixtures("undrawn")
def test_force_replaces_the_figures(run, photo):
    figures = {"photo.contrast.png": b"figure", "photo.contrast.numbers.png": b"numbers"}
    for name in figures:
        photo.with_name(name).write_bytes(b"old")
    assert run(photo, "--force", *QUICK) == 0
    assert {name: photo.with_name(name).read_bytes() for name in figures} == figures


def make_bad(folder):
    Image.new("L", (7, 50)).save(folder / "small.png")
    np.save(folder / "nan.npy", np.full((32, 32), np.nan))
    np.save(folder / "volume.npy", np.ones((4, 32, 32)))
    np.save(folder / "psf3.npy", np.ones((3, 3, 3)))
    (folder / "text.png").write_text("not a picture\n")
    (folder / "empty.png").write_bytes(b"")
    (folder / "old.numbers.png").write_bytes(b"precious")
    (folder / "folder").mkdir()


BAD = {
    "missing": (["nothing.png"], "does not exist"),
    "text": (["text.png"], "not a picture"),
    "empty": (["empty.png"], "empty"),
    "folder": (["folder"], "folder"),
    "NaN": (["nan.npy"], "NaN"),
    "too small": (["small.png"], "6 x 14 pixels, in multiples of --stride 2, are too few"),
    "stack": (["volume.npy", "--axes", "ZYX", "--frame", "all"], "--frame N"),
    "kernel larger than the picture": (["photo.png", "--sigma", "40"], "lies outside"),
    "kernel with three axes": (["photo.png", "--psf", "psf3.npy"], "has 3 axes"),
    "kernel without its parameter": (["photo.png", "--psf", "disk"], "--radius"),
    "kernel to be estimated": (["photo.png", "--psf", "auto"], "needs its parameters"),
    "no such kernel": (["photo.png", "--psf", "gausian"], "no such family"),
    "foreign parameter": (["photo.png", "--radius", "3"], "--radius"),
    "negative noise": (["photo.png", "--noise", "-1"], ">= 0"),
    "stride of one": (["photo.png", "--stride", "1"], ">= 2"),
    "stride beyond the picture": (["photo.png", "--stride", "500"], "--stride"),
    "no picture format": (["photo.png", "-o", "figure.pdf"], ".png"),
    "existing second figure": (["photo.png", "-o", "old.png"], "--force"),
    "output is input": (["photo.png", "-o", "photo.png", "--force"], "input"),
    "missing folder": (["photo.png", "-o", "none/x.png"], "no folder"),
    "two names": (["photo.png", "-o", "x.png", "--figure", "y.png"], "not allowed"),
    "no input": ([], "PICTURE"),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_input_is_one_line_and_changes_nothing(case, photo, tmp_path, refused):
    words, expected = BAD[case]
    make_bad(tmp_path)
    refused(*words, expected=expected)
