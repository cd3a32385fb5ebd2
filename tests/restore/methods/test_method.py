"""A method is one record: what is registered works at the front door without another line."""

import dataclasses

import numpy as np
import pytest

import restore
from restore.methods.method import METHODS, Method, Outcome, Strength, register, settings_of


@dataclasses.dataclass(frozen=True)
class SharpeningSettings:
    """The arguments of a method that subtracts a share of the Laplacian."""

    strength: float | None = None

    def __post_init__(self):
        if self.strength is not None and self.strength < 0:
            raise ValueError(f"strength must be >= 0, got {self.strength}")


def sharpened(observation, settings, progress):
    strength, rule = (0.5, "usual") if settings.strength is None else (settings.strength, "given")
    data = observation.data
    laplacian = sum(np.roll(data, s, a) - data for a in range(len(observation.grid)) for s in (-1, 1))
    progress(1.0)
    image = observation.framed(data - strength * laplacian)
    return Outcome(image=image, strength=strength, rule=rule, iterations=1)


@pytest.fixture
def toy():
    record = Method(
        name="toy",
        label="unsharp mask",
        strength=Strength(
            argument="strength",
            name="strength",
            symbol="share",
            meaning="share of the Laplacian",
            larger="sharper and noisier",
        ),
        settings=SharpeningSettings,
        solve=sharpened,
    )
    register(record)
    yield record
    del METHODS["toy"]


@pytest.mark.parametrize("channel_axis", [None, 0, -1])
def test_a_registered_method_works_at_the_front_door(toy, channel_axis):
    f = np.random.default_rng(0).random((40, 44))
    f = f if channel_axis is None else np.stack([f] * 3, axis=channel_axis)
    shares = []
    found = restore.deconvolve(
        f, restore.psf.gaussian(1), method="toy", channel_axis=channel_axis, callback=shares.append
    )
    assert found.image.shape == f.shape
    assert (found.method, found.parameter, found.rule, found.iterations) == ("toy", 0.5, "usual", 1)
    assert found.noise_sigma > 0
    assert found.diagnosis is not None
    assert shares == [1.0]
    given = restore.deconvolve(f, restore.psf.gaussian(1), method="toy", strength=0, channel_axis=channel_axis)
    np.testing.assert_array_equal(given.image, f)


def test_its_arguments_are_checked_and_those_of_others_refused(toy):
    f, h = np.random.default_rng(0).random((24, 24)), restore.psf.gaussian(1)
    with pytest.raises(ValueError, match="strength must be >= 0, got -1"):
        restore.deconvolve(f, h, method="toy", strength=-1)
    with pytest.raises(ValueError, match=r"nsr does not belong to method 'toy', got 0\.1"):
        restore.deconvolve(f, h, method="toy", nsr=0.1)
    with pytest.raises(TypeError, match="no method has an argument 'strenght', got 1"):
        restore.deconvolve(f, h, method="toy", strenght=1)


def test_it_is_compared_with_other_psfs_too(toy):
    f = np.random.default_rng(0).random((48, 48))
    trials = restore.psf_sensitivity(f, [restore.psf.gaussian(s) for s in (1, 1.2)], method="toy", strength=0.2)
    assert [t.restoration.parameter for t in trials] == [0.2, 0.2]


def test_a_name_is_taken_once(toy):
    with pytest.raises(ValueError, match="a method named 'toy' is registered already"):
        register(toy)


@pytest.mark.parametrize("method", METHODS.values(), ids=METHODS)
class TestEveryRecord:
    def test_says_what_it_is(self, method):
        assert METHODS[method.name] is method
        assert method.label
        assert dataclasses.is_dataclass(method.settings)
        assert method.settings.__dataclass_params__.frozen
        if method.strength is not None:
            assert method.strength.argument in method.arguments
            assert method.strength.is_count == (method.strength.larger == "sharper and noisier")

    def test_every_argument_may_be_left_out(self, method):
        assert settings_of(method, {}) is not None
        assert dataclasses.MISSING not in method.arguments.values()

    def test_what_holds_for_others_by_default_is_no_argument(self, method):
        settings_of(method, {"operator": "laplacian", "read_noise": 0.0, "nsr": None, "iterations": None})
