"""Dask in and out: the same samples as without it, in the chunks that came in, and nothing before it is asked for."""

import numpy as np
import pytest

import restore

da = pytest.importorskip("dask.array")
SETTINGS = {"method": "wiener", "nsr": 0.03}


@pytest.fixture
def reads():
    return []


@pytest.fixture
def lazy(scene, reads):
    def chunked(chunks):
        def read(block):
            reads.append(block.shape)
            return block

        meta = np.empty((0, 0))
        return da.from_array(scene.observed, chunks=chunks).map_blocks(read, dtype=float, meta=meta)

    return chunked


@pytest.mark.parametrize(("chunks", "tile"), [((50, 70), 64), ((192, 1), None), (((7, 185), (1, 159)), 64)], ids=str)
def test_any_chunks_go_in_and_come_out(scene, lazy, reads, chunks, tile):
    array = lazy(chunks)
    restored = restore.map_tiles(array, scene.psf, tile=tile, **SETTINGS)
    assert reads == []
    assert restored.chunks == array.chunks
    assert restored.dtype == array.dtype
    samples = restored.compute(scheduler="synchronous")
    assert np.array_equal(samples, restore.map_tiles(scene.observed, scene.psf, tile=tile, **SETTINGS))


def test_the_data_may_decide(scene, lazy, reads):
    array = lazy((64, 64))
    restored = restore.map_tiles(array, scene.psf, tile=64, method="wiener")
    assert reads  # how wide the halo must be depends on them
    samples = restored.compute(scheduler="synchronous")
    assert np.array_equal(samples, restore.map_tiles(scene.observed, scene.psf, tile=64, method="wiener"))


def test_channels_and_periods(scene):
    colour = np.stack([scene.observed, scene.observed[::-1]]).astype(np.float32)
    settings = {**SETTINGS, "tile": 64, "channel_axis": 0, "boundary": "periodic"}
    restored = restore.map_tiles(da.from_array(colour, chunks=(1, 50, 160)), scene.psf, **settings)
    assert np.array_equal(restored.compute(scheduler="threads"), restore.map_tiles(colour, scene.psf, **settings))


def test_the_graph_is_small(scene):
    array = da.zeros((20_000, 20_000), chunks=1000, dtype=np.float32)
    restored = restore.map_tiles(array, scene.psf, memory=2e8, **SETTINGS)
    assert len(restored.__dask_graph__()) < 20_000


def test_what_dask_cannot_is_refused(scene):
    array = da.from_array(scene.observed)
    with pytest.raises(ValueError, match="callback must be left out for a dask array"):
        restore.map_tiles(array, scene.psf, callback=print, **SETTINGS)
    with pytest.raises(ValueError, match="compute_chunk_sizes"):
        restore.map_tiles(array[array[:, 0] > 0.5], scene.psf, **SETTINGS)
