"""Samples that contradict the PSF and clipped lights, kept as they are or found and solved for; PSNR in dB, gray.

Made from the pictures of a folder: darkened, set with lamps of 1.2 to 10 times the top code, blurred, with noise,
clipped, with impulses, hot pixels or burnt-in bars, and rounded to 8 bits. With --published FOLDER also the pictures
NAME.blurred.png of that folder beside NAME.psf.png, NAME.ground_truth.png and NAME.reference_result.png, the green
channel. The last column is the time with the search over that without.
"""

from __future__ import annotations

import argparse
import sys
import time
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
from scipy import signal
from skimage import io

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import restore

PSFS = {"disk 4": restore.psf.disk(4), "motion 15": restore.psf.motion(15, 30), "gaussian 2": restore.psf.gaussian(2)}
KINDS = {
    "clean": (),
    "lamps": ("lamps",),
    "impulses": ("impulses",),
    "hot pixels, bars": ("hot", "bars"),
    "lamps, impulses": ("lamps", "impulses"),
}
EDGE, LAMPS, NOISE = 300, 30, 0.005

Case = tuple[str, np.ndarray, np.ndarray, np.ndarray, float]


def psnr(image: np.ndarray, sharp: np.ndarray) -> float:
    return float(-10 * np.log10(np.mean((np.clip(image, 0, 1) - np.clip(sharp, 0, 1)) ** 2)))


def made(folder: Path) -> Iterator[Case]:
    """Yield name, observed picture, PSF, sharp picture and no reference, for every picture, PSF and kind."""
    for path in sorted(folder.glob("*.png")):
        scene = 0.6 * io.imread(path, as_gray=True)[:EDGE, :EDGE]
        for psf_name, psf in PSFS.items():
            for kind, faults in KINDS.items():
                rng = np.random.default_rng(zlib.crc32(f"{path.name} {psf_name} {kind}".encode()))
                sharp = with_lamps(scene, rng) if "lamps" in faults else scene
                observed = photographed(sharp, psf, faults, rng)
                rim = [n // 2 for n in psf.shape]
                yield kind, observed, psf, sharp[rim[0] : -rim[0] or None, rim[1] : -rim[1] or None], np.nan


def with_lamps(scene: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    scene, (rows, columns) = scene.copy(), np.indices(scene.shape)
    for _ in range(LAMPS):
        row, column = rng.uniform(0, EDGE, 2)
        brightness = np.exp(rng.uniform(np.log(1.2), np.log(10)))
        scene[(rows - row) ** 2 + (columns - column) ** 2 < rng.uniform(1.5, 7) ** 2] = brightness
    return scene


def photographed(sharp: np.ndarray, psf: np.ndarray, faults: tuple[str, ...], rng: np.random.Generator) -> np.ndarray:
    """Return an 8-bit picture of a scene, blurred beyond its frame."""
    observed = signal.fftconvolve(sharp, psf, mode="valid")
    observed = np.clip(observed + rng.normal(0, NOISE, observed.shape), 0, 1)
    if "impulses" in faults:
        hit = rng.random(observed.shape) < 0.01
        observed[hit] = rng.integers(0, 2, hit.sum())
    if "hot" in faults:
        hit = rng.random(observed.shape) < 0.002
        observed[hit] = np.minimum(1, observed[hit] + rng.uniform(0.2, 0.6, hit.sum()))
    if "bars" in faults:  # such as those that letters are made of
        observed[-30:-12, 20:200:9] = observed[-30:-12, 21:200:9] = 0.9
    return np.rint(255 * observed) / 255


def published(folder: Path) -> Iterator[Case]:
    for path in sorted(folder.glob("*.blurred.png")):
        name = path.name.removesuffix(".blurred.png")

        def green(word: str, name: str = name) -> np.ndarray:
            image = io.imread(folder / f"{name}.{word}.png") / 255
            return image[..., 1] if image.ndim == 3 else image

        psf, sharp = green("psf"), green("ground_truth")
        yield name, green("blurred"), psf / psf.sum(), sharp, psnr(green("reference_result"), sharp)


def timed(work: Callable[[], restore.Restoration]) -> tuple[restore.Restoration, float]:
    start = time.process_time()
    return work(), time.process_time() - start


def measured(case: Case, method: str) -> list[float]:
    """Return the PSNR as observed, with all samples kept, with the search, of the reference, and the price."""
    _, observed, psf, sharp, reference = case
    kept, before = timed(lambda: restore.deconvolve(observed, psf, method=method, outliers="keep"))
    found, after = timed(lambda: restore.deconvolve(observed, psf, method=method))
    return [psnr(observed, sharp), psnr(kept.image, sharp), psnr(found.image, sharp), reference, after / before]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="of sharp pictures, PNG")
    parser.add_argument("--published", type=Path, metavar="FOLDER")
    parser.add_argument("--method", default="auto")
    arguments = parser.parse_args()
    scores: dict[str, list[list[float]]] = {}
    for cases in (made(arguments.folder), published(arguments.published) if arguments.published else ()):
        for case in cases:
            scores.setdefault(case[0], []).append(measured(case, arguments.method))
    print(f"{'':18}{'as it is':>10}{'kept':>10}{'found':>10}{'worst gain':>12}{'reference':>11}{'price':>8}")
    for name, rows in scores.items():
        before, kept, found, reference, price = np.mean(rows, axis=0)
        worst = min(row[2] - row[1] for row in rows)
        print(f"{name:18}{before:10.2f}{kept:10.2f}{found:10.2f}{worst:12.2f}{reference:11.2f}{price:8.1f}")


if __name__ == "__main__":
    main()
