"""The sheet of every figure: places in inches from the top left corner, whether the height is known or not."""

import numpy as np
import pytest
from PIL import Image

from deconv.figures.sheet import DPI, WIDTH, Sheet


def black(path):
    """Return where a written sheet is not white."""
    with Image.open(path) as picture:
        return np.asarray(picture.convert("L")) < 128


def box(mask):
    """Return the first and last row and column of what a mask shows."""
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    return rows[0], rows[-1], columns[0], columns[-1]


@pytest.mark.parametrize("is_known", [True, False], ids=["height known", "height from filling"])
def test_axes_lie_where_they_were_put(is_known, tmp_path):
    sheet = Sheet(4.0 if is_known else None)
    sheet.top = 1.5
    axes = sheet.axes(2.0, 0.5, 3.0, 1.0)
    axes.set_axis_off()
    axes.imshow(np.zeros((2, 6)), cmap="gray", aspect="auto")
    sheet.top = 4.0
    sheet.save(tmp_path / "s.png")
    mask = black(tmp_path / "s.png")
    assert mask.shape == (4 * DPI, WIDTH * DPI)
    np.testing.assert_allclose(box(mask), (200, 299, 200, 499), atol=1)


@pytest.mark.parametrize("is_known", [True, False], ids=["height known", "height from filling"])
def test_text_hangs_from_where_it_was_put(is_known, tmp_path):
    sheet = Sheet(3.0 if is_known else None)
    sheet.top = 1.0
    sheet.text(4.0, 0.5, "HHHH", fontsize=20)
    sheet.top = 3.0
    sheet.save(tmp_path / "s.png")
    first, last, left, _ = box(black(tmp_path / "s.png"))
    assert 150 <= first < last < 190
    assert 400 <= left <= 405


def test_the_title_stands_in_the_middle_above_everything(tmp_path):
    sheet = Sheet(2.0, "HHHHHHHH")
    sheet.save(tmp_path / "s.png")
    first, last, left, right = box(black(tmp_path / "s.png"))
    assert abs((first + last) / 2 - 33) <= 4  # releases of Matplotlib set it half a pixel apart
    assert abs((left + right) / 2 - 800) <= 3


def test_a_file_names_no_software(tmp_path):
    Sheet(1.0).save(tmp_path / "s.png")
    with Image.open(tmp_path / "s.png") as picture:
        assert "Software" not in picture.info
