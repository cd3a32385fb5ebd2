"""The front door says what it did, and does what the doors behind it do."""

import dataclasses

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from restore import (
    Restoration,
    constrained_least_squares,
    deconvolve,
    degrade,
    estimate_noise,
    inverse_filter,
    psf,
    wiener,
)

KERNEL = psf.motion(7, 20)


@pytest.fixture(scope="module")
def observed(pictures):
    return degrade(pictures["camera"][100:200, 200:290], KERNEL, noise_sigma=0.01, rng=0, boundary="valid")


@pytest.mark.parametrize("boundary", ["unknown", "periodic", "reflect"])
class TestSameAsTheFilters:
    def test_wiener(self, observed, boundary):
        found = deconvolve(observed, KERNEL, method="wiener", boundary=boundary)
        assert_allclose(found.image, wiener(observed, KERNEL, boundary=boundary))
        given = deconvolve(observed, KERNEL, nsr=0.02, boundary=boundary)
        assert_allclose(given.image, wiener(observed, KERNEL, nsr=0.02, boundary=boundary))
        assert (given.method, given.rule, given.parameter, given.choice) == ("wiener", "given", 0.02, None)

    @pytest.mark.parametrize(
        "arguments",
        [{}, {"regularization": 0.01}, {"noise_var": 1e-4}, {"rule": "gcv", "operator": "gradient"}],
        ids=["automatic", "given", "noise", "gcv"],
    )
    def test_least_squares(self, observed, boundary, arguments):
        found = deconvolve(observed, KERNEL, method="cls", boundary=boundary, **arguments)
        assert_allclose(found.image, constrained_least_squares(observed, KERNEL, boundary=boundary, **arguments))

    def test_inverse(self, observed, boundary):
        found = deconvolve(observed, KERNEL, method="inverse", boundary=boundary)
        assert_allclose(found.image, inverse_filter(observed, KERNEL, boundary=boundary), rtol=1e-7)
        assert (found.parameter, found.rule) == (0, "given")


class TestReport:
    def test_wiener(self, observed):
        found = deconvolve(observed, KERNEL, method="wiener")
        assert isinstance(found, Restoration)
        assert (found.method, found.rule, found.boundary, found.iterations) == ("wiener", "whittle", "unknown", 0)
        assert_allclose(found.noise_sigma, 0.01, rtol=0.1)
        assert_allclose(found.parameter, 1e-4 / (observed.var() - 1e-4), rtol=0.25)
        assert_array_equal(found.psf, KERNEL)

    def test_least_squares(self, observed):
        found = deconvolve(observed, KERNEL, method="cls", rule="discrepancy", boundary="periodic")
        assert found.rule == found.choice.rule == "discrepancy"
        assert found.parameter == found.choice.value
        assert_allclose(found.noise_sigma**2, found.choice.noise_var)
        known = deconvolve(observed, KERNEL, method="cls", noise_var=1e-4)
        assert (known.rule, known.noise_sigma) == ("discrepancy", 0.01)

    def test_least_squares_left_to_itself_takes_the_safer_rule(self, observed):
        rules = [deconvolve(observed, KERNEL, method="cls", rule=rule) for rule in ("upre", "gcv")]
        found = deconvolve(observed, KERNEL, method="cls")
        assert found.parameter == max(choice.parameter for choice in rules)
        assert found.rule in ("upre", "gcv")

    @pytest.mark.parametrize(
        "arguments",
        [{"nsr": 0.1}, {"method": "inverse"}, {"method": "cls", "regularization": 1}],
        ids=["wiener", "inverse", "cls"],
    )
    def test_noise_is_estimated_where_nothing_needs_it(self, observed, arguments):
        assert deconvolve(observed, KERNEL, **arguments).noise_sigma == estimate_noise(observed)

    def test_a_rule_without_noise_reports_the_fitted_one(self, observed):
        fitted = deconvolve(observed, KERNEL, method="wiener").noise_sigma
        assert deconvolve(observed, KERNEL, method="cls", rule="gcv").noise_sigma == fitted

    def test_ratio_per_frequency_is_reported_by_its_mean(self, observed):
        ratio = np.full(observed.shape, 0.1)
        ratio[0, 0] = 0
        assert_allclose(deconvolve(observed, KERNEL, nsr=ratio).parameter, ratio.mean())

    def test_is_frozen(self, observed):
        with pytest.raises(dataclasses.FrozenInstanceError):
            deconvolve(observed, KERNEL).parameter = 3


@pytest.fixture(scope="module")
def colour(pictures):
    sharp = np.stack([pictures["camera"][:90, :80], pictures["coins"][:90, :80], pictures["moon"][:90, :80]], -1)
    return degrade(sharp, KERNEL, noise_sigma=0.01, rng=0, channel_axis=-1)


class TestColour:
    @pytest.mark.parametrize("arguments", [{}, {"method": "cls"}, {"method": "cls", "rule": "discrepancy"}], ids=str)
    def test_channel_axis_at_any_position(self, colour, arguments):
        last = deconvolve(colour, KERNEL, channel_axis=-1, **arguments)
        for axis in (0, 1):
            moved = np.moveaxis(colour, -1, axis)
            found = deconvolve(moved, KERNEL, channel_axis=axis, **arguments)
            assert found.image.shape == moved.shape
            assert_allclose(np.moveaxis(found.image, axis, -1), last.image, rtol=0, atol=1e-9)
            assert_allclose(found.parameter, last.parameter, rtol=1e-6)

    def test_channels_are_restored_by_one_filter(self, colour):
        found = wiener(colour, KERNEL, nsr=0.01, channel_axis=-1, boundary="reflect")
        for c in range(3):
            plane = wiener(colour[..., c], KERNEL, nsr=0.01, boundary="reflect")
            assert_allclose(found[..., c], plane, rtol=0, atol=1e-12)

    def test_gray_copies_are_restored_like_the_gray_picture(self, observed):
        for arguments in ({}, {"method": "cls"}, {"method": "cls", "noise_var": 1e-4}):
            gray = deconvolve(observed, KERNEL, **arguments)
            copies = deconvolve(np.stack([observed] * 3, -1), KERNEL, channel_axis=2, **arguments)
            assert_allclose(copies.parameter, gray.parameter, rtol=1e-4)
            assert_allclose(copies.image[..., 1], gray.image, rtol=0, atol=1e-5)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            {"method": "magic"},
            "method must be one of auto, aggregate, .*cls, hyper_laplacian, inverse, .*wiener, got 'magic'",
        ),
        ({"method": "wiener", "regularization": 1}, "regularization does not belong to method 'wiener', got 1"),
        ({"method": "wiener", "noise_var": 1}, "noise_var does not belong to method 'wiener', got 1"),
        ({"method": "wiener", "rule": "gcv"}, "rule does not belong to method 'wiener', got 'gcv'"),
        ({"method": "wiener", "operator": "gradient"}, "operator does not belong to method 'wiener', got 'gradient'"),
        ({"nsr": 1, "regularization": 1}, "nsr does not belong to method 'aggregate', got 1"),
        ({"quality": "magic"}, "quality must be one of fast, good, best, got 'magic'"),
        ({"method": "wiener", "quality": "best"}, "quality chooses a method where none is named, got 'best' beside"),
        ({"smoothness": 0}, "smoothness must be finite and > 0, got 0"),
        ({"method": "inverse", "smoothness": 2}, "smoothness does not belong to method 'inverse', got 2"),
        ({"method": "cls", "nsr": 1}, "nsr does not belong to method 'cls', got 1"),
        ({"method": "inverse", "nsr": 1}, "nsr does not belong to method 'inverse', got 1"),
        ({"method": "inverse", "operator": np.ones(3)}, "operator does not belong to method 'inverse'"),
        ({"method": "cls", "regularization": 1, "noise_var": 1}, "rule and noise_var choose the regularization"),
        ({"method": "cls", "regularization": -1}, "regularization must be finite and >= 0, got -1"),
        ({"method": "cls", "rule": "magic"}, "rule must be one of upre, gcv, .* got 'magic'"),
        ({"boundary": "magic"}, "boundary must be one of unknown, .*periodic, .* got 'magic'"),
    ],
)
def test_bad_arguments(arguments, message):
    with pytest.raises(ValueError, match=message):
        deconvolve(np.ones((8, 9)), np.ones((1, 1)), **arguments)


def test_restorations_are_told_apart_without_comparing_their_pictures(observed):
    one, other = (deconvolve(observed, KERNEL, method="inverse") for _ in range(2))
    assert one == one
    assert one != other
    assert len({one, other, one}) == 2


def test_a_function_says_what_noise_is_hidden_beside_what_is_masked(observed):
    mask, asked = np.zeros(observed.shape, bool), []
    mask[10:20, 10:20] = True

    def variance(where):
        asked.append(where)
        return 1e-3

    told, given = (
        deconvolve(observed, KERNEL, method="wiener", mask=mask, extra_noise_var=extra) for extra in (variance, 1e-3)
    )
    assert_array_equal(told.image, given.image)
    assert_array_equal(asked[-1], mask)
    with pytest.raises(ValueError, match="extra_noise_var must be finite"):
        deconvolve(observed, KERNEL, method="wiener", extra_noise_var=lambda _: -1.0)
