"""The method where none is named: by quality, and by the arguments that only other methods have."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

import restore
from restore.methods.method import METHODS

H = restore.psf.disk(2)


@pytest.fixture(scope="module")
def observed(pictures):
    return restore.degrade(pictures["camera"][100:160, 150:220], H, noise_sigma=0.01, rng=0)


@pytest.mark.parametrize(
    ("arguments", "method"),
    [
        ({}, "aggregate"),
        ({"quality": "fast"}, "wiener"),
        ({"quality": "good"}, "aggregate"),
        ({"quality": "best"}, "aggregate_patches"),
        ({"nsr": 0.01}, "wiener"),
        ({"noise_var": 1e-4}, "aggregate"),
        ({"noise_var": 1e-4, "quality": "best"}, "aggregate_patches"),
        ({"noise_var": 1e-4, "rule": "discrepancy"}, "cls"),
        ({"strength": 1e-3}, "hyper_laplacian"),
        ({"strength": 1e-3, "isotropic": False}, "total_variation"),
        ({"threshold": 0.1}, "inverse"),
        ({"iterations": 4}, "richardson_lucy"),
        ({"iterations": 4, "step": 0.5}, "landweber"),
        ({"iterations": 4, "regularization": 0.01}, "tikhonov_miller"),
        ({"psf_error": 0.01}, "hyper_laplacian"),
        ({"psf_error": 0.01, "quality": "fast"}, "wiener"),
        ({"psf_error": 0.01, "nsr": 0.01}, "wiener"),
    ],
    ids=str,
)
def test_the_method_that_is_chosen(observed, arguments, method):
    found = restore.deconvolve(observed, H, **arguments)
    assert found.method == method
    assert found.quality == arguments.get("quality", "good")
    named = restore.deconvolve(
        observed, H, method=method, **{name: value for name, value in arguments.items() if name != "quality"}
    )
    assert named.quality is None
    assert_allclose(found.image, named.image)


def test_stacks_and_tiny_pictures_have_no_room_for_patches():
    stack = np.random.default_rng(0).random((9, 10, 11))
    assert restore.deconvolve(stack, np.ones((1, 1, 3)) / 3, quality="best").method == "aggregate"
    assert restore.deconvolve(stack[0, :7], np.ones((1, 3)) / 3, quality="best").method == "aggregate"
    assert restore.deconvolve(stack[0], np.ones((1, 3)) / 3, quality="best").method == "aggregate_patches"
    colour = restore.deconvolve(stack[:3], np.ones((1, 3)) / 3, quality="best", channel_axis=0)
    assert colour.method == "aggregate_patches"


@pytest.mark.parametrize("method", [name for name, record in METHODS.items() if record.strength is not None])
@pytest.mark.filterwarnings("ignore:rule .* ended at the edge")
def test_smoothness_is_a_factor_on_every_strength(observed, method):
    found = {s: restore.deconvolve(observed, H, method=method, smoothness=s) for s in (0.25, 1, 4)}
    rough = [float(np.abs(np.diff(r.image, axis=0)).sum()) for r in found.values()]
    assert rough == sorted(rough, reverse=True)
    assert len(set(rough)) == 3
    strength = METHODS[method].strength
    factor = found[4].parameter / found[1].parameter
    if strength.is_count:
        assert found[4].parameter == max(1, round(found[1].parameter / 4))
    else:
        assert factor == pytest.approx(2 if strength.argument == "noise_var" else 4)
    assert (found[1].smoothness, found[4].smoothness) == (1, 4)
    assert found[4].rule == found[1].rule


def test_smoothness_holds_for_a_given_strength_too(observed):
    twice = restore.deconvolve(observed, H, nsr=0.01, smoothness=2)
    assert_allclose(twice.image, restore.wiener(observed, H, nsr=0.02))
    assert (twice.parameter, twice.rule) == (0.02, "given")
