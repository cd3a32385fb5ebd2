"""Figures of pictures that a screen cannot show as they are."""

import numpy as np
import pytest
from PIL import Image

import cli


def figure_of(tmp_path, samples, *words):
    np.save(tmp_path / "picture.npy", samples.astype(np.float32))
    figure = tmp_path / "figure.png"
    call = ["deblur", tmp_path / "picture.npy", "--psf", "disk", "--radius", 1.5, "--quiet", "--figure", figure, *words]
    assert cli.main([str(word) for word in call]) == 0
    with Image.open(figure) as drawn:
        return np.asarray(drawn.convert("L"))


def texture(*shape):
    return np.random.default_rng(0).random(shape)


def test_unknown_samples_leave_the_others_to_be_seen(tmp_path):
    holed = texture(60, 70)
    holed[20:24, 30:40] = np.nan
    drawn = figure_of(tmp_path, holed, "--nan", "mask")
    whole = figure_of(tmp_path, texture(60, 70), "--force")
    assert (drawn < 250).mean() == pytest.approx((whole < 250).mean(), abs=0.02)


@pytest.mark.parametrize("channels", [2, 5])
def test_other_numbers_of_channels_are_shown_as_their_mean(tmp_path, channels):
    drawn = figure_of(tmp_path, texture(50, 60, channels), "--axes", "YXC")
    assert (drawn < 250).mean() > 0.2
