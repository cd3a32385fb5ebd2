"""How well do stars narrower than their samples tell their PSF on a finer grid? Drawn fields whose PSF is known.

Every star of a field lies anywhere between the samples and is integrated over them by quadrature; heights are within a
factor of two below the given number of standard deviations of the noise. Printed are, over some fields, the error of
the full width at half maximum on the finer grid (mean and standard deviation), the root mean square of the PSF's error
as a share of its peak (median and largest), fields that were refused, and seconds for one.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable

import numpy as np
from scipy import special

from restore import psf_from_points
from restore.blur_identification.effective.core_fit import fit_core
from restore.checks import Array

Light = Callable[[Array, Array], Array]
NODES, WEIGHTS = np.polynomial.legendre.leggauss(12)
STEP, NOISE, REACH = 22, 10.0, 14  # from star to star, of a sample, and how far a star is drawn


def moffat(fwhm: float, beta: float, stretch: float = 1.0) -> Light:
    core = fwhm / (2 * np.sqrt(2 ** (1 / beta) - 1))
    return lambda y, x: (1 + (y**2 * stretch + x**2 / stretch) / core**2) ** -beta * (beta - 1) / np.pi / core**2


def gaussian(fwhm: float) -> Light:
    var = (fwhm / 2.3548200450309493) ** 2
    return lambda y, x: np.exp(-(y**2 + x**2) / 2 / var) / (2 * np.pi * var)


def airy(fwhm: float) -> Light:
    scale = 2 * 1.61633995 / fwhm

    def light(y: Array, x: Array) -> Array:
        v = np.maximum(scale * np.hypot(y, x), 1e-9)
        return np.asarray((2 * special.j1(v) / v) ** 2 * scale**2 / 4 / np.pi)

    return light


def comatic(fwhm: float) -> Light:
    sharp, soft = gaussian(fwhm), gaussian(1.5 * fwhm)
    return lambda y, x: 0.75 * sharp(y, x) + 0.25 * soft(y - 0.35 * fwhm, x - 0.2 * fwhm)


PSFS: dict[str, Light] = {
    "Moffat 1.0, beta 3": moffat(1.0, 3),
    "Moffat 1.4, beta 2.5": moffat(1.4, 2.5),
    "oval Moffat 1.2": moffat(1.2, 3, 1.25),
    "Gaussian 1.2": gaussian(1.2),
    "Airy 1.2": airy(1.2),
    "Airy 1.4": airy(1.4),
    "coma 1.2": comatic(1.2),
}


def in_boxes(light: Light, rows: Array, columns: Array, edge: float = 1.0) -> Array:
    """Return the light that falls into boxes around places."""
    y, x = ((places[:, None] + NODES / 2 * edge).ravel() for places in (rows, columns))
    fine = light(y[:, None], x).reshape(rows.size, NODES.size, columns.size, NODES.size)
    return np.asarray(np.einsum("iajb,a,b->ij", fine, WEIGHTS / 2 * edge, WEIGHTS / 2 * edge))


def field(light: Light, count: int, height: float, seed: int) -> Array:
    """Return a field of stars."""
    rng, side = np.random.default_rng(seed), int(np.ceil(np.sqrt(count)))
    image = np.full((STEP * side + 8,) * 2, 50.0)
    peak = in_boxes(light, np.zeros(1), np.zeros(1))[0, 0]
    for star in range(count):
        y, x = STEP * np.array(divmod(star, side)) + REACH + 1 + rng.uniform(-3, 3, 2)
        rows, columns = (np.arange(max(int(p) - REACH, 0), min(int(p) + REACH + 1, len(image))) for p in (y, x))
        flux = NOISE * height / peak * 2 ** -rng.uniform(0, 1)
        image[np.ix_(rows, columns)] += flux * in_boxes(light, rows - y, columns - x)
    return image + rng.normal(0, NOISE, image.shape)


def truth(light: Light, shape: tuple[int, ...], step: int) -> Array:
    """Return the PSF on the finer grid, its core in the middle."""
    places, shift = [(np.arange(n) - n // 2) / step for n in shape], np.zeros(2)
    for _ in range(6):
        psf = in_boxes(light, places[0] + shift[0], places[1] + shift[1], 1 / step)
        core = fit_core(psf / psf.sum(), 0.0)
        assert core is not None
        shift = shift + (core.center - [n // 2 for n in shape]) / step
    return psf / psf.sum()


def report(name: str, step: int, count: int, height: float, fields: int) -> None:
    widths, errors, refused, start = [], [], 0, time.process_time()
    for seed in range(fields):
        try:
            average = psf_from_points(field(PSFS[name], count, height, seed), subsampling=step)
        except ValueError:
            refused += 1
            continue
        expected = truth(PSFS[name], average.psf.shape, step)
        core = fit_core(expected, 0.0)
        assert core is not None
        widths.append(100 * np.mean(np.array(average.fwhm) / core.fwhm - 1))
        errors.append(100 * np.sqrt(np.mean((average.psf - expected) ** 2)) / expected.max())
    seconds = (time.process_time() - start) / fields
    numbers = (
        f"width {np.mean(widths):+.2f} +- {np.std(widths):.2f} %, rms {np.median(errors):.2f} ({max(errors):.2f}) %"
        if errors
        else "-"
    )
    print(f"{name:22} x{step}, {count} stars at {height:4g}: {numbers}, refused {refused}, {seconds:.1f} s", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--subsampling", type=int, default=2)
    parser.add_argument("--stars", nargs="+", type=int, default=(10, 20, 40))
    parser.add_argument("--heights", nargs="+", type=float, default=(30, 100, 1000), help="over the noise")
    parser.add_argument("--fields", type=int, default=8)
    args = parser.parse_args()
    for name in PSFS:
        for count, height in zip(args.stars, args.heights, strict=True):
            report(name, args.subsampling, count, height, args.fields)


if __name__ == "__main__":
    main()
