"""How exactly do ten stars tell the width of their PSF, and how exactly could they? Drawn fields whose PSF is known.

Printed are, over some fields, the error of the full width at half maximum along both axes (mean and standard
deviation), against that of the PSF as it was drawn and of the same with its core in the middle of a sample, where the
average has its own; and the bound of Cramer and Rao for that deviation, every star's place, peak and ground unknown:
for a profile that is known but for its width, and for exp(-q^p) with p unknown.
"""

from __future__ import annotations

import argparse

import numpy as np
from scipy import fft, ndimage

import restore
from restore.blur_identification.effective.core_fit import fit_core
from restore.checks import Array

#: Stars of a field, samples between them, and shares of s and p by which a derivative is taken.
STARS, STEP, TINY = 10, 40, 1e-4
SHAPE = (2 * STEP, STARS // 2 * STEP)


def coma(sigma: float) -> Array:
    """Return a PSF with its light to one side."""
    y, x = np.indices((41, 41)) - 20.0
    beside = (y - 1.2 * sigma) ** 2 + (x - 0.5 * sigma) ** 2
    psf = np.exp(-(y**2 + x**2) / (2 * sigma**2)) + 0.5 * np.exp(-beside / (2 * (1.4 * sigma) ** 2))
    return np.asarray(psf / psf.sum())


PSFS = {
    "Gaussian 2.4": restore.psf.gaussian(1.02),
    "Gaussian 3.5": restore.psf.gaussian(1.5),
    "Moffat 2.2": restore.psf.moffat(2.2, beta=3, reach=6),
    "Moffat 3.2": restore.psf.moffat(3.2, beta=3, reach=5),
    "coma 3.2": coma(1.2),
    "coma 4.9": coma(1.8),
}


def field(psf: Array, snr: float, seed: int) -> Array:
    """Return stars anywhere between the samples, of a peak of 1000, and white noise."""
    rng = np.random.default_rng(seed)
    places = np.indices((2, STARS // 2)).reshape(2, -1).T * STEP + STEP / 2 + rng.uniform(-0.5, 0.5, (STARS, 2))
    rows, columns = fft.fftfreq(SHAPE[0])[:, None], fft.rfftfreq(SHAPE[1])
    light = sum(np.exp(-2j * np.pi * (rows * y + columns * x)) for y, x in places)
    clean = fft.irfft2(light * restore.psf_to_otf(psf, SHAPE), SHAPE)
    return np.asarray(1000 * clean / psf.max() + rng.normal(0, 1000 / snr, SHAPE))


def width(psf: Array) -> Array:
    """Return the full width at half maximum as it is."""
    core = fit_core(psf, 0.0)
    assert core is not None
    return core.fwhm


def in_the_middle(psf: Array) -> Array:
    """Return a PSF moved until its core lies in the middle sample."""
    for _ in range(6):
        core = fit_core(psf, 0.0)
        assert core is not None
        offset = np.array(psf.shape) // 2 - core.center
        psf = np.fft.ifftn(ndimage.fourier_shift(np.fft.fftn(psf), offset)).real
    return psf


def bound(fwhm: float, snr: float, *, is_known: bool) -> float:
    """Return the least standard deviation of a width along an axis, relative to it."""
    start = np.array([fwhm / 2 / np.sqrt(np.log(2))] * 2 + [1.0, snr, 0.0, 0.0, 0.0])  # s, s, p, peak, place, ground
    half, rng = int(2.5 * fwhm) + 1, np.random.default_rng(0)
    grid, shared = np.indices((2 * half + 1,) * 2).reshape(2, -1) - half, [0, 1] if is_known else [0, 1, 2]
    own, count = range(3, 7), len(shared)
    information = np.zeros((count + 4 * STARS,) * 2)
    for star in range(STARS):
        start[4:6] = rng.uniform(-0.5, 0.5, 2)

        def light(theta: Array) -> Array:
            q = ((grid[0] - theta[4]) / theta[0]) ** 2 + ((grid[1] - theta[5]) / theta[1]) ** 2
            return np.asarray(theta[3] * np.exp(-(q ** theta[2])) + theta[6])

        steps = TINY * np.eye(7)
        slopes = np.array([(light(start + steps[i]) - light(start - steps[i])) / (2 * TINY) for i in [*shared, *own]])
        places = [*range(count), *range(count + 4 * star, count + 4 * star + 4)]
        information[np.ix_(places, places)] += slopes @ slopes.T
    gradient = np.zeros(len(information))
    gradient[0] = 1 / start[0]
    if not is_known:
        gradient[2] = -np.log(np.log(2)) / 2  # of log(2 s (log 2)^(1 / 2p)) at p = 1
    return float(np.sqrt(gradient @ np.linalg.solve(information, gradient)))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--snr", type=float, default=30.0, help="peak of a star in standard deviations (%(default)s)")
    parser.add_argument("--fields", type=int, default=24, help="drawn fields (%(default)s)")
    arguments = parser.parse_args()
    print(
        "per cent: PSF, bias and deviation (y, x), bias against the PSF in the middle, bounds: known, unknown profile"
    )
    for name, psf in PSFS.items():
        fields = [field(psf, arguments.snr, seed) for seed in range(arguments.fields)]
        measured = np.array([restore.psf_from_points(image).fwhm for image in fields])
        drawn, middle = (100 * (measured / width(one) - 1) for one in (psf, in_the_middle(psf)))
        bounds = [100 * bound(float(width(psf).mean()), arguments.snr, is_known=known) for known in (True, False)]
        bias, deviation, centred = (
            " ".join(f"{value:+.2f}" for value in values)
            for values in (drawn.mean(axis=0), drawn.std(axis=0), middle.mean(axis=0))
        )
        print(f"{name:13s} {bias}   {deviation}   {centred}   {bounds[0]:.2f} {bounds[1]:.2f}", flush=True)


if __name__ == "__main__":
    main()
