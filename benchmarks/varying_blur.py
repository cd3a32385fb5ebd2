"""A blur that changes over the picture: restored as such, with one PSF for all, and in patches; mean PSNR in dB, gray.

Made from the pictures of a folder, or from those of scikit-image where none is named: a lens whose defocus grows with
the square of the distance from the middle and whose coma grows with the distance, traced by rays at 17 x 17 places of a
scene larger than the frame. The methods are told its PSFs at 5 x 5 places (--places). "separate" are patches cut out,
restored and set side by side; "overlapping" read 32 samples around and are blended by the same windows.
"""

from __future__ import annotations

import argparse
import itertools
import sys
import time
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
from scipy import ndimage
from skimage import data, io

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import restore
from restore.psf.varying import windows

METHODS = ("wiener", "total_variation", "richardson_lucy")
NOISE = (0.001, 0.003, 0.01)
SIZE, RIM, HALO = 25, 16, 32  # of a PSF; of the scene beyond the frame; around a patch
TRUE = 17  # places along an axis


def lens(place: tuple[float, float], shape: tuple[int, int], strength: float) -> np.ndarray:
    """Return where the rays of a point fall: defocus 1 + 3.5 r^2 and coma 3 r pixels, r = 1 in the corners."""
    middle = (np.array(shape) - 1) / 2
    y, x = (np.array(place) - middle) / np.hypot(*middle)
    r, angle = np.hypot(y, x), np.arctan2(y, x)
    pupil = np.linspace(-1, 1, 81)
    py, px = (p[np.hypot(*np.meshgrid(pupil, pupil)) <= 1] for p in np.meshgrid(pupil, pupil, indexing="ij"))
    along, across = px * np.cos(angle) + py * np.sin(angle), py * np.cos(angle) - px * np.sin(angle)
    defocus, coma = strength * (1 + 3.5 * r**2), 3 * strength * r
    outward = defocus * along + coma * (along**2 + across**2 + 2 * along**2 - 1)
    sideways = defocus * across + 2 * coma * along * across
    rays = outward * np.sin(angle) + sideways * np.cos(angle), outward * np.cos(angle) - sideways * np.sin(angle)
    spot = np.histogramdd(rays, bins=[4 * SIZE] * 2, range=[(-SIZE / 2, SIZE / 2)] * 2)[0]
    spot = ndimage.gaussian_filter(spot, 2)  # in quarters of a sample
    shift = (len(spot) - 1) / 2 - np.array(ndimage.center_of_mass(spot))
    spot = np.maximum(ndimage.shift(spot, shift, order=1), 0).reshape(SIZE, 4, SIZE, 4).sum(axis=(1, 3))
    return spot / spot.sum()


def lens_grid(shape: tuple[int, int], count: int, strength: float) -> restore.PsfGrid:
    places = [(y, x) for y in np.linspace(0, shape[0] - 1, count) for x in np.linspace(0, shape[1] - 1, count)]
    return restore.psf.grid([lens(place, shape, strength) for place in places], places)


def photographed(scene: np.ndarray, shape: tuple[int, int], noise: float, strength: float, seed: int) -> np.ndarray:
    true = lens_grid(shape, TRUE, strength)
    around = restore.psf.grid(true.psfs, true.positions + RIM)
    blurred = restore.blur(scene, around, boundary="edge")[RIM:-RIM, RIM:-RIM]
    return blurred + noise * np.random.default_rng(seed).standard_normal(shape)


def separate(g: np.ndarray, told: restore.PsfGrid, method: str) -> np.ndarray:
    """Every sample restored with the PSF of the nearest place, in a patch of its own."""
    result = np.empty_like(g)
    axes = zip(told.knots, g.shape, strict=True)
    cuts = [np.r_[0, np.round((k[1:] + k[:-1]) / 2).astype(int) + 1, n] for k, n in axes]
    psfs = iter(told.crossing_psfs)
    for top, bottom in itertools.pairwise(cuts[0]):
        for left, right in itertools.pairwise(cuts[1]):
            patch = restore.deconvolve(g[top:bottom, left:right], next(psfs), method=method, outliers="keep").image
            result[top:bottom, left:right] = patch
    return result


def overlapping(g: np.ndarray, told: restore.PsfGrid, method: str) -> np.ndarray:
    """Patches of two windows' width and a halo, blended by the windows."""
    result, axes = np.zeros_like(g), zip(told.knots, g.shape, strict=True)
    shares = [windows(k, np.arange(n)) for k, n in axes]
    psfs = iter(told.crossing_psfs)
    for down in shares[0]:
        for across in shares[1]:
            weight = np.multiply.outer(down, across)
            box = []
            for share in (down, across):
                first, last = np.flatnonzero(share)[[0, -1]]
                box.append(slice(max(first - HALO, 0), min(last + 1 + HALO, len(share))))
            at = tuple(box)
            result[at] += weight[at] * restore.deconvolve(g[at], next(psfs), method=method, outliers="keep").image
    return result


WAYS: dict[str, Callable[[np.ndarray, restore.PsfGrid, str], np.ndarray]] = {
    "varying": lambda g, told, method: restore.deconvolve(g, told, method=method).image,
    "mean PSF": lambda g, told, method: restore.deconvolve(g, told.mean, method=method, outliers="keep").image,
    "separate": separate,
    "overlapping": overlapping,
}


def pictures(folder: Path | None) -> Iterator[tuple[str, np.ndarray]]:
    if folder is None:
        for name in ("camera", "astronaut", "coffee"):
            picture = getattr(data, name)()
            yield name, (picture.mean(axis=-1) if picture.ndim == 3 else picture)[:400, :480] / 255.0
        return
    for path in sorted(folder.glob("*.png")):
        yield path.stem, io.imread(path, as_gray=True)


def psnr(image: np.ndarray, sharp: np.ndarray) -> float:
    return float(-10 * np.log10(np.mean((image - sharp) ** 2)))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", type=Path, help="pictures (.png)")
    parser.add_argument("--methods", nargs="+", default=METHODS, choices=METHODS)
    parser.add_argument("--noise", nargs="+", type=float, default=NOISE)
    parser.add_argument("--places", type=int, default=5, help="along an axis, of which the PSFs are told")
    parser.add_argument("--ways", nargs="+", default=list(WAYS), choices=list(WAYS))
    parser.add_argument("--strength", type=float, default=1.0, help="of the lens's errors")
    options = parser.parse_args()
    scenes = list(pictures(options.folder))
    heads = [f"{way:>19s}" for way in options.ways]
    print(f"{'noise':>6s}  {'method':16s}{'input':>7s}", *heads)
    for noise in options.noise:
        rows: dict[str, list[list[float]]] = {method: [] for method in options.methods}
        before = []
        for name, scene in scenes:
            sharp = scene[RIM:-RIM, RIM:-RIM]
            seed = zlib.crc32(f"{name} {noise}".encode())
            g = photographed(scene, sharp.shape, noise, options.strength, seed)
            told = lens_grid(sharp.shape, options.places, options.strength)
            before.append(psnr(g, sharp))
            for method in options.methods:
                row = []
                for way in options.ways:
                    begun = time.perf_counter()
                    row += [psnr(WAYS[way](g, told, method), sharp), time.perf_counter() - begun]
                rows[method].append(row)
        for method, measured in rows.items():
            values = np.mean(measured, axis=0).reshape(-1, 2)
            cells = [f"{decibel:9.2f} ({seconds:5.1f} s)" for decibel, seconds in values]
            print(f"{noise:6g}  {method:16s}{np.mean(before):7.2f}", *cells, flush=True)


if __name__ == "__main__":
    main()
