"""Areas that hold no picture, of a large one: as without them, wherever tiles and cells end."""

import numpy as np
import pytest
from scipy import ndimage

import restore
from restore.observation.dead_areas import are_mostly_equal
from restore.tiles.cells import division
from restore.tiles.survey import windows

SETTINGS = {"wiener": {}, "total_variation": {"max_iterations": 20}, "richardson_lucy": {"iterations": 10}}


@pytest.fixture(autouse=True)
def small_cells(monkeypatch):
    monkeypatch.setattr(division, "CELL", 64)
    monkeypatch.setattr(division, "AROUND", 32)


@pytest.fixture(scope="module")
def barred(scene):
    """A picture with a bar as wide as cells, a corner and a box."""
    dead = np.zeros(scene.observed.shape, bool)
    dead[:, :24] = dead[100:, 66:] = dead[40:60, 70:100] = True
    return np.where(dead, 0.0, scene.observed), dead


@pytest.mark.parametrize("method", SETTINGS)
def test_far_from_them_the_picture_is_as_without(scene, barred, method):
    image, dead = barred
    own = SETTINGS[method] | ({"acceleration": False} if method == "richardson_lucy" else {})
    tiled = restore.map_tiles(image, scene.psf, method=method, tile=48, **own)
    whole = restore.deconvolve(scene.observed, scene.psf, method=method, **own).image
    far = ndimage.distance_transform_edt(~dead) > 12
    error, usual = (np.std((x - scene.sharp)[far]) for x in (tiled, whole))
    assert error < 1.05 * usual
    assert np.array_equal(tiled[dead], image[dead])


def test_a_part_of_every_colour_and_of_a_stack(scene, barred):
    image, dead = barred
    colour = np.stack([image, image[::-1]])  # one channel's picture lies in another's bar
    tiled = restore.map_tiles(colour, scene.psf, method="wiener", tile=64, channel_axis=0)
    together = dead & dead[::-1]
    assert np.array_equal(tiled[:, together], colour[:, together])
    assert np.abs(tiled - colour)[0][dead & ~together].max() > 0
    psf = restore.psf.gaussian([1.0, 1.0, 1.0])
    volume = restore.degrade(np.random.default_rng(0).random((20, 60, 60)), psf, noise_sigma=0.01, rng=0)
    volume[:, :, :20] = 0
    tiled = restore.map_tiles(volume, psf, method="wiener", nsr=0.01, tile=32, boundary="reflect")
    assert np.array_equal(tiled[:, :, :20], volume[:, :, :20])
    assert np.abs(tiled - volume)[:, :, 20:].min(axis=(0, 1)).max() > 0


def test_what_lies_wholly_in_one_says_nothing_of_the_picture(scene, monkeypatch):
    """One of the two windows that are looked at sees equal samples and no edge."""
    monkeypatch.setattr(division, "CELL", 256)
    sharp = np.kron(np.random.default_rng(7).random((16, 40)), np.ones((10, 10)))
    large = np.zeros((160, 1024))
    large[:, :400] = restore.degrade(sharp, scene.psf, noise_sigma=0.01, rng=0)
    assert windows(large.shape)[1:] == [((0, 160), (512, 1024))]
    beside, alone = (
        restore.map_tiles(image, scene.psf, method="wiener", tile=300) for image in (large, large[:, :400])
    )
    assert np.array_equal(beside[:, 400:], large[:, 400:])
    error, usual = (np.std(x[:, :380] - sharp[:, :380]) for x in (beside, alone))
    assert error < 1.05 * usual


def test_under_a_mask_nothing_is_dead(scene, barred):
    image, dead = barred
    tiled = restore.map_tiles(image, scene.psf, mask=dead, method="wiener", tile=64)
    assert np.abs(tiled - image)[dead].max() > 0.1


@pytest.mark.parametrize("strokes", [1, 3])
def test_a_drawing_is_as_without_tiles(scene, strokes):
    page = np.ones((128, 112))
    for place in range(28, 28 * strokes + 1, 28):
        page[place : place + 4, 14:98] = page[28:104, place : place + 4] = 0
    drawn = restore.degrade(page, scene.psf, boundary="edge").round(9)
    tiled = restore.map_tiles(drawn, scene.psf, method="wiener", nsr=1e-3, tile=64)
    whole = restore.deconvolve(drawn, scene.psf, method="wiener", nsr=1e-3, outliers="keep").image
    assert np.abs(tiled - whole).max() < 1e-3


def test_a_picture_of_equal_samples_alone_has_no_ground():
    spot = np.zeros((300, 300, 1))
    spot[100:120, 100:120] = np.random.default_rng(0).random((20, 20, 1))
    assert are_mostly_equal([spot])
    assert not are_mostly_equal([spot, spot[::-1] + np.random.default_rng(1).random(spot.shape)])


def test_what_is_not_finite_is_refused_and_nothing_else_is_said(scene, barred):
    image = barred[0].copy()
    image[100, 100] = np.nan
    with pytest.raises(ValueError, match="must be finite"):
        restore.map_tiles(image, scene.psf, method="wiener", nsr=0.03, tile=64)


def test_a_clean_tile_is_read_once(scene):
    class Counted:
        shape, dtype, boxes = scene.observed.shape, scene.observed.dtype, []

        def __getitem__(self, at):
            self.boxes.append(at)
            return scene.observed[at]

    restore.map_tiles(Counted(), scene.psf, method="wiener", nsr=0.03, tile=64, boundary="periodic")
    assert np.s_[0:64, 0:64] not in Counted.boxes
    # The window by which noise and spectrum are told, the middle, which tells of a JPEG, and of noise that rows share.
    assert Counted.boxes.count(np.s_[0:128, 0:112]) == 3


def test_nothing_equal_is_not_looked_at_twice(scene, monkeypatch):
    monkeypatch.setattr("restore.tiles.cells.dead_areas.dead_areas", lambda *_, **__: pytest.fail("looked at closely"))
    restore.map_tiles(scene.observed, scene.psf, method="wiener", nsr=0.03, tile=64)
