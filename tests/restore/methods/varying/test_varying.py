"""Restoration under a blur that changes: dense solutions, the unchanging blur, lenses, borders and masks."""

import numpy as np
import pytest

import restore
from restore.methods.varying import wiener as varying_wiener
from restore.methods.varying.least_squares import conjugate_gradients
from restore.methods.varying.noise_colour import settle_colour
from restore.methods.varying.varying_blur import flow_on, known_share
from restore.observation.observation import observe
from restore.psf.at_places import grid

METHODS = ("wiener", "total_variation", "richardson_lucy")


@pytest.fixture(scope="module")
def lens():
    """A lens that is sharp in the middle and soft in the corners, and a picture of 96 x 112 taken with it."""
    from skimage import data

    f = data.camera()[100:228, 160:304] / 255.0
    places = [(y, x) for y in np.linspace(-16, 111, 5) for x in np.linspace(-16, 127, 5)]
    radii = [0.8 + 3.2 * (np.hypot(y - 47.5, x - 55.5) / 80) ** 2 for y, x in places]
    psfs = [np.pad(h := restore.psf.disk(r), (15 - len(h)) // 2) for r in radii]
    varying = grid(psfs, places)
    scene = grid(psfs, np.add(places, 16))
    g = restore.degrade(f, scene, boundary="edge", noise_sigma=0.005, rng=0)[16:-16, 16:-16]
    return f[16:-16, 16:-16], g, varying


def error(image, f):
    return -10 * np.log10(np.mean((image - f) ** 2))


@pytest.mark.parametrize("method", METHODS)
def test_it_is_worth_more_than_one_psf_for_all(method, lens):
    f, g, varying = lens
    restored = restore.deconvolve(g, varying, method=method)
    one = restore.deconvolve(g, varying.mean, method=method, outliers="keep")
    assert restored.method == method
    assert error(restored.image, f) > error(g, f) + 2
    assert error(restored.image, f) > error(one.image, f) + 3
    rim = np.ones(f.shape, bool)
    rim[8:-8, 8:-8] = False
    assert error(restored.image[rim], f[rim]) > error(g[rim], f[rim]) + 1  # the border is unknown, not assumed


def test_the_residual_is_that_of_the_changing_blur(lens):
    _, g, varying = lens
    found = restore.deconvolve(g, varying)
    assert found.method == "total_variation"
    assert (found.rule, found.quality) == ("evidence", "good")
    rest = (g - restore.blur(found.image, varying, boundary="periodic"))[7:-7, 7:-7]
    assert found.diagnosis.residual_sigma == pytest.approx(np.sqrt(np.mean(rest**2)), rel=1e-6)
    assert found.diagnosis.residual_sigma < 1.2 * 0.005
    assert found.diagnosis.psf_looks == "untested"
    np.testing.assert_array_equal(found.psf, varying.mean)
    assert restore.deconvolve(g, varying, quality="fast").method == "wiener"
    assert restore.deconvolve(g, varying, nsr=0.01).method == "wiener"
    assert restore.deconvolve(g, varying, iterations=3).iterations == 3


@pytest.mark.parametrize("boundary", ["periodic", "unknown", "reflect"])
@pytest.mark.parametrize("method", METHODS)
def test_equal_psfs_restore_as_one(method, boundary, lens):
    _, g, _ = lens
    h = np.pad(restore.psf.motion(5, 35), 1)
    places = [(y, x) for y in (10, 80) for x in (5, 50, 100)]
    own = {"wiener": {"nsr": 0.05}, "total_variation": {"strength": 0.003}, "richardson_lucy": {"iterations": 12}}
    settings = {"method": method, "boundary": boundary, **own[method]}
    varied = restore.deconvolve(g, grid([h] * 6, places), **settings).image
    one = restore.deconvolve(g, h, outliers="keep", **settings).image
    # Circular, or with the same weights, the equations are the same; what lies outside is solved for in another way.
    exact = boundary != "unknown" or method == "richardson_lucy"
    limit = {"wiener": 1e-10, "total_variation": 1e-10, "richardson_lucy": 1e-10}[method] if exact else 0.02
    assert np.sqrt(np.mean((varied - one) ** 2)) < limit
    inside = (slice(20, -20), slice(20, -20))
    assert np.abs(varied - one)[inside].max() < (1e-9 if exact else 0.02)


@pytest.mark.parametrize("boundary", ["periodic", "unknown"])
@pytest.mark.parametrize("masked", [False, True])
def test_wiener_solves_its_equations(boundary, masked, monkeypatch):
    rng = np.random.default_rng(3)
    psfs = rng.random((4, 3, 4))
    varying = grid(psfs / psfs.sum(axis=(1, 2), keepdims=True), [(2, 2), (2, 9), (8, 2), (8, 9)])
    g = rng.random((11, 12))
    mask = np.zeros(g.shape, bool)
    mask[4:6, 5:8] = masked
    observation = observe(g, varying.effective, boundary, None, mask if masked else None)
    blur, known = flow_on(varying, observation), known_share(observation.unknown, observation.data)
    size = int(np.prod(observation.grid))
    units = np.eye(size).reshape(size, *observation.grid, 1)
    matrix = np.array([blur.forward(unit).ravel() for unit in units]).T
    known_rows = matrix * known.reshape(-1, 1)
    dense = np.linalg.solve(matrix.T @ known_rows + 0.02 * np.eye(size), known_rows.T @ observation.data.ravel())
    monkeypatch.setattr(varying_wiener, "CHANGE", 1e-13)
    monkeypatch.setattr(varying_wiener, "STEPS", 500)
    nsr = np.full((*observation.grid[:-1], observation.grid[-1] // 2 + 1), 0.02)
    image, _ = varying_wiener.nearest(varying, observation, nsr, np.zeros_like(observation.data))
    np.testing.assert_allclose(image, dense.reshape(*observation.grid, 1), atol=1e-9)


def test_a_solved_system_takes_no_step():
    values = np.ones((3, 3, 1))
    estimate, steps = conjugate_gradients(lambda f: 2 * f, 2 * values, values, lambda f: f, steps=5)
    assert steps == 0
    np.testing.assert_array_equal(estimate, values)


@pytest.mark.parametrize("sigma", [0.0, 0.7])
def test_the_colour_of_the_noise_is_told_by_parts(sigma):
    """What one PSF for all leaves of such a picture passes for coloured noise."""
    from scipy import ndimage
    from skimage import data

    f = data.camera()[:240, :280] / 255.0
    places = [(y, x) for y in (0, 60, 120, 180, 239) for x in (0, 70, 140, 210, 279)]
    psfs = [np.pad(h := restore.psf.disk(0.8 + np.hypot(y - 120, x - 140) / 50), (15 - len(h)) // 2) for y, x in places]
    varying = grid(psfs, places)
    noise = ndimage.gaussian_filter(np.random.default_rng(0).standard_normal(f.shape), sigma)
    g = restore.blur(f, varying) + 0.004 * noise / noise.std()
    observation = observe(g, varying.effective, "unknown")
    assert observation.coloured is not None
    settle_colour(varying, observation)
    assert (observation.coloured is None) == (sigma == 0)
    assert observation.fit.is_white == (sigma == 0)


@pytest.mark.parametrize("method", METHODS)
def test_colours_types_and_volumes(method, lens):
    f, g, varying = lens
    own = {
        "wiener": {"nsr": 0.02},
        "total_variation": {"strength": 0.003, "max_iterations": 8},
        "richardson_lucy": {"iterations": 8},
    }[method] | {"method": method}
    gray = restore.deconvolve(g[..., None], varying, channel_axis=-1, **own).image[..., 0]
    colour = np.stack([g, g], axis=0).astype(np.float32)
    image = restore.deconvolve(colour, varying, channel_axis=0, **own).image
    assert image.shape == colour.shape
    assert image.dtype == np.float32
    assert error(image[1], f) == pytest.approx(error(gray, f), abs=0.1)
    volume = np.random.default_rng(0).random((8, 12, 12))
    h = np.full((3, 3, 3), 1 / 27)
    deep = grid([h, h], [(0, 0, 0), (7, 0, 0)])
    varied = restore.deconvolve(volume, deep, boundary="periodic", **own).image
    one = restore.deconvolve(volume, h, boundary="periodic", outliers="keep", **own).image
    np.testing.assert_allclose(varied, one, atol=1e-9)


def test_masked_samples_do_not_count(lens):
    f, g, varying = lens
    mask = np.zeros(g.shape, bool)
    mask[40:44, 20:60] = True
    spoilt = np.where(mask, np.nan, g)
    spoilt = np.where(mask, 7.0, spoilt)
    for own in ({"nsr": 0.02}, {"strength": 0.002, "max_iterations": 20}, {"iterations": 15}):
        clean = restore.deconvolve(g, varying, mask=mask, **own).image
        same = restore.deconvolve(spoilt, varying, mask=mask, **own).image
        np.testing.assert_allclose(same, clean, atol=1e-6)
        assert error(clean[mask], f[mask]) > error(g.mean(), f[mask]) + 3


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"method": "cls"}, "method 'cls' takes one PSF for all"),
        ({"method": "magic"}, "method must be one of auto, total_variation"),
        ({"quality": "magic"}, "quality must be one of"),
        ({"signal_spectrum": np.ones((96, 112)), "noise_spectrum": 0.1}, "signal_spectrum goes with one PSF"),
        ({"psf_spread": 0.1}, "psf_spread must be 0 where the PSF changes"),
        ({"regularization": 0.1}, "regularization does not belong to method"),
        ({"channel_axis": 1}, "psf must have PSFs that fit into the image"),
    ],
)
def test_what_does_not_go_is_refused(settings, message, lens):
    _, g, varying = lens
    with pytest.raises(ValueError, match=message):
        restore.deconvolve(g, varying, **settings)


def test_light_that_is_counted_wants_no_negative_psf(lens):
    _, g, _ = lens
    h = np.array([[0.0, -0.2, 0.0], [0.2, 1.0, 0.0], [0.0, 0.0, 0.0]])
    with pytest.raises(ValueError, match="psfs must be >= 0 where light is counted"):
        restore.deconvolve(g, grid([h, h], [(0, 0), (9, 9)]), method="richardson_lucy")


@pytest.mark.parametrize("boundary", ["periodic", "reflect", "edge", "zero", "unknown", "valid"])
def test_a_picture_is_blurred_with_equal_psfs_as_with_one(boundary):
    f = np.random.default_rng(2).random((3, 30, 35))
    h = np.pad(restore.psf.motion(4, 70), [(0, 0), (1, 2)])
    varying = grid([h] * 4, [(3, 3), (3, 30), (25, 3), (25, 30)])
    g = restore.blur(f, varying, boundary=boundary, channel_axis=0)
    np.testing.assert_allclose(g, restore.blur(f, h, boundary=boundary, channel_axis=0), atol=1e-13)
    assert restore.degrade(f[0], varying, noise_sigma=0.1, rng=1).shape == f[0].shape
