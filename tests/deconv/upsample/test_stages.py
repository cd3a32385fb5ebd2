"""The stages of an enlargement as tables, and what is said of its kernel."""

import re

import numpy as np
import pytest

import upsample
from deconv.upsample.feature_maps import FeatureMap
from deconv.upsample.geometry import EDGE, Geometry
from deconv.upsample.stages import corner_stages, overlap
from deconv.upsample.verdict import verdict

RNG = np.random.default_rng(0)

SETTINGS = [
    ((3, 4), "bilinear", {}),
    ((30, 3), "cubic", {"stride": (2, 3)}),
    ((16, 40), np.arange(1.0, 7).reshape(2, 3), {"stride": 2, "padding": [(0, 1), (-1, 0)]}),
    ((20, 25), np.ones((3, 3)), {"stride": 3, "dilation": (1, 2), "padding": 2, "output_padding": 1}),
    ((25, 20), np.arange(1.0, 10).reshape(3, 3), {"stride": 1, "padding": 2, "border": "replicate"}),
    ((12, 9), "bilinear", {"stride": 12}),
]


@pytest.mark.parametrize(("shape", "kernel", "settings"), SETTINGS)
def test_the_corner_shows_the_stages_as_they_are(shape, kernel, settings):
    """Computed from a corner of the map, its cells are those of the whole; what is not a sample is zero."""
    feature_map = FeatureMap(RNG.standard_normal(shape) + 5, "torch")
    enlargement = upsample.enlarge(feature_map.values, kernel, **settings)
    geometry = Geometry.of(feature_map, enlargement)
    whole = enlargement.steps
    assert {name: geometry.sizes[name] for name in whole.sizes} == whole.sizes
    assert geometry.sizes["map"] == shape
    stages = corner_stages(enlargement, geometry, 0)
    for name, cells in stages.cells.items():
        array = (enlargement.map if name == "edge_repeated" else getattr(whole, name)).reshape(cells.size)
        rows, columns = (slice(a, a + n) for a, n in zip(cells.start, cells.values.shape, strict=True))
        np.testing.assert_allclose(cells.values, array[rows, columns], rtol=1e-12, atol=1e-12)
        assert cells.kinds.shape == cells.values.shape
        if name != "result":
            np.testing.assert_array_equal(cells.values != 0, cells.kinds >= EDGE)
    counts, ones = overlap(enlargement, geometry)
    layer = {"stride": enlargement.stride, "padding": enlargement.padding, "dilation": enlargement.dilation}
    every = upsample.overlap_map(enlargement.map.shape[-2:], enlargement.weight.shape[2:], **layer)
    flat = upsample.conv_transpose(np.ones_like(enlargement.map), enlargement.weight, **layer)[0]
    assert min(counts.shape) >= min(16, *flat.shape)
    np.testing.assert_array_equal(counts, every[: counts.shape[0], : counts.shape[1]])
    np.testing.assert_allclose(ones, flat[: ones.shape[0], : ones.shape[1]], rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize(
    ("kernel", "stride", "said"),
    [
        ("bilinear", 2, "No checkerboard. Away from the border 4 taps reach a sample, and"),
        ("bilinear", 3, "No checkerboard. .* 1, 2 or 4 taps reach a sample, but their weights balance"),
        (np.ones((3, 3)), 2, "1, 2 or 4 taps reach a sample; .* up to 78%. A kernel size that the stride divides"),
        (np.ones((2, 2)), 3, "0 or 1 taps .* leaves holes"),
        (np.arange(16.0).reshape(4, 4), 2, "Checkerboard. .* but the weights do not balance"),
        (np.array([[1.0, -1.0]]), (1, 2), "without bound"),
    ],
)
def test_the_verdict_names_cause_and_remedy(kernel, stride, said):
    assert re.search(said, " ".join(verdict(upsample.enlarge(np.ones((3, 3)), kernel, stride=stride))))
