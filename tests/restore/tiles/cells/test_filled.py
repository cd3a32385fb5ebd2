"""Unknown samples of a large picture: no seam where a tile meets them, and no worse than in the whole."""

import numpy as np
import pytest
from scipy import ndimage

import restore
from restore.tiles.cells import division

ALL = 10_000
METHODS = {
    "wiener": {"nsr": 0.03},
    "cls": {},
    "total_variation": {"max_iterations": 12},
    "richardson_lucy": {"iterations": 8, "acceleration": False},
}


def holes(scene):
    """A picture with dead samples, a scratch and a spot, of which nothing is known."""
    rng, (height, width) = np.random.default_rng(2), scene.observed.shape
    mask = np.zeros((height, width), bool)
    count = height * width // 768
    mask[rng.integers(0, height, count), rng.integers(0, width, count)] = True
    mask[60:63, width // 8 : width - 10] = True
    mask[90:104, 70:80] = True  # where tiles meet
    return np.where(mask, np.nan, scene.observed), mask


@pytest.fixture(scope="module")
def scratched(scene):
    return holes(scene)


@pytest.mark.parametrize("name", [pytest.param("cls", marks=pytest.mark.slow), *sorted(METHODS.keys() - {"cls"})])
def test_tiles_that_meet_in_unknown_samples_agree(scene, scratched, name, monkeypatch):
    monkeypatch.setattr(division, "CELL", 64)  # cells end within the scratch too
    monkeypatch.setattr(division, "AROUND", 20)
    image, mask = scratched
    cut, one = (
        restore.map_tiles(image, scene.psf, mask=mask, tile=tile, method=name, **METHODS[name]) for tile in (48, ALL)
    )
    linear = name in ("wiener", "cls")
    assert np.abs(cut - one).max() < (1e-4 if linear else 1e-3) * np.ptp(scene.sharp)


@pytest.mark.parametrize("name", ["wiener", "total_variation", "richardson_lucy"])
def test_they_are_solved_for_as_well_as_in_the_whole(wide, name, monkeypatch):
    monkeypatch.setattr(division, "CELL", 64)
    monkeypatch.setattr(division, "AROUND", 32)
    image, mask = holes(wide)
    tiled = restore.map_tiles(image, wide.psf, mask=mask, tile=64, method=name, **METHODS[name])
    whole = restore.deconvolve(image, wide.psf, mask=mask, method=name, outliers="keep", **METHODS[name]).image
    error, usual = (np.std((x - wide.sharp)[mask]) for x in (tiled, whole))
    assert error < 1.1 * usual
    assert np.std((tiled - wide.sharp)[~mask]) < 1.05 * np.std((whole - wide.sharp)[~mask])


def test_a_mask_per_channel_or_for_all(scene, scratched):
    image, mask = scratched
    colour = np.stack([image, np.nan_to_num(image), image], axis=0)
    masks = np.stack([mask, np.zeros_like(mask), mask])
    settings = {"method": "wiener", "nsr": 0.03, "boundary": "reflect", "channel_axis": 0, "tile": 64}
    each = restore.map_tiles(colour, scene.psf, mask=masks, **settings)
    assert np.isfinite(each).all()
    together = restore.map_tiles(np.stack([image] * 3), scene.psf, mask=mask, **settings)
    assert np.abs(together[0] - together[2]).max() < 1e-12
    # What is solved for stops where the noise of all channels does; around it nothing changes.
    away = ~ndimage.binary_dilation(mask, iterations=12)[24:-24, 24:-24]
    assert np.abs(each[0] - together[0])[24:-24, 24:-24][away].max() < 1e-3


def test_nothing_unknown_changes_nothing(scene):
    none = np.zeros(scene.observed.shape, bool)
    settings = {"method": "wiener", "nsr": 0.03, "boundary": "reflect", "tile": 64}
    masked = restore.map_tiles(scene.observed, scene.psf, mask=none, **settings)
    assert np.array_equal(masked, restore.map_tiles(scene.observed, scene.psf, **settings))


def test_far_inside_of_an_area_without_samples_is_no_picture_and_no_error(scene, monkeypatch):
    monkeypatch.setattr(division, "CELL", 16)
    monkeypatch.setattr(division, "AROUND", 8)
    image, mask = scene.observed.copy(), np.zeros(scene.observed.shape, bool)
    mask[48:96, 44:92] = True
    image[mask] = np.nan
    restored = restore.map_tiles(image, scene.psf, mask=mask, method="wiener", nsr=0.03, tile=64)
    assert np.isfinite(restored).all()
    away = np.zeros_like(mask)
    away[:30], away[:, :30] = True, True
    error = np.std((restored - scene.sharp)[away])
    assert error < 1.5 * np.std(
        (restore.map_tiles(scene.observed, scene.psf, method="wiener", nsr=0.03, tile=64) - scene.sharp)[away]
    )


def test_masks_of_another_type_or_beside_dask_are_refused(scene):
    numbers, settings = np.zeros(scene.observed.shape), {"tile": 64, "method": "wiener", "nsr": 0.1}
    with pytest.raises(TypeError, match="mask must be bool"):
        restore.map_tiles(scene.observed, scene.psf, mask=numbers, **settings)
    da = pytest.importorskip("dask.array")
    with pytest.raises(ValueError, match="mask must be left out for a dask array"):
        restore.map_tiles(da.from_array(scene.observed), scene.psf, mask=np.zeros(scene.observed.shape, bool), tile=64)
