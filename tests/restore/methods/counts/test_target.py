"""Richardson-Lucy to a chosen PSF: stars keep flux and place, and nothing rings round them."""

import numpy as np
import pytest
from scipy import fft

import restore

SHAPE, NOISE = (50, 50), 0.36
#: Stars between the samples: row, column, flux.
STARS = [(12.3, 11.8, 800), (14.1, 36.6, 300), (36.4, 13.2, 500), (35.7, 37.9, 1500)]
SEEING = restore.psf.moffat(3.4, beta=3, reach=4)


def seen_through(psf, stars=STARS, shape=SHAPE):
    """Stars at places between the samples, by the transfer function of a PSF."""
    rows, columns = fft.fftfreq(shape[0])[:, None], fft.rfftfreq(shape[1])
    light = sum(flux * np.exp(-2j * np.pi * (rows * y + columns * x)) for y, x, flux in stars)
    return fft.irfft2(light * restore.psf_to_otf(psf, shape), shape)


@pytest.fixture(scope="module")
def field():
    """A field whose sky was subtracted."""
    return seen_through(SEEING) + np.random.default_rng(0).normal(0, NOISE, SHAPE)


def centroid(image, y, x, reach):
    for _ in range(15):
        rows, columns = np.indices(image.shape)
        weights = image * np.exp(-((rows - y) ** 2 + (columns - x) ** 2) / (2 * reach**2))
        y, x = (weights * rows).sum() / weights.sum(), (weights * columns).sum() / weights.sum()
    return y, x


def errors(restored, step=1, stars=STARS, aperture=5):
    """The largest relative error of a flux, the largest of a place, and how far below 0 it is around a star."""
    rows, columns = ((indices + 0.5) / step - 0.5 for indices in np.indices(restored.shape))
    of_flux, of_place, darkest = [], [], []
    for y, x, flux in stars:
        place = centroid(restored, (y + 0.5) * step - 0.5, (x + 0.5) * step - 0.5, 1.2 * step)
        of_place.append(np.hypot(*[(p + 0.5) / step - 0.5 - q for p, q in zip(place, (y, x), strict=True)]))
        distance = np.hypot(rows - y, columns - x)
        of_flux.append(abs(restored[distance < aperture].sum() / step**2 / flux - 1))
        darkest.append(-restored[(distance > 2) & (distance < 8)].min())
    return max(of_flux), max(of_place), max(darkest)


@pytest.mark.parametrize(("step", "sky"), [(1, 0.0), (1, 4.0), (1, 300.0), (2, 0.0)])
def test_stars_keep_their_flux_and_place_and_do_not_ring(field, step, sky):
    fine = restore.psf.resampled(SEEING, step)
    words = {"iterations": 60} if step > 1 else {}  # to find the number takes three runs more
    found = restore.richardson_lucy(field + sky, fine, background=sky, target=2.0, subsampling=step, **words)
    flux, place, darkest = errors(found, step)
    assert flux < 0.02
    assert place < 0.05
    assert darkest < NOISE  # no ring deeper than the noise of the sky


def test_faint_stars_lose_nothing_to_the_sky():
    """Many fields, for their mean tells a bias from noise: a sky that is never darker than none took 4 % of a star."""
    star, missing, ground = (24.4, 25.3, 120.0), [], []
    distance = np.hypot(*(i - p for i, p in zip(np.indices(SHAPE), star[:2], strict=True)))
    aperture, around = distance < 6, (distance > 11) & (distance < 20)
    for seed in range(24):
        noise = np.random.default_rng(seed).normal(0, NOISE, SHAPE)
        found = restore.richardson_lucy(seen_through(SEEING, [star]) + noise, SEEING, target=2.0, iterations=60)
        ground.append(found[around].mean())
        flux = found[aperture].sum() - aperture.sum() * ground[-1]
        missing.append(1 - (flux - noise[aperture].sum() + aperture.sum() * noise[around].mean()) / star[2])
    assert abs(np.mean(ground)) < 0.03 * NOISE
    assert abs(np.mean(missing)) < 0.015


def test_bright_stars_do_not_ring_where_the_psf_is_wrong():
    """Light that a PSF does not explain stays at the star, whatever it is."""
    bright = [(y, x, 60 * flux) for y, x, flux in STARS]
    data = seen_through(SEEING, bright) + np.random.default_rng(0).normal(0, NOISE, SHAPE)
    for wrong in (restore.psf.moffat(3.5, beta=3, reach=4), restore.psf.moffat(3.3, beta=3, reach=4)):
        assert errors(restore.richardson_lucy(data, wrong, target=2.0), stars=bright)[2] < NOISE


def test_the_noise_of_a_coadd_does_not_end_the_run_early(field):
    """Stars are foretold by no sample of a block around them."""
    noise = restore.blur(np.random.default_rng(5).normal(0, 1, SHAPE), restore.psf.gaussian(0.6), boundary="periodic")
    data = seen_through(SEEING) + NOISE * noise / noise.std()
    restored = restore.deconvolve(data, SEEING, target=2.0)
    assert restored.iterations > 40
    assert errors(restored.image)[0] < 0.04  # of a flux of 300 beside noise that the aperture collects: 0.02


def test_the_door_takes_no_star_for_a_wrong_sample_but_finds_those():
    bright = [(y, x, 60 * flux) for y, x, flux in STARS]
    data = seen_through(SEEING, bright) + np.random.default_rng(0).normal(0, NOISE, SHAPE)
    hot = data.copy()
    hot[24, 25] += 400.0
    assert restore.deconvolve(data, SEEING, target=2.0).contradictions is None
    restored = restore.deconvolve(hot, SEEING, target=2.0)
    wrong = restored.contradictions.wrong
    assert wrong[24, 25]
    assert not any(wrong[round(y) - 2 : round(y) + 3, round(x) - 2 : round(x) + 3].any() for y, x, _ in STARS)
    assert errors(restored.image, stars=bright)[0] < 0.005


def test_it_is_the_light_seen_by_the_target_on_the_way_too():
    """Where nothing but the light is expected there is nothing to put back."""
    data, counted = np.random.default_rng(0).poisson(seen_through(SEEING).clip(0)).astype(float), []
    words = {"iterations": 9, "boundary": "periodic"}
    points = restore.richardson_lucy(data, SEEING, **words)
    found = restore.richardson_lucy(
        data, SEEING, target=3.0, callback=lambda count, image: counted.append(image), **words
    )
    gaussian = restore.psf.gaussian(3 / (2 * np.sqrt(2 * np.log(2))), truncate=5)
    seen = restore.blur(points, gaussian, boundary="periodic")
    np.testing.assert_allclose(found, seen, rtol=0, atol=1e-9 * seen.max())
    np.testing.assert_allclose(counted[-1], found, rtol=1e-12)
    np.testing.assert_allclose(restore.richardson_lucy(data, SEEING, target=gaussian, **words), found, atol=1e-9)
    by_name = restore.deconvolve(data, SEEING, method="richardson_lucy", target=3.0, **words)
    np.testing.assert_allclose(by_name.image, found, rtol=0, atol=1e-9 * seen.max())


def test_the_residual_of_a_target_is_that_of_the_points(field):
    restored = restore.deconvolve(field + 4, SEEING, target=3.0, background=4)
    assert np.sqrt(np.mean(restored.diagnosis.residual**2)) < 1.3 * NOISE
    assert abs(restored.diagnosis.residual.mean()) < 0.5 * NOISE  # with the background, which is 11


def test_another_telescope_is_a_target():
    """A PSF of any shape, off its middle: its picture of the same stars."""
    other = restore.psf.moffat(2.6, beta=2, reach=3) + np.roll(restore.psf.moffat(2.6, beta=2, reach=3), (1, 2), (0, 1))
    other /= other.sum()
    places = [(round(y), round(x), flux) for y, x, flux in STARS]
    data = seen_through(SEEING, places) + np.random.default_rng(0).normal(0, 0.02, SHAPE)
    found = restore.richardson_lucy(data, SEEING, target=other)
    expected = seen_through(other, places)
    assert np.sqrt(np.mean((found - expected) ** 2)) < 0.02 * np.sqrt(np.mean(expected**2))


@pytest.mark.parametrize(
    ("target", "message"),
    [
        (1.5, "target must be 2 samples of the result or more"),
        (restore.psf.gaussian(0.5), "target must be 2 samples of the result or more wide"),
        (2 * restore.psf.gaussian(2), "target must sum to 1"),
        (np.zeros((0, 3)), "target must hold samples"),
        (restore.psf.gaussian((1, 1, 1)), "target must be a width or have 2 axes"),
    ],
    ids=["width", "narrow", "sum", "empty", "axes"],
)
def test_a_target_that_samples_do_not_hold_is_refused(field, target, message):
    with pytest.raises(ValueError, match=message):
        restore.richardson_lucy(field, SEEING, target=target)


def test_tiles_are_the_whole_where_a_sky_was_subtracted(field):
    words = {"method": "richardson_lucy", "target": 2.0, "iterations": 30, "acceleration": False}
    whole = restore.deconvolve(field, SEEING, outliers="keep", **words).image
    tiled = restore.map_tiles(field, SEEING, tile=32, **words)
    np.testing.assert_allclose(tiled, whole, rtol=0, atol=0.01 * whole.max())


def test_what_no_light_explains_lies_where_light_would():
    """A hole in the sky, seen through a PSF off its middle, is put back where points are."""
    off = np.pad(
        restore.psf.gaussian(1.5, truncate=3), ((4, 0), (0, 2))
    )  # its centroid is off by two rows and a column
    sky, place = np.full(SHAPE, 50.0), (24, 27)
    sky[place] -= 40
    words = {"background": 50.0, "gain": 1.0, "iterations": 20, "boundary": "periodic"}
    found = restore.richardson_lucy(restore.blur(sky, off, boundary="periodic"), off, target=2.0, **words)
    depth = np.minimum(found, 0)
    np.testing.assert_allclose([(depth * i).sum() / depth.sum() for i in np.indices(SHAPE)], place, atol=0.1)
