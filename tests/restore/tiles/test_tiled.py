"""Tiles equal the whole: nobody sees where they meet, and what is found is found once for all of them."""

import numpy as np
import pytest

import restore

#: More than any of the test pictures: one tile.
ALL = 10_000
GIVEN = {"method": "wiener", "nsr": 0.03}


def seam(scene, image=None, tile=48, **settings):
    image = scene.observed if image is None else image
    cut = restore.map_tiles(image, scene.psf, tile=tile, **settings)
    whole = restore.map_tiles(image, scene.psf, tile=ALL, **settings)
    return np.abs(cut - whole).max() / np.ptp(scene.sharp)


@pytest.mark.parametrize("boundary", ["periodic", "zero"])
def test_with_a_given_strength_tiles_are_what_deconvolve_makes(scene, boundary):
    settings = {**GIVEN, "boundary": boundary}
    tiled = restore.map_tiles(scene.observed, scene.psf, tile=48, **settings)
    whole = restore.deconvolve(scene.observed, scene.psf, **settings).image
    assert np.abs(tiled - whole).max() < 1e-4


@pytest.mark.parametrize(("boundary", "at_the_rim"), [("unknown", 0.03), ("reflect", 0.003)])
def test_inside_they_are_for_every_boundary(scene, boundary, at_the_rim):
    settings = {**GIVEN, "boundary": boundary}
    tiled = restore.map_tiles(scene.observed, scene.psf, tile=48, **settings)
    difference = np.abs(tiled - restore.deconvolve(scene.observed, scene.psf, **settings).image)
    assert difference[32:-32, 32:-32].max() < 1e-4
    assert difference.max() < at_the_rim


@pytest.mark.parametrize(
    "settings",
    [
        GIVEN,
        {"method": "wiener"},
        {"method": "cls", "smoothness": 2.0},
        {"method": "landweber", "iterations": 8, "boundary": "reflect"},
        {"method": "van_cittert", "iterations": 3, "boundary": "periodic"},
    ],
    ids=str,
)
def test_linear_methods_show_no_seam(scene, settings):
    assert seam(scene, **settings) < 1e-4


@pytest.mark.parametrize(
    "settings",
    [
        {"method": "total_variation", "max_iterations": 12},
        {"method": "richardson_lucy", "iterations": 8, "acceleration": False},
    ],
    ids=str,
)
def test_other_methods_show_hardly_any(scene, settings):
    assert seam(scene, **settings) < 1e-3


def test_the_default_goes_in_tiles_with_channels(scene):
    colour = np.stack([scene.observed, 0.5 * scene.observed + 0.2], axis=-1)[:96, :112]
    assert seam(scene, colour, tile=56, channel_axis=-1) < 1e-3


def test_the_strength_that_is_found_is_as_good_as_that_of_the_whole(scene):
    settings = {"method": "wiener"}
    tiled = restore.map_tiles(scene.observed, scene.psf, tile=64, **settings)
    whole = restore.deconvolve(scene.observed, scene.psf, **settings).image
    error, best, input_error = (np.std(x - scene.sharp) for x in (tiled, whole, scene.observed))
    assert error < best + 0.1 * (input_error - best)


def test_a_picture_that_fits_is_restored_at_once(scene):
    image = scene.observed[:64, :64]
    assert np.array_equal(restore.map_tiles(image, scene.psf), restore.deconvolve(image, scene.psf).image)


def test_little_memory_cuts_it(scene):
    shares = []
    restore.map_tiles(scene.observed, scene.psf, memory=1.5e6, callback=shares.append, **GIVEN)
    assert len(shares) > 1
    assert shares == sorted(shares)
    assert shares[-1] == 1


def test_type_layout_and_channels_are_kept(scene, tmp_path):
    colour = np.stack([scene.observed, scene.observed[::-1], scene.observed / 2]).astype(np.float32)
    given = {**GIVEN, "boundary": "reflect"}
    settings = {**given, "channel_axis": 0}
    tiled = restore.map_tiles(colour, scene.psf, tile=64, **settings)
    assert (tiled.dtype, tiled.shape) == (np.float32, colour.shape)
    first = restore.map_tiles(colour[0], scene.psf, tile=64, **given)
    assert np.abs(tiled[0] - first)[40:-40, 40:-40].max() < 1e-5
    np.save(tmp_path / "colour.npy", colour)
    mapped = np.load(tmp_path / "colour.npy", mmap_mode="r")
    assert np.array_equal(restore.map_tiles(mapped, scene.psf, tile=64, **settings), tiled)


def test_a_stack_and_a_line_are_pictures_too():
    rng = np.random.default_rng(0)
    for shape, psf in [((20, 24, 22), np.ones((3, 3, 3)) / 27), ((300,), np.array([0.25, 0.5, 0.25]))]:
        g = rng.random(shape)
        settings = {"method": "wiener", "nsr": 0.3, "boundary": "periodic"}
        whole = restore.deconvolve(g, psf, **settings).image
        assert np.abs(restore.map_tiles(g, psf, tile=16, **settings) - whole).max() < 1e-4


def test_any_unit(scene):
    settings = {"method": "wiener", "tile": 96}
    small = restore.map_tiles(scene.observed * 2.0**-100, scene.psf, **settings)
    usual = restore.map_tiles(scene.observed, scene.psf, **settings)
    assert np.allclose(small * 2.0**100, usual, rtol=0, atol=3e-4)  # a search for the noise stops where it is near


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"method": "nonlocal"}, "needs the whole picture at once: name .*wiener"),
        ({"method": "richardson_lucy"}, "acceleration must be False"),
        ({"method": "wiener", "boundary": "smooth"}, "boundary in tiles must be one of unknown"),
        ({"method": "wiener", "mask": np.zeros((19, 16), bool)}, "mask must have the shape"),
        ({"method": "wiener", "nsr": np.ones((192, 160))}, "nsr must be a number in tiles"),
        ({"method": "inverse"}, "needs the whole picture"),
        ({"method": "wiener", "nsr": -1.0}, "nsr must be finite and >= 0"),
        ({"tile": 0, "method": "wiener"}, "tile must be >= 1"),
        ({"memory": 0.0}, "memory must be finite and > 0"),
    ],
)
def test_what_cannot_be_is_refused(scene, settings, words):
    with pytest.raises(ValueError, match=words):
        restore.map_tiles(scene.observed, scene.psf, **{"tile": 64, **settings})


def test_a_filter_that_looks_too_far_is_refused():
    with pytest.raises(ValueError, match="'wiener' with this strength reaches farther than 16384 samples"):
        restore.map_tiles(np.ones(300), np.ones(7) / 7, method="wiener", nsr=1e-14, tile=64)


def test_samples_that_are_none_are_named_by_their_place(scene):
    image = scene.observed.copy()
    image[100, 130] = np.nan
    with pytest.raises(ValueError, match=r"the first at \(100, 130\)"):
        restore.map_tiles(image, scene.psf, tile=48, **GIVEN)
    with pytest.raises(TypeError, match="image must be floating"):
        restore.map_tiles(np.zeros((9, 9), np.uint8), scene.psf)
    with pytest.raises(ValueError, match="image must hold samples"):
        restore.map_tiles(np.zeros((0, 9)), scene.psf)
