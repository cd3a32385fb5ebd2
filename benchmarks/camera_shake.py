"""How well `restore.estimate_kernel` finds the kernel of a shaken camera, on a folder of Levin's form.

The folder holds sharp pictures imI.png, shaken ones imI_kernelJ_img.png and kernels.npz with arrays kernelJ (Levin,
Weiss, Durand and Freeman, Understanding and evaluating blind deconvolution algorithms, CVPR 2009); none comes
with this project. The kernel's size is given, unless --find-size. Each picture is restored with the estimated and with
the known kernel, by one filter with one strength, or, with --as-the-program, as the program does, with a strength found
in the data. Before the PSNR is taken the restoration is moved over the sharp picture to a fraction of a pixel and 16
pixels of border are dropped. The ratio is that of the two squared errors.

The constants of the estimate were chosen on picture 1 of Levin's four: quote the others.
"""

from __future__ import annotations

import argparse
import re
import time
from pathlib import Path

import numpy as np
from PIL import Image
from scipy import fft, ndimage

import restore

BORDER = 16


def opened(path: Path) -> np.ndarray:
    with Image.open(path) as picture:
        return np.asarray(picture.convert("L"), np.float64) / 255


def aligned_error(found: np.ndarray, sharp: np.ndarray) -> float:
    """Return the mean squared error at the best shift: by correlation, then Gauss-Newton steps on the fraction."""
    window = np.outer(*(np.hanning(n) for n in sharp.shape))
    spectra = [fft.rfft2((picture - picture.mean()) * window) for picture in (sharp, found)]
    correlation = fft.irfft2(spectra[0] * np.conj(spectra[1]), sharp.shape)
    peak = np.unravel_index(int(correlation.argmax()), sharp.shape)
    shift = np.array([(p + n // 2) % n - n // 2 for p, n in zip(peak, sharp.shape, strict=True)], float)
    inner = (slice(BORDER, -BORDER),) * 2
    least = np.inf
    for _ in range(8):
        moved = ndimage.shift(found, shift, order=3, mode="nearest")
        error = (moved - sharp)[inner].ravel()
        least = min(least, float(np.mean(error**2)))
        slopes = np.stack([-slope[inner].ravel() for slope in np.gradient(moved)])
        shift = shift - np.clip(np.linalg.solve(slopes @ slopes.T, slopes @ error), -1, 1)
    return least


def decibel(error: float) -> float:
    return float(-10 * np.log10(error))


def measured(folder: Path, path: Path, args: argparse.Namespace) -> list[float]:
    picture, kernel = re.match(r"(im\d+)_(kernel\d+)_img", path.stem).groups()
    sharp, shaken = opened(folder / f"{picture}.png"), opened(path)
    known = np.load(folder / "kernels.npz")[kernel]
    started = time.perf_counter()
    estimate = restore.estimate_kernel(shaken, size=None if args.find_size else known.shape[0])
    seconds = time.perf_counter() - started

    def restored(psf: np.ndarray) -> np.ndarray:
        if args.as_the_program:
            error = estimate.error if psf is estimate.psf else 0.0
            return restore.deconvolve(shaken, psf, method=args.method, psf_error=error, outliers="keep").image
        if args.method == "wiener":
            return restore.wiener(shaken, psf)
        return restore.hyper_laplacian(shaken, psf, strength=args.strength)

    blind, ceiling = (aligned_error(restored(psf), sharp) for psf in (estimate.psf, known / known.sum()))
    before = decibel(aligned_error(shaken, sharp))
    row = [before, decibel(blind), decibel(ceiling), blind / ceiling, seconds]
    text = " ".join(f"{value:7.2f}" for value in row)
    print(f"{picture} {kernel} {text}  {estimate.confidence}, {estimate.size} px", flush=True)
    return row


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", nargs="?", help="folder with imI.png, imI_kernelJ_img.png and kernels.npz")
    parser.add_argument("--only", default="im*", metavar="PATTERN", help="pictures to take, for example im2")
    parser.add_argument("--strength", type=float, default=5e-4, help="of hyper_laplacian, the same for all (0.0005)")
    parser.add_argument("--method", choices=("hyper_laplacian", "wiener"), default="hyper_laplacian")
    parser.add_argument("--as-the-program", action="store_true", help="let the data choose the strength")
    parser.add_argument("--find-size", action="store_true", help="do not tell the estimate the kernel's size")
    args = parser.parse_args()
    if args.folder is None:
        parser.exit(0, "needs a folder with imI.png, imI_kernelJ_img.png and kernels.npz (see --help); nothing done\n")
    folder = Path(args.folder)
    paths = sorted(folder.glob(f"{args.only}_kernel*_img.png"))
    if not paths:
        parser.error(f"{folder} holds no {args.only}_kernelJ_img.png")
    print("                blurred   blind   known   ratio  seconds")
    rows = np.array([measured(folder, path, args) for path in paths])
    print("mean            " + " ".join(f"{value:7.2f}" for value in rows.mean(axis=0)))
    shares = ", ".join(f"below {limit}: {np.mean(rows[:, 3] < limit):.0%}" for limit in (2, 3, 5))
    print(f"error ratio {shares}")


if __name__ == "__main__":
    main()
