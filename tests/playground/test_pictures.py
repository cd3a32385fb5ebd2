"""The pictures of the page: the portrait comes from the samples, the chart fits the display range."""

import base64
import re
from pathlib import Path

import numpy as np
from PIL import Image

ROOT = Path(__file__).resolve().parents[2]


def portrait():
    """The bytes of the portrait as its file describes them, made from the sample."""
    with Image.open(ROOT / "samples" / "sharp.png") as picture:
        gray = np.asarray(picture.convert("RGB"), float) @ [0.2126, 0.7152, 0.0722]
    return np.rint(gray.reshape(128, 3, 128, 3).mean(axis=(1, 3))).astype(np.uint8)


def test_the_portrait_is_the_sample():
    source = (ROOT / "docs" / "playground" / "portrait.js").read_text()
    (text,) = re.findall(r"const PORTRAIT = `([^`]*)`;", source)
    np.testing.assert_array_equal(np.frombuffer(base64.b64decode(text), np.uint8).reshape(128, 128), portrait())


def test_the_page_decodes_the_portrait(arithmetic):
    np.testing.assert_array_equal(arithmetic.call("() => Grid.toRows(Pictures.portrait())"), portrait() / 255)


def test_the_chart_has_blacks_whites_and_detail_within_the_range(arithmetic):
    chart = np.array(arithmetic.call("() => Grid.toRows(Pictures.chart())"))
    assert chart.shape == (128, 128)
    assert chart.min() >= 0
    assert chart.max() <= 1
    assert np.ptp(chart) > 0.9
    finest = chart[8 + 3 * 17 + 5, 84:120]  # bars of two pixels
    np.testing.assert_allclose(finest, np.tile([0.95, 0.95, 0.05, 0.05], 9), atol=1e-12)
