"""Figures of pictures that a screen cannot show as they are."""

import numpy as np
import pytest
from PIL import Image


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
