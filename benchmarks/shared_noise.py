"""Noise that rows or columns share: what it costs when taken off and when kept, and where it is seen without cause.

Frames of pictures (scikit-image's, and those of --folder) are blurred beyond the frame, get noise of single samples and
some that rows or columns share, and are stored in 8 bits. The default restores each as it is ("auto"), with
banding="keep", and the same frame without the shared noise; PSNR in dB, 20 samples from the frame. "strength" is what
was taken off, relative to the noise of samples. At the end the largest strength that frames without shared noise show:
noise of several levels and a coloured one, none at all, in floating point, 8 bits and JPEG.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from scipy import ndimage

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from dead_areas import pictures, stored

import restore
from restore.noise.banding import banding

PSFS = {
    "gaussian 0.8": restore.psf.gaussian(0.8),
    "gaussian 2": restore.psf.gaussian(2),
    "disk 3": restore.psf.disk(3),
    "disk 6": restore.psf.disk(6),
    "motion 11": restore.psf.motion(11, 30),
    "box 5": restore.psf.box(5),
}
SIZE, RIM, NOISE = 240, 20, 0.006
SHARED = {"rows": (0, 0.01), "columns": (1, 0.006)}


def in_bytes(picture: np.ndarray) -> np.ndarray:
    return stored(picture, "uint8")[0]


def psnr(image: np.ndarray, sharp: np.ndarray) -> float:
    inside = (slice(RIM, -RIM),) * 2
    return float(-10 * np.log10(np.mean((np.clip(image, 0, 1) - sharp)[inside] ** 2)))


def without_shared_noise(blurred: np.ndarray, noise: np.ndarray) -> Iterator[np.ndarray]:
    """Yield frames of all kinds in which nothing is shared."""
    yield from (blurred, in_bytes(blurred), in_bytes(blurred + noise), blurred + noise / 5)
    yield from (in_bytes(blurred + 3 * ndimage.gaussian_filter(noise, 1)), stored(blurred + noise, "jpeg75")[0])


def strongest(picture: np.ndarray, psf: np.ndarray) -> float:
    return max((shared.strength for shared in banding(picture[..., None], psf)), default=0.0)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", type=Path, help="more sharp pictures, PNG, of 270 pixels or more along each side")
    parser.add_argument("--psfs", nargs="+", choices=PSFS, default=list(PSFS))
    arguments = parser.parse_args()
    lost, kept, largest = [], [], 0.0
    print(f"{'':40}{'input':>8}{'without':>9}{'auto':>8}{'keep':>8}{'strength':>10}  doubts")
    for name, read in pictures(arguments.folder).items():
        scene = read()
        for label in arguments.psfs:
            psf, rng = PSFS[label], np.random.default_rng(1)
            rim = [size // 2 for size in psf.shape]
            rows, columns = (slice(20 - r, 20 + SIZE + r) for r in rim)
            sharp = scene[20 : 20 + SIZE, 20 : 20 + SIZE]
            blurred = restore.degrade(scene[rows, columns], psf, boundary="valid")
            noise = rng.normal(0, NOISE, blurred.shape)
            largest = max(largest, *(strongest(frame, psf) for frame in without_shared_noise(blurred, noise)))
            best = psnr(restore.deconvolve(in_bytes(blurred + noise), psf).image, sharp)
            for kind, (axis, sigma) in SHARED.items():
                shared = np.expand_dims(rng.normal(0, sigma, SIZE), 1 - axis)
                frame = in_bytes(blurred + noise + shared)
                even, uneven = (restore.deconvolve(frame, psf, banding=word) for word in ("auto", "keep"))
                scores = [psnr(frame, sharp), best, psnr(even.image, sharp), psnr(uneven.image, sharp)]
                lost.append(best - scores[2])
                kept.append(best - scores[3])
                numbers = f"{scores[0]:8.2f}{scores[1]:9.2f}{scores[2]:8.2f}{scores[3]:8.2f}{even.banding:10.2f}"
                print(f"{name + ', ' + label + ', ' + kind:40}{numbers}  {len(even.doubts)}", flush=True)
    for word, losses in (("auto", lost), ("keep", kept)):
        print(f"{word}: {np.mean(losses):.2f} dB lost on average, {max(losses):.2f} at most, in {len(losses)} frames")
    print(f"without shared noise the strength is {largest:.2f} at most")


if __name__ == "__main__":
    main()
