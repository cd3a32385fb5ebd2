"""Richardson-Lucy: when it stops, what its borders cost, and what an iteration costs.

Every case is a frame cut from a larger blurred picture, with Gaussian noise of a blurred signal-to-noise ratio or with
Poisson noise of so many photons at intensity 1. PSNR in dB over the whole frame, not clipped.

"best" is the iteration that one would choose with the sharp picture in hand, "rule" what richardson_lucy(image, psf)
gives. At one count of iterations the plain iteration (acceleration=False) stands beside scikit-image's, which takes all
for black outside the frame. Pictures are the five of scikit-image that the rule was chosen on, or those of a folder.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
from scipy import fft
from skimage import restoration

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import restore
from restore.methods.counts.richardson_lucy import solve
from restore.methods.counts.settings import RichardsonLucySettings
from restore.observation.observation import observe

PSFS = {
    "gauss 1.5": restore.psf.gaussian(1.5),
    "disk 4": restore.psf.disk(4),
    "motion 15@30": restore.psf.motion(15, 30),
}
NOISES = {
    "20 dB": {"bsnr": 20},
    "30 dB": {"bsnr": 30},
    "40 dB": {"bsnr": 40},
    "50 photons": {"photons": 50},
    "200 photons": {"photons": 200},
    "1000 photons": {"photons": 1000},
}
BUNDLED = ("camera", "coins", "astronaut", "chelsea", "coffee")
#: Iterations among which the best one is looked for, about three times those it takes.
LOOKED_AT = {"20 dB": 40, "30 dB": 90, "40 dB": 240}


def pictures(folder: Path | None) -> Iterator[tuple[str, np.ndarray]]:
    """Yield names and gray pictures in 0..1."""
    if folder is None:
        from skimage import data

        found = ((name, getattr(data, name)()) for name in BUNDLED)
    else:
        from PIL import Image

        paths = sorted(p for p in folder.iterdir() if p.suffix.lower() in (".png", ".jpg", ".tif", ".tiff"))
        found = ((path.stem, np.asarray(Image.open(path).convert("RGB"))) for path in paths)
    for name, picture in found:
        yield name, (picture if picture.ndim == 2 else picture[..., :3] @ [0.2125, 0.7154, 0.0721]) / 255


def framed(
    picture: np.ndarray, kernel: np.ndarray, edge: int, noise: dict[str, float]
) -> tuple[np.ndarray, np.ndarray]:
    """Return the observed frame and the sharp one."""
    size = [min(edge + k - 1, n) for k, n in zip(kernel.shape, picture.shape, strict=True)]
    corner = [(n - s) // 2 for n, s in zip(picture.shape, size, strict=True)]
    scene = picture[tuple(slice(c, c + s) for c, s in zip(corner, size, strict=True))]
    observed = restore.degrade(scene, kernel, rng=0, boundary="valid", **noise)
    return observed, scene[
        tuple(slice(k - 1 - k // 2, n - k // 2) for k, n in zip(kernel.shape, scene.shape, strict=True))
    ]


def psnr(estimate: np.ndarray, sharp: np.ndarray) -> float:
    return float(-10 * np.log10(np.mean((estimate - sharp) ** 2)))


def measured(observed: np.ndarray, kernel: np.ndarray, sharp: np.ndarray, looked_at: int, count: int) -> list[float]:
    curve: list[float] = []
    restore.richardson_lucy(
        observed, kernel, iterations=looked_at, callback=lambda _, estimate: curve.append(psnr(estimate, sharp))
    )
    stopped = solve(observe(observed, kernel, "unknown"), RichardsonLucySettings())
    plain = restore.richardson_lucy(observed, kernel, iterations=count, acceleration=False)
    peer = restoration.richardson_lucy(np.maximum(observed, 0), kernel, num_iter=count, clip=False)
    quality = [psnr(found, sharp) for found in (observed, stopped.image, restore.wiener(observed, kernel), plain, peer)]
    return [int(np.argmax(curve)) + 1, stopped.iterations, max(curve), *quality]


def seconds(work: Callable[[], object], times: int = 5) -> float:
    """Return the least time of some runs."""
    taken = []
    for _ in range(times):
        started = time.perf_counter()
        work()
        taken.append(time.perf_counter() - started)
    return min(taken)


def print_cost(edge: int) -> None:
    """Print what an iteration takes beside its FFTs, scikit-image's and the filters."""
    image = np.random.default_rng(0).random((edge, edge)).astype(np.float32)
    kernel = restore.psf.disk(4)

    def iterated(count: int) -> float:
        return seconds(lambda: restore.richardson_lucy(image, kernel, iterations=count, boundary="periodic"))

    pair = seconds(lambda: fft.irfft2(fft.rfft2(image), image.shape))
    own = (iterated(12) - iterated(2)) / 10
    peer = seconds(lambda: restoration.richardson_lucy(image, kernel, num_iter=4, clip=False)) / 4
    plain = seconds(lambda: restore.wiener(image, kernel, nsr=0.01, boundary="periodic"))
    default = seconds(lambda: restore.wiener(image, kernel), 2)
    own, pair, peer, plain, default = (1e3 * value for value in (own, pair, peer, plain, default))
    print(
        f"\n{edge} x {edge}, float32, periodic: an iteration takes {own:.0f} ms, its four real FFTs {2 * pair:.0f} ms,"
    )
    print(f"an iteration of scikit-image's {peer:.0f} ms. It is worth {own / plain:.1f} plain Wiener passes, and")
    print(f"{own / default:.3f} of the default one, which solves the border and fits the noise.")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", nargs="?", type=Path, help="folder of pictures; without, scikit-image's")
    parser.add_argument("--edge", type=int, default=256, help="size of the frames (256)")
    parser.add_argument("--count", type=int, default=20, help="iterations beside scikit-image's (20)")
    parser.add_argument("--cases", action="store_true", help="print every case")
    parser.add_argument("--cost-only", action="store_true", help="leave the quality out")
    args = parser.parse_args()
    if args.folder is not None and not args.folder.is_dir():
        parser.error(f"{args.folder} is no folder")
    rows: dict[str, list[list[float]]] = {name: [] for name in NOISES}
    for name, picture in [] if args.cost_only else pictures(args.folder):
        for blurred, kernel in PSFS.items():
            for noisy, noise in NOISES.items():
                observed, sharp = framed(picture, kernel, args.edge, noise)
                row = measured(observed, kernel, sharp, LOOKED_AT.get(noisy, 60), args.count)
                rows[noisy].append(row)
                if args.cases:
                    print(
                        f"{name:12s} {blurred:12s} {noisy:12s} " + " ".join(f"{value:6.2f}" for value in row),
                        flush=True,
                    )
    if not args.cost_only:
        print_quality(rows, args.count)
    print_cost(1024)


def print_quality(rows: dict[str, list[list[float]]], count: int) -> None:
    print(
        f"noise         cases  iterations    blurred   best   rule   loss  worst  wiener  {count} plain  scikit-image"
    )
    table = {name: np.array(found) for name, found in rows.items()}
    for name, found in [*table.items(), ("all", np.concatenate(list(table.values())))]:
        best, chosen, most, before, rule, linear, plain, peer = found.mean(axis=0)
        loss = found[:, 2] - found[:, 4]
        print(
            f"{name:12s} {len(found):6d} {best:5.0f} /{chosen:4.0f} {before:10.2f} {most:6.2f} {rule:6.2f}"
            f" {loss.mean():6.2f} {loss.max():6.2f} {linear:7.2f} {plain:9.2f} {peer:13.2f}"
        )
    gain = np.concatenate([found[:, 6] - found[:, 7] for found in table.values()])
    print(f"above scikit-image at {count} iterations: {gain.mean():.2f} dB, at least {gain.min():.2f}")


if __name__ == "__main__":
    main()
