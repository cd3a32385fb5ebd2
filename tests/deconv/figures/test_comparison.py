"""Figures of pictures that a screen cannot show as they are."""

import json

import numpy as np
import pytest
from PIL import Image
from skimage import data

from deconv.figures.comparison import Panel, comparison
from deconv.figures.sheet import Sheet


@pytest.fixture
def figure_of(run, tmp_path):
    """Return the figure of a restoration of samples, gray."""

    def draw(samples, *words):
        np.save(tmp_path / "picture.npy", samples.astype(np.float32))
        figure = tmp_path / "figure.png"
        words = ["--psf", "disk", "--radius", 1.5, "--quiet", "--figure", figure, *words]
        assert run("deblur", tmp_path / "picture.npy", *words) == 0
        with Image.open(figure) as drawn:
            return np.asarray(drawn.convert("L"))

    return draw


def noise(*shape):
    return np.random.default_rng(0).random(shape)


def test_unknown_samples_leave_the_others_to_be_seen(figure_of):
    holed = noise(60, 70)
    holed[20:24, 30:40] = np.nan
    drawn = figure_of(holed, "--nan", "mask")
    whole = figure_of(noise(60, 70), "--force")
    assert (drawn < 250).mean() == pytest.approx((whole < 250).mean(), abs=0.02)


@pytest.mark.parametrize("channels", [2, 5])
def test_other_numbers_of_channels_are_shown_as_their_mean(figure_of, channels):
    drawn = figure_of(noise(50, 60, channels), "--axes", "YXC")
    assert (drawn < 250).mean() > 0.2


@pytest.mark.parametrize("shape", [(30, 90), (90, 30)])
@pytest.mark.parametrize("count", [3, 25])
def test_the_numbers_are_within_the_sheet_whatever_their_number(shape, count, tmp_path, monkeypatch):
    figures = []
    monkeypatch.setattr(Sheet, "save", lambda sheet, _: figures.append(sheet.figure))
    panels = [Panel(image=noise(*shape), title=name, caption="words") for name in ("input", "restored", "reference")]
    facts = [("PSF", "motion, length 13.03 px, angle 34.8 deg (estimated, confident)")] * count
    comparison(tmp_path / "figure.png", panels, np.ones((3, 3)) / 9, "title", facts)
    figure = figures[0]
    figure.canvas.draw()
    (told,) = [text for axes in figure.axes for text in axes.texts if text.get_text().startswith("PSF ")]
    assert told.get_text().count("motion") == count
    assert told.get_window_extent().y0 > 0
    psf = figure.axes[-2].get_window_extent()
    assert told.get_window_extent().y1 < psf.y0


@pytest.mark.parametrize("count", [0, 3, 25])
def test_warnings_stand_whole_beneath_the_pictures(count, tmp_path, monkeypatch):
    figures = []
    monkeypatch.setattr(Sheet, "save", lambda sheet, _: figures.append(sheet.figure))
    panels = [Panel(image=noise(40, 50), title=name, caption="words") for name in ("input", "restored")]
    warnings = ["the PSF looks too wide for this picture: " + "a smaller one explains it better; " * 6] * 3
    facts = [("PSF", "disk")] * count
    comparison(tmp_path / "figure.png", panels, np.ones((3, 3)) / 9, "title", facts, warnings=warnings)
    figure = figures[0]
    figure.canvas.draw()
    (said,) = [text for text in figure.texts if text.get_text().startswith("Warning")]
    assert " ".join(said.get_text().split()).count("too wide for this picture") == len(warnings)
    place = said.get_window_extent()
    assert 0 < place.x0 < place.x1 < figure.bbox.x1
    assert place.y0 > 0
    drawn = [axes.get_tightbbox() for axes in figure.axes]
    assert place.y1 < min(box.y0 for box in drawn)


def test_a_figure_warns_as_the_report_does(run, tmp_path, monkeypatch, capsys):
    said = []

    def recorded(*arguments, warnings, **others):
        said.extend(warnings)
        comparison(*arguments, warnings=warnings, **others)

    monkeypatch.setattr("deconv.deblur.figure.comparison", recorded)
    np.save(tmp_path / "sharp.npy", data.camera()[100:228, 150:300].astype(np.float32) / 255)
    assert run("deblur", tmp_path / "sharp.npy", "--psf", "disk", "--radius", 6, "--json") == 0
    assert said == json.loads(capsys.readouterr().out)["warnings"] != []
