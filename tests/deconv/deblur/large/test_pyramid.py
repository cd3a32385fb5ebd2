"""An OME-Zarr that goes in tiles comes back with its pyramid and its labels, as one that fits does."""

import json

import numpy as np
import pytest

import restore

zarr = pytest.importorskip("zarr")

AXES = [{"name": name, "type": "space", "unit": "micrometer"} for name in "yx"]


@pytest.fixture
def store(tmp_path, light):
    datasets = [
        {"path": path, "coordinateTransformations": [{"type": "scale", "scale": [step, step]}]}
        for path, step in (("0", 1), ("1", 2), ("2", 4))
    ]
    ome = {"version": "0.5", "multiscales": [{"axes": AXES, "datasets": datasets, "type": "mean"}]}
    group = zarr.create_group(str(tmp_path / "a.zarr"), attributes={"ome": ome})
    for level, shape in enumerate([(304, 328), (152, 164), (76, 82)]):
        group.create_array(str(level), shape=shape, dtype="f4")[...] = light[0] if level == 0 else 0
    group.create_group("labels", attributes={"ome": {"labels": []}})
    return tmp_path / "a.zarr"


def test_a_pyramid_is_made_of_the_tiles_and_labels_are_copied(cut, store, wiener, tmp_path, capsys):
    assert cut(store, *wiener, "--no-figure", "--json", "-o", tmp_path / "b.zarr") == 0
    record = json.loads(capsys.readouterr().out)
    assert record["tiles"]["count"] > 1
    assert not any("left out" in note for note in record["notes"])
    before, after = (zarr.open_group(str(path), mode="r") for path in (store, tmp_path / "b.zarr"))
    assert dict(before.attrs) == dict(after.attrs)
    assert (tmp_path / "b.zarr/labels/zarr.json").read_bytes() == (store / "labels/zarr.json").read_bytes()
    image = before["0"][...]
    expected = restore.map_tiles(
        image, restore.psf.gaussian(1.2), method="wiener", nsr=0.02, boundary="reflect", tile=10_000
    )
    result = after["0"][...]
    assert np.abs(result - expected).max() < 1e-4
    for level, step in (("1", 2), ("2", 4)):
        means = result.reshape(304 // step, step, 328 // step, step).mean((1, 3))
        np.testing.assert_allclose(after[level][...], means, rtol=1e-5)


def test_a_smaller_picture_goes_a_chunk_at_a_time(tmp_path):
    """Cells that begin in one chunk never end in another, whatever the chunks; integers are rounded."""
    from deconv.pictures.formats.ome_zarr.pyramid import edges_of_cells, fill_smaller

    rng = np.random.default_rng(1)
    group = zarr.create_group(str(tmp_path / "a.zarr"))
    larger = rng.integers(0, 60000, (5, 41, 50)).astype(np.uint16)
    stored = group.create_array("a", data=larger, chunks=(2, 16, 16))
    smaller = group.create_array("b", shape=(3, 20, 17), chunks=(2, 7, 6), dtype="u2")
    fill_smaller(stored, smaller, (2.0, 2.0, 3.0))
    assert [edges.tolist()[-2:] for edges in map(edges_of_cells, (5, 41, 50), (3, 20, 17), (2, 2, 3))] == [
        [4, 5],
        [38, 40],
        [48, 50],
    ]
    for z, y, x in np.ndindex(3, 20, 17):
        cell = larger[2 * z : 2 * z + 2, 2 * y : 2 * y + 2, 3 * x : 3 * x + 3]
        assert smaller[z, y, x] == np.rint(cell.mean())
    assert edges_of_cells(9, 4, 9 / 4).tolist() == [0, 2, 4, 7, 9]
    assert edges_of_cells(9, 4, np.nan).tolist() == edges_of_cells(9, 4, 1.0).tolist() == [0, 2, 4, 6, 8]
    assert edges_of_cells(9, 5, 1.0).tolist() == [0, 2, 4, 6, 8, 9]
    assert edges_of_cells(2, 4, 0.5).tolist() == [0, 0, 1, 1, 2]
    assert edges_of_cells(10, 7, np.nan).tolist() == [0, 1, 3, 4, 6, 7, 9, 10]
