"""Colours at half the size: nothing is lost where the blur left nothing fine, and it is not done elsewhere."""

import numpy as np
import pytest

from restore import degrade, psf
from restore.methods.aggregation import half_size as module
from restore.methods.aggregation.aggregate import AggregateSettings, solve
from restore.methods.aggregation.half_size import half_size
from restore.observation.components import main_and_others
from restore.observation.observation import observe
from restore.parameter_choice.evidence import LinearEstimate


@pytest.fixture
def colour(pictures):
    """A photograph whose colours change slowly, and three pictures that have nothing in common."""
    gray = pictures["camera"][100:300, 150:360]
    slow = np.cos(np.linspace(0, 5, 210))[None, :] * np.linspace(0.5, 1, 200)[:, None]
    photograph = np.stack([gray, 0.8 * gray + 0.05 * slow, 0.9 * gray - 0.05 * slow], axis=-1)
    unlike = np.stack([gray, pictures["coins"][60:260, 100:310], pictures["moon"][100:300, 150:360]], axis=-1)
    return {"photograph": photograph, "unlike": unlike}


@pytest.mark.parametrize(("name", "is_halved"), [("photograph", True), ("unlike", False)])
def test_it_is_done_where_nothing_fine_is_left(name, is_halved, colour, monkeypatch):
    monkeypatch.setattr(module, "LEAST_SIZE", 64)
    kernel = psf.disk(3.0)
    observed = degrade(colour[name], kernel, noise_sigma=0.01, rng=0, channel_axis=-1)
    (_, _), (_, others) = main_and_others(observe(observed, kernel, "unknown", -1))
    assert (half_size(LinearEstimate(others)) is not None) == is_halved


@pytest.mark.parametrize(
    ("kernel", "masked", "smoothness"),
    [(psf.disk(3.0), True, 1.0), (psf.motion(13, 30), False, 1.0), (psf.disk(3.0), True, 2.0)],
    ids=["disk-masked", "motion-whole", "smoother"],
)
def test_it_changes_next_to_nothing(kernel, masked, smoothness, colour, monkeypatch):
    sharp = colour["photograph"]
    observed = degrade(sharp, kernel, noise_sigma=0.01, rng=0, channel_axis=-1)
    mask = np.zeros(observed.shape[:2], bool)
    mask[50:60, 50:90] = masked
    plain = solve(observe(observed, kernel, "unknown", -1, mask), AggregateSettings(smoothness=smoothness))
    monkeypatch.setattr(module, "LEAST_SIZE", 64)
    halved = solve(observe(observed, kernel, "unknown", -1, mask), AggregateSettings(smoothness=smoothness))
    errors = [10 * np.log10(np.mean((some.image - sharp) ** 2)) for some in (plain, halved)]
    assert 0 < np.abs(plain.image - halved.image).max() < 0.03
    assert abs(errors[1] - errors[0]) < 0.03


def test_a_small_picture_and_a_mask_of_many_holes_stay_whole(colour, monkeypatch):
    kernel = psf.disk(3.0)
    observed = degrade(colour["photograph"], kernel, noise_sigma=0.01, rng=0, channel_axis=-1)
    mask = np.zeros(observed.shape[:2], bool)
    mask[::3, ::3] = True
    for hidden, least in ((None, 512), (mask, 64)):
        monkeypatch.setattr(module, "LEAST_SIZE", least)
        (_, _), (_, others) = main_and_others(observe(observed, kernel, "unknown", -1, hidden))
        assert half_size(LinearEstimate(others)) is None
