"""The network of the gallery goes backwards as it goes forwards, and learns."""

import runpy
from pathlib import Path

import numpy as np
import pytest

NETWORK = Path(__file__).resolve().parents[1] / "docs" / "segmentation.py"


@pytest.fixture(scope="module")
def functions():
    return runpy.run_path(str(NETWORK))


@pytest.mark.parametrize("decoder", ["fixed", "learned", "switches"])
def test_gradients_of_the_network_equal_finite_differences(functions, decoder):
    rng = np.random.default_rng(0)
    layers = functions["start"](decoder, rng, (2, 3))
    # With a bias of zero what is zero lies on the kink of relu, where there is no derivative.
    layers = {name: (weight.astype(float), rng.normal(0, 0.1, bias.shape)) for name, (weight, bias) in layers.items()}
    pictures, labels = functions["shapes"](2, rng)
    pictures = pictures.astype(np.float64)

    def loss(layers):
        return functions["cross_entropy"](functions["network"](pictures, layers, decoder)[0], labels)

    _, back = functions["network"](pictures, layers, decoder)
    gradients = back(loss(layers)[1])
    for name, layer in layers.items():
        ways = [rng.standard_normal(part.shape) for part in layer]
        ends = []
        for step in (1e-6, -1e-6):
            moved = tuple(part + step * way for part, way in zip(layer, ways, strict=True))
            ends.append(loss({**layers, name: moved})[0])
        expected = sum(np.vdot(part, way) for part, way in zip(gradients[name], ways, strict=True))
        assert (ends[0] - ends[1]) / 2e-6 == pytest.approx(expected, rel=1e-4, abs=1e-8)


def test_it_learns(functions):
    _, losses = functions["train"]("learned", 40)
    assert np.mean(losses[-5:]) < 0.6 * losses[0]


def test_a_perfect_guess_has_an_intersection_over_union_of_one(functions):
    _, labels = functions["shapes"](2, np.random.default_rng(0))
    function = functions["mean_iou"]
    scores = np.moveaxis(np.eye(4)[labels], -1, 1)
    function.__globals__["network"] = lambda *_: (scores, None)
    assert function({}, "", None, labels) == 1
