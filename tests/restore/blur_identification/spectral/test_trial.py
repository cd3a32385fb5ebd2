"""A blur that the spectrum names and a restoration contradicts is none; one that was there stays."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from skimage import data

import restore
from restore.blur_identification.spectral import trial
from restore.blur_identification.spectral.judgement import Judgement
from restore.blur_identification.spectral.samples import Samples
from restore.psf.family import FAMILIES


@pytest.fixture(scope="module")
def towers():
    """Linear light of a sharp photograph: tall towers before an even sky."""
    v = data.rocket() / 255
    return np.where(v <= 0.04045, v / 12.92, ((v + 0.055) / 1.055) ** 2.4)


@pytest.mark.parametrize("family", ["auto", "motion"])
def test_towers_are_no_motion(towers, family):
    estimate = restore.estimate_psf(towers, family=family, channel_axis=-1)
    assert estimate.confidence == "none", estimate.verdict


def test_a_motion_of_the_towers_is_one(towers):
    blurred = restore.degrade(
        towers, restore.psf.motion(39.4, 90.6), noise_sigma=0.001, rng=0, channel_axis=-1, boundary="valid"
    )
    estimate = restore.estimate_psf(blurred, channel_axis=-1)
    assert (estimate.family, estimate.confidence) == ("motion", "confident")
    assert estimate.parameters["length"] == pytest.approx(39.4, rel=0.02)


@pytest.mark.parametrize("kernel", [restore.psf.motion(15, 30), restore.psf.disk(4), restore.psf.gaussian(2)])
def test_only_edges_contradict(pictures, kernel):
    sharp = np.kron(pictures["coins"][:160, :160] > 0.5, np.ones((2, 2)))  # edges alone
    blurred = restore.degrade(sharp, kernel, noise_sigma=0.01, rng=0, boundary="valid")
    assert not trial.is_contradicted(samples(blurred), kernel)
    noisy = sharp + np.random.default_rng(0).normal(0, 0.01, sharp.shape)
    assert trial.is_contradicted(samples(noisy), kernel)


def test_what_is_hidden_does_not_contradict(pictures):
    kernel = restore.psf.disk(4)
    blurred = restore.degrade(pictures["camera"], kernel, noise_sigma=0.003, rng=0, boundary="valid")
    hidden = np.zeros(blurred.shape, bool)
    hidden[::20, ::20] = hidden[1::20, ::20] = True
    dotted = np.where(hidden, 5.0, blurred)
    assert trial.is_contradicted(samples(dotted), kernel)
    assert not trial.is_contradicted(replace(samples(dotted), hidden=hidden), kernel)


@pytest.mark.parametrize(("wrong", "first", "is_none"), [([], 0, False), ([0], 1, False), ([0, 1], 0, True)])
def test_the_next_candidate_takes_the_place(monkeypatch, wrong, first, is_none):
    candidates = [candidate(radius) for radius in (3.0, 5.0)]
    kernels = [c.model.family.draw(**c.parameters).shape for c in candidates]
    monkeypatch.setattr(trial, "is_contradicted", lambda samples, psf: kernels.index(psf.shape) in wrong)
    judgement = trial.tried(Judgement(candidates, sharp=1.0, detail=0.5, constants={}, factor=1), None)
    assert judgement.best is candidates[first]
    assert judgement.is_contradicted is is_none
    assert (judgement.confidence == "none") is is_none


@pytest.mark.parametrize("judgement", ["a clear drop", "a given size"])
def test_some_need_no_trial(monkeypatch, judgement):
    monkeypatch.setattr(trial, "is_contradicted", lambda samples, psf: pytest.fail("tried"))
    clear = judgement == "a clear drop"
    constants = {} if clear else {"radius": 3.0}
    first = candidate(3.0, objective=0.5 if clear else 0.85)
    assert trial.tried(Judgement([first], 1.0, 0.5, constants, 1), None).best is first


def samples(plane):
    return Samples.of(plane[..., None], jpeg=None, step=None)


def candidate(radius, objective=0.85):
    model = SimpleNamespace(
        family=FAMILIES["disk"], name="disk", size="radius", has_angle=False, spectrum=SimpleNamespace(visible=1.0)
    )
    return SimpleNamespace(
        model=model, parameters={"radius": radius}, objective=objective, vagueness=0.01, coloured=False, size=radius
    )
