"""Volumes of counted light: where Richardson-Lucy stops by itself, and what the best iteration would have given.

PSNR in dB over the volume, the peak that of the true light. "best" is the iteration that one would choose with the
truth in hand, "own" the one at which richardson_lucy stops by itself, both with the background of the darkest places
and with the number of iterations that were run; "plain" is the best of scikit-image's iteration without acceleration,
"lionfish" that of RedLionfish's on the processor (pip install --no-deps redlionfish), both without a background and
with borders of their own; "auto" what deconvolve gives, with the method that it takes. Simulated scenes have counts of
so many photons in the brightest voxel over a background of 2. A folder adds a measured one: truth, data and kernel as
three TIFFs, whose truth is scaled to the data by least squares.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
import tifffile
from scipy import ndimage
from skimage import restoration

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import restore

SHAPE, BACKGROUND = (24, 64, 64), 2.0
OPTICS = {"NA": 1.2, "wavelength": 0.52, "ni": 1.333, "spacing": (0.25, 0.1, 0.1)}
#: Iterations of the plain method among which the best one is looked for.
PLAIN = (10, 20, 40, 80, 160, 320)


class Case(NamedTuple):
    """A volume of counts, the light behind it and the PSF between."""

    name: str
    truth: np.ndarray
    data: np.ndarray
    psf: np.ndarray


def beads(rng: np.random.Generator) -> np.ndarray:
    scene = np.zeros(SHAPE)
    for _ in range(40):
        scene[rng.integers(2, 22), rng.integers(2, 62), rng.integers(2, 62)] += rng.uniform(20, 60)
    return scene


def filaments(rng: np.random.Generator) -> np.ndarray:
    scene = np.zeros(SHAPE)
    for _ in range(12):
        place, way = rng.uniform([4, 4, 4], [20, 60, 60]), rng.normal(size=3) * [0.3, 1, 1]
        for along in np.arange(0, 50, 0.3):
            voxel = np.rint(place + way / np.linalg.norm(way) * along).astype(int)
            if (voxel >= 0).all() and (voxel < SHAPE).all():
                scene[tuple(voxel)] = 4
            way = way + rng.normal(size=3) * 0.03
    return scene


def blobs(rng: np.random.Generator) -> np.ndarray:
    scene = ndimage.gaussian_filter(rng.standard_normal(SHAPE), (1.5, 3, 3))
    return np.maximum(scene / scene.std() - 0.5, 0)


def simulated(photons: list[float]) -> Iterator[Case]:
    psf, rng = restore.psf.born_wolf((23, 41, 41), **OPTICS), np.random.default_rng(7)
    for scene in (beads, filaments, blobs):
        sharp = scene(rng)
        blurred = np.maximum(restore.blur(sharp, psf, boundary="periodic"), 0)
        for peak in photons:
            scale = peak / blurred.max()
            yield Case(
                f"{scene.__name__} {peak:g}", scale * sharp, rng.poisson(scale * blurred + BACKGROUND) * 1.0, psf
            )


def measured(folder: Path) -> Iterator[Case]:
    truth, data, kernel = (
        tifffile.imread(next(folder.glob(f"*{word}*.tif*"))).astype(float) for word in ("actual", "data", "kernel")
    )
    psf = kernel / kernel.sum()
    blurred = restore.blur(truth, psf, boundary="periodic")
    scale = float(np.vdot(blurred, data) / np.vdot(blurred, blurred))
    yield Case(folder.name, scale * truth, data, psf)


def psnr(estimate: np.ndarray, truth: np.ndarray) -> float:
    return float(10 * np.log10(truth.max() ** 2 / np.mean((estimate - truth) ** 2)))


def row(case: Case) -> str:
    along: list[float] = []
    words = {"boundary": "periodic", "background": "auto"}
    own = restore.richardson_lucy(
        case.data, case.psf, callback=lambda _, light: along.append(psnr(light, case.truth)), **words
    )
    watched = len(along)
    restore.richardson_lucy(
        case.data,
        case.psf,
        iterations=max(200, watched),
        callback=lambda _, light: along.append(psnr(light, case.truth)),
        **words,
    )
    longest = along[watched:]
    plain = [
        psnr(restoration.richardson_lucy(case.data, case.psf, num_iter=count, clip=False), case.truth)
        for count in PLAIN
    ]
    auto = restore.deconvolve(case.data, case.psf, boundary="periodic")
    numbers = (
        max(longest),
        int(np.argmax(longest)) + 1,
        psnr(own, case.truth),
        watched,
        max(plain),
        lionfish(case),
        psnr(auto.image, case.truth),
    )
    return "{:16s}{:8.2f} ({:3d}){:8.2f} ({:3d}){:8.2f}{:9.2f}{:8.2f} ".format(case.name, *numbers) + auto.method


def lionfish(case: Case) -> float:
    """Return the best that RedLionfish gives at the same counts of iterations, NaN where it is not there."""
    try:
        from RedLionfishDeconv.RLDeconv3DScipy import doRLDeconvolution_DL2_4
    except ImportError:
        return float("nan")
    results = (doRLDeconvolution_DL2_4(case.data, case.psf, niter=count) for count in PLAIN)
    return max(psnr(result.astype(float), case.truth) for result in results)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", type=Path, action="append", default=[], help="a measured case; may be repeated")
    parser.add_argument("--photons", type=float, nargs="+", default=[10.0, 100.0, 1000.0])
    arguments = parser.parse_args()
    print(f"{'scene, photons':16s}{'best':>8s} (at) {'own':>8s} (of) {'plain':>8s}{'lionfish':>9s}{'auto':>8s} dB")
    for case in [*simulated(arguments.photons), *(case for folder in arguments.folder for case in measured(folder))]:
        print(row(case), flush=True)


if __name__ == "__main__":
    main()
