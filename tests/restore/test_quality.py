"""The default is worth having: frames cut from larger scenes, against scikit-image at its best."""

import numpy as np
import pytest
from scipy import optimize
from skimage import restoration

from restore import constrained_least_squares, degrade, psf, wiener

BLURS = {"gaussian": psf.gaussian(2), "disk": psf.disk(4), "motion": psf.motion(15, 30)}


@pytest.mark.parametrize("name", ["camera", "coins"])
@pytest.mark.parametrize("kernel", [psf.disk(4), psf.motion(13, 40)], ids=["disk", "motion"])
@pytest.mark.parametrize("bsnr", [30, 40])
def test_default_beats_the_best_balance_of_scikit_image(name, kernel, bsnr, pictures, oracle):
    sharp = pictures[name][40:264, 60:310]
    observed = degrade(sharp, kernel, bsnr=bsnr, rng=1, boundary="valid")
    top, left = (k // 2 for k in kernel.shape)
    sharp = sharp[top : top + observed.shape[0], left : left + observed.shape[1]]
    peer = max(
        oracle.decibel(restoration.wiener(observed, kernel, balance=balance, clip=False) - sharp)
        for balance in np.logspace(-4, 1, 16)
    )
    for restored in (wiener(observed, kernel), constrained_least_squares(observed, kernel)):
        found = oracle.decibel(restored - sharp)
        assert found > peer + 2
        assert found > oracle.decibel(observed - sharp) + 2


@pytest.mark.parametrize(
    ("name", "blur", "photons"),
    [
        (name, blur, (200, 5000)[(row + column) % 2])
        for row, name in enumerate(("camera", "coins", "brick"))
        for column, blur in enumerate(BLURS)
    ],
)
def test_photon_noise_does_not_mislead_the_default(name, blur, photons, pictures, oracle):
    """In a photo the dark places, where noise is easiest to see, hold the least of it."""
    kernel = BLURS[blur]
    sharp = pictures[name][60:220, 90:260]
    observed = degrade(sharp, kernel, photons=photons, rng=1, boundary="valid")
    top, left = (k // 2 for k in kernel.shape)
    sharp = sharp[top : top + observed.shape[0], left : left + observed.shape[1]]
    best = max(
        oracle.decibel(constrained_least_squares(observed, kernel, regularization=weight) - sharp)
        for weight in np.logspace(-3.5, 0.5, 6)
    )
    assert oracle.decibel(constrained_least_squares(observed, kernel) - sharp) > best - 0.5
    assert oracle.decibel(wiener(observed, kernel) - sharp) > best - 2.5


@pytest.mark.parametrize("bsnr", [15, 20, 50])
def test_a_blur_below_a_pixel_does_no_harm(bsnr, pictures):
    """Noise and fine detail look alike there: the strength must come from flat places or from no noise at all."""
    kernel = psf.gaussian(0.4)
    sharp = pictures["camera"][100:356, 100:356]
    observed = degrade(sharp, kernel, bsnr=bsnr, rng=1, boundary="valid")
    truth = sharp[2:-2, 2:-2]

    def error(estimate):
        return float(np.mean((estimate - truth) ** 2))

    strengths = 10.0 ** np.arange(-6, 1, 0.5)
    best = min(
        error(constrained_least_squares(observed, kernel, regularization=s, operator="gradient")) for s in strengths
    )
    assert error(wiener(observed, kernel)) < 10**0.03 * best
    assert error(wiener(observed, kernel)) < error(observed)


@pytest.mark.parametrize("bits", [8, None])
@pytest.mark.parametrize("kernel", BLURS.values(), ids=BLURS)
def test_data_almost_free_of_noise_are_not_overdone(kernel, bits, pictures):
    """The rest that the border's solution leaves is then the noise; a fit that runs away shows here first."""
    sharp = pictures["camera"][100:228, 100:260]
    observed = degrade(sharp, kernel, boundary="valid")
    if bits is not None:
        observed = np.round(observed * (2**bits - 1)) / (2**bits - 1)
    top, left = (k // 2 for k in kernel.shape)
    truth = sharp[top : top + observed.shape[0], left : left + observed.shape[1]]

    def error(filtered, **settings):
        return float(np.mean((filtered(observed, kernel, **settings) - truth) ** 2))

    best = optimize.minimize_scalar(
        lambda power: error(constrained_least_squares, regularization=10.0**power),
        bounds=(-8, 0),
        method="bounded",
        options={"xatol": 0.2},
    ).fun
    assert error(wiener) < 10 ** (0.1 if bits is None else 0.03) * best
    assert error(constrained_least_squares) < 10**0.03 * best
