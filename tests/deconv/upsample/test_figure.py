"""The figure of an enlargement: every text whole, and none over another."""

import numpy as np
import pytest
from PIL import Image

import upsample
from deconv.figures.sheet import Sheet
from deconv.upsample.drawing.content import Content
from deconv.upsample.drawing.figure import draw
from deconv.upsample.drawing.maps import displays_of
from deconv.upsample.feature_maps import FeatureMap

RNG = np.random.default_rng(0)

FIGURES = {
    "tiny": ((3, 4), {}),
    "wide strides": ((3, 5, 6), {"stride": (1, 12), "kernel": "cubic"}),
    "one sample": ((1, 1), {"kernel": np.ones((2, 3)), "stride": (2, 1), "dilation": (1, 2)}),
    "large, uneven": ((200, 90), {"kernel": 100 * RNG.standard_normal((1, 1, 3, 5)), "padding": [(1, 0), (-1, 2)]}),
    "many channels": ((2, 12, 9, 9), {"kernel": RNG.standard_normal((12, 2, 4, 4)), "groups": 2, "dilation": 2}),
    "complex": ((2, 4, 40), {"kernel": RNG.standard_normal((2, 1, 3, 3)) * 1j}),
}


@pytest.mark.parametrize("case", FIGURES)
def test_the_texts_of_the_figure_are_whole_and_apart(case, tmp_path, monkeypatch):
    shape, settings = FIGURES[case]
    sheets = []
    save = Sheet.save
    monkeypatch.setattr(Sheet, "save", lambda sheet, path: (save(sheet, path), sheets.append(sheet)))
    values = RNG.standard_normal(shape) * (1j if case == "complex" else 1.0)
    enlargement = upsample.enlarge(values, **settings)
    draw(tmp_path / "f.png", Content.of("map.npy", FeatureMap(values, "torch"), enlargement, "kernel.npy"))
    with Image.open(tmp_path / "f.png") as picture:
        assert picture.width >= 1200
    figure = sheets[0].figure
    texts = [text for axes in figure.axes for text in (axes.title, axes._left_title, *axes.texts)] + figure.texts
    written = [text for text in texts if text.get_text() and (text.get_fontsize() > 12.5 or len(text.get_text()) > 20)]
    assert len(written) > 12
    assert any("restores nothing" in text.get_text() for text in written)
    boxes = [(text.get_text(), text.get_window_extent()) for text in written]
    width, height = figure.canvas.get_width_height()
    for i, (name, box) in enumerate(boxes):
        assert min(box.x0, box.y0) > 0, name
        assert box.x1 < width, name
        assert box.y1 < height, name
        for other, second in boxes[:i]:
            assert not box.overlaps(second), (name, other)


def test_a_map_beside_a_result_of_far_larger_numbers_has_a_range_of_its_own():
    small, large = np.linspace(0, 1, 12).reshape(1, 3, 4), np.linspace(-900, 900, 12).reshape(1, 3, 4)
    before, after = displays_of(small, large, is_picture=False)
    assert (before[:2], after[:2]) == ((0, 1), (-900, 900))
    before, after = displays_of(small, 5 * small, is_picture=False)
    assert before[:2] == after[:2] == (0, 5)
    before, after = displays_of(np.ones((1, 3, 4)), large, is_picture=False)
    assert before[:2] == after[:2] == (-900, 900)
