"""Richardson-Lucy to a chosen PSF: stars keep flux and place, and nothing rings round them."""

import numpy as np
import pytest
from scipy import fft

import restore

SHAPE, NOISE = (50, 50), 0.36
#: Stars between the samples: row, column, flux.
STARS = [(12.3, 11.8, 800), (14.1, 36.6, 300), (36.4, 13.2, 500), (35.7, 37.9, 1500)]
SEEING = restore.psf.moffat(3.4, beta=3, reach=4)


@pytest.fixture(scope="module")
def field():
    rows, columns = fft.fftfreq(SHAPE[0])[:, None], fft.rfftfreq(SHAPE[1])
    light = sum(flux * np.exp(-2j * np.pi * (rows * y + columns * x)) for y, x, flux in STARS)
    blurred = fft.irfft2(light * restore.psf_to_otf(SEEING, SHAPE), SHAPE)
    return blurred + np.random.default_rng(0).normal(0, NOISE, SHAPE)


def centroid(image, y, x, reach):
    for _ in range(15):
        rows, columns = np.indices(image.shape)
        weights = image * np.exp(-((rows - y) ** 2 + (columns - x) ** 2) / (2 * reach**2))
        y, x = (weights * rows).sum() / weights.sum(), (weights * columns).sum() / weights.sum()
    return y, x


@pytest.mark.parametrize("step", [1, 2])
def test_stars_keep_their_flux_and_place_and_do_not_ring(field, step):
    fine = restore.psf.resampled(SEEING, step)
    found = restore.richardson_lucy(field + 4, fine, background=4, target=2.0, subsampling=step)
    rows, columns = ((indices + 0.5) / step - 0.5 for indices in np.indices(found.shape))
    for y, x, flux in STARS:
        place = centroid(found, (y + 0.5) * step - 0.5, (x + 0.5) * step - 0.5, 1.2 * step)
        assert np.hypot(*[(p + 0.5) / step - 0.5 - q for p, q in zip(place, (y, x), strict=True)]) < 0.06
        distance = np.hypot(rows - y, columns - x)
        assert found[distance < 5].sum() / step**2 == pytest.approx(flux, rel=0.02)
        assert found[(distance > 2) & (distance < 8)].min() > -NOISE  # no ring deeper than the noise of the sky


def test_it_is_the_light_seen_by_the_target_on_the_way_too(field):
    points, counted = restore.richardson_lucy(field + 4, SEEING, background=4, iterations=9, boundary="periodic"), []
    found = restore.richardson_lucy(
        field + 4,
        SEEING,
        background=4,
        iterations=9,
        boundary="periodic",
        target=3.0,
        callback=lambda count, image: counted.append(image),
    )
    seen = restore.blur(points, restore.psf.gaussian(3 / (2 * np.sqrt(2 * np.log(2))), truncate=5), boundary="periodic")
    np.testing.assert_allclose(found, seen, rtol=0, atol=1e-9 * seen.max())
    np.testing.assert_allclose(counted[-1], found, rtol=1e-12)
    by_name = restore.deconvolve(
        field + 4, SEEING, method="richardson_lucy", background=4, iterations=9, boundary="periodic", target=3.0
    )
    np.testing.assert_allclose(by_name.image, found, rtol=0, atol=1e-9 * seen.max())


def test_a_target_that_samples_do_not_hold_is_refused(field):
    with pytest.raises(ValueError, match="target must be 2 samples of the result or more"):
        restore.richardson_lucy(field, SEEING, target=1.5)
