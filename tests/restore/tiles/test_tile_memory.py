"""A tile takes no more memory than its method says, on which the plan of the tiles stands."""

import tracemalloc

import numpy as np
import pytest

import restore
from restore.methods.method import METHODS
from restore.tiles.kinds import picture_of
from restore.tiles.plan import cost
from restore.tiles.preparation import prepared

SETTINGS = {"richardson_lucy": {"iterations": 6, "acceleration": False}, "total_variation": {"max_iterations": 6}}
TILED = [name for name, method in METHODS.items() if method.tiling is not None and name != "aggregate"]


@pytest.mark.parametrize(
    ("name", "channels"),
    [*((name, 1) for name in TILED), ("aggregate", 3), pytest.param("aggregate", 1, marks=pytest.mark.slow)],
)
def test_a_tile_takes_what_its_method_says_at_most(name, channels):
    rng, psf = np.random.default_rng(0), restore.psf.gaussian(1.2)
    sharp = np.kron(rng.random((60, 60)), np.ones((8, 8))).astype(np.float32)
    image = restore.degrade(sharp, psf, noise_sigma=0.02, rng=0).astype(np.float32)
    axis = None if channels == 1 else -1
    picture = picture_of(image if channels == 1 else np.stack([image, 0.8 * image, 0.5 * image], axis=-1), axis)
    common = prepared(picture, psf, {"method": name, **SETTINGS.get(name, {})}, memory=1e9, tile=300)
    tiles = common.tiles_of(picture)
    tiles.solved((0, 0))  # plans of transforms, imports, the border
    tracemalloc.start()
    try:
        tiles.solved((0, 0))
        taken = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    each = cost(common.plan.block_shape, picture.dtype.itemsize * channels, [4 * (k // 2) for k in psf.shape])
    assert taken <= METHODS[name].tiling.arrays * each
