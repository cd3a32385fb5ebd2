"""Samples that contradict the PSF in a large picture: in tiles and at once, found and kept; PSNR in dB, gray, float32.

The pictures of a folder, side by side and blurred beyond the frame, with noise, and with nothing, with impulses in one
percent, a few hot pixels, dead columns or text. "seam" is the largest difference between tiles of 400 and of 1000, and
"price" the time of the search in tiles over that without; seconds are those of one processor. The outermost 20 samples
are not counted.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from scipy import signal
from skimage import io

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import restore

PSFS = {"disk 3": restore.psf.disk(3), "gaussian 1.2": restore.psf.gaussian(1.2), "motion 9": restore.psf.motion(9, 20)}
FAULTS = ("nothing", "impulses", "hot pixels", "dead columns", "text")
RIM = 20


def mosaic(folder: Path, rows: int, columns: int) -> np.ndarray:
    """Return the pictures of a folder side by side, lying all alike."""
    pictures = [io.imread(path, as_gray=True) for path in sorted(folder.glob("*.png"))]
    pictures = [p if p.shape[0] < p.shape[1] else p.T for p in pictures]
    edges = np.min([p.shape for p in pictures], axis=0)
    chosen = [[pictures[(r * columns + c) % len(pictures)] for c in range(columns)] for r in range(rows)]
    return np.block([[p[: edges[0], : edges[1]] for p in row] for row in chosen])


def damaged(picture: np.ndarray, fault: str, rng: np.random.Generator) -> np.ndarray:
    picture = picture.copy()
    if fault == "impulses":
        hit = rng.random(picture.shape) < 0.01
        picture[hit] = rng.integers(0, 2, hit.sum())
    if fault == "hot pixels":
        picture[rng.random(picture.shape) < 2e-5] = 1
    if fault == "dead columns":
        picture[:, rng.integers(0, picture.shape[1], 5)] = 0
    if fault == "text":
        for row, column in rng.integers(0, [picture.shape[0] - 12, picture.shape[1] - 120], (30, 2)):
            picture[row : row + 2, column : column + 100] = 1
            for stroke in range(column, column + 100, 14):
                picture[row : row + 9, stroke : stroke + 2] = 1
    return picture


def psnr(image: np.ndarray, sharp: np.ndarray) -> float:
    errors = (np.clip(image, 0, 1) - sharp)[RIM:-RIM, RIM:-RIM]
    return float(-10 * np.log10(np.mean(errors**2)))


def timed(work: Callable[[], np.ndarray]) -> tuple[np.ndarray, float]:
    start = time.process_time()
    return work(), time.process_time() - start


def row_of(sharp: np.ndarray, psf: np.ndarray, noise: float, fault: str, method: str) -> list[float]:
    """Return the PSNR kept and found, in tiles and at once, with the price and the seam."""
    rng = np.random.default_rng(0)
    blurred = signal.fftconvolve(sharp, psf, mode="valid")
    observed = damaged(blurred + rng.normal(0, noise, blurred.shape), fault, rng).astype(np.float32)
    place = tuple(slice(k // 2, k // 2 + n) for k, n in zip(psf.shape, blurred.shape, strict=True))

    def in_tiles(outliers: str, tile: int = 400) -> np.ndarray:
        return restore.map_tiles(observed, psf, method=method, outliers=outliers, tile=tile)

    def at_once(outliers: str) -> np.ndarray:
        return restore.deconvolve(observed, psf, method=method, outliers=outliers, white_level=np.inf).image

    (kept, before), (found, after) = timed(lambda: in_tiles("keep")), timed(lambda: in_tiles("auto"))
    seam = float(np.abs(in_tiles("auto", 1000) - found).max())
    scores = [psnr(image, sharp[place]) for image in (kept, found, at_once("keep"), at_once("auto"))]
    return [*scores, before, after, after / before, seam]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="of sharp pictures, PNG")
    parser.add_argument("--rows", type=int, default=2)
    parser.add_argument("--columns", type=int, default=2)
    parser.add_argument("--noise", nargs="+", type=float, default=[0.003, 0.01])
    parser.add_argument("--psfs", nargs="+", choices=PSFS, default=list(PSFS))
    parser.add_argument("--faults", nargs="+", choices=FAULTS, default=FAULTS)
    parser.add_argument("--method", default="wiener")
    arguments = parser.parse_args()
    sharp = mosaic(arguments.folder, arguments.rows, arguments.columns)
    heads = ("tiles kept", "found", "once kept", "found", "kept s", "found s", "price", "seam")
    print(f"{'':34}" + "".join(f"{head:>11}" for head in heads))
    for name in arguments.psfs:
        for noise in arguments.noise:
            for fault in arguments.faults:
                label = f"{name}, {noise}, {fault}"
                try:
                    *numbers, seam = row_of(sharp, PSFS[name], noise, fault, arguments.method)
                except ValueError as error:
                    print(f"{label:34}  {error}")
                    continue
                print(f"{label:34}" + "".join(f"{number:11.2f}" for number in numbers) + f"{seam:11.1e}", flush=True)


if __name__ == "__main__":
    main()
