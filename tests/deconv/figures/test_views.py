"""A stack in a figure: its largest from three sides, as thick as it is, with a bar of a round length."""

import json

import numpy as np
import pytest
import tifffile
from PIL import Image

import restore
from deconv.figures.comparison import panel_of
from deconv.figures.sheet import DPI, Sheet
from deconv.figures.views import bar_of, draw_bar, shown_words
from deconv.pictures import read


@pytest.fixture
def stack(tmp_path):
    """Two channels of six slices, 0.3 um apart, of columns of 0.1 um, with one bright voxel in the first."""
    samples = np.full((6, 2, 40, 50), 0.2, np.float32)
    samples[4, 0, 7, 31] = 0.9
    sizes = {"PhysicalSizeX": 0.1, "PhysicalSizeY": 0.1, "PhysicalSizeZ": 0.3}
    tifffile.imwrite(tmp_path / "a.ome.tif", samples, ome=True, metadata={"axes": "ZCYX", **sizes})
    return tmp_path / "a.ome.tif"


def test_a_voxel_is_seen_from_three_sides_at_its_place(stack):
    panel = panel_of(read(stack, frame="all"), "input")
    for image, place in ((panel.image, (7, 31)), (panel.sides.front, (4, 31)), (panel.sides.side, (7, 4))):
        assert np.argwhere(image > 0.5).tolist() == [list(place)]
    assert panel.sides.thickness == pytest.approx(3)
    assert panel.step == pytest.approx(0.1)


def test_what_is_left_out_is_said(stack, tmp_path):
    assert shown_words(read(stack, frame="all")) == "largest along each axis, first of 2 channels"
    np.save(tmp_path / "a.npy", np.zeros((3, 4, 5, 6)))
    assert shown_words(read(tmp_path / "a.npy", frame="all", axes="TZYX")).endswith("slices as thick as columns")
    assert shown_words(read(tmp_path / "a.npy", frame=0, axes="TZYX")) == ""


@pytest.mark.parametrize(
    ("width", "length", "words"),
    [(6.4, 1, "1 \N{MICRO SIGN}m"), (1.0, 0.2, "200 nm"), (33.4, 10, "10 \N{MICRO SIGN}m"), (2e4, 5000, "5 mm")],
)
def test_a_bar_is_round_and_no_longer_than_a_third(width, length, words):
    assert bar_of(width) == (pytest.approx(length), words)


def test_a_bar_is_as_long_as_it_says(tmp_path):
    sheet = Sheet(10.0)
    axes = sheet.axes(2, 2, 5, 5)
    axes.imshow(np.zeros((60, 60)), cmap="gray", aspect="auto", vmin=0, vmax=1)
    axes.set(xticks=[], yticks=[])
    draw_bar(axes, 60, 0.1)  # of 6 um, 5 inches wide: 1 um
    sheet.save(tmp_path / "a.png")
    with Image.open(tmp_path / "a.png") as drawn:
        inside = np.asarray(drawn.convert("L"))[2 * DPI + 400 : 7 * DPI - 5, 2 * DPI + 5 : 7 * DPI - 5]
    bar = max((row > 250).sum() for row in inside)
    assert bar == pytest.approx(5 * DPI / 6, abs=2)


def test_counts_fill_no_panel_with_white_and_a_float_result_is_drawn_as_it_is(run, tmp_path, capsys):
    """Beads in a file of 16 bits, restored to far beyond what they were and what the file holds."""
    sharp = np.zeros((9, 40, 40))
    sharp[4, 3::13, 3::13] = 1
    psf = restore.psf.gaussian((0.8, 1.2, 1.2))
    np.save(tmp_path / "psf.npy", psf)
    blurred = restore.blur(sharp, psf, boundary="periodic")
    counts = (0.9 * 65535 * blurred / blurred.max()).astype(np.uint16)
    tifffile.imwrite(tmp_path / "a.tif", counts, imagej=True, metadata={"axes": "ZYX"})
    words = ["--psf", tmp_path / "psf.npy", "--method", "richardson_lucy", "--iterations", 20, "--boundary", "periodic"]
    for name, options in (("a", ["--float"]), ("b", [])):
        assert run("deblur", tmp_path / "a.tif", *words, *options, "--json", "-o", tmp_path / f"{name}.r.tif") == 0
        record, err = capsys.readouterr()
        assert ("cut off" in err) == (name == "b")
        assert json.loads(record)["clipped_output"] > 0
    with Image.open(tmp_path / "a.r.figure.png") as drawn:
        figure = np.asarray(drawn.convert("L"))
    left, right = figure[130:380, 30:330], figure[130:380, 625:925]
    assert 60 < np.quantile(left, 0.99) < 220  # the beads of the data, beside those of the result
    assert np.mean(right > 250) < 0.03
