"""Full-frame restoration of true crops, PSF given and nothing else, beside peers at their best settings.

Every case is a frame cut from a larger blurred picture (valid convolution), with Gaussian noise, so that what lies
outside the frame is unknown as it is in a photograph. PSNR is that of the result clipped to 0..1, over the whole
frame. `oracle` columns choose their strength by looking at the sharp picture; the others see only the data.

Pictures come in two halves: constants of the program were tuned on "tuning", figures are quoted from "quoted". With
--folder all pictures of the folder are quoted.
"""

from __future__ import annotations

import argparse
import itertools
import os
import sys
import time
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import restore
from restore import _completion, _observation
from restore._penalty import roughness
from restore._signal_noise import fit_signal_noise

PSFS = {
    "gauss 1.2": restore.psf.gaussian(1.2),
    "gauss 2.5": restore.psf.gaussian(2.5),
    "disk 3": restore.psf.disk(3),
    "disk 6": restore.psf.disk(6),
    "motion 12@20": restore.psf.motion(12, 20),
    "motion 25@110": restore.psf.motion(25, 110),
}
TUNING = ["camera", "coins", "astronaut", "chelsea", "coffee", "gravel", "cell"]
QUOTED = [
    "rocket",
    "stereo_motorcycle",
    "hubble_deep_field",
    "moon",
    "brick",
    "grass",
    "retina",
    "immunohistochemistry",
]
STRENGTHS = 10.0 ** np.arange(-7, 1.1, 0.5)


def psnr(estimate: np.ndarray, truth: np.ndarray) -> float:
    """PSNR in dB of the estimate clipped to 0..1."""
    return float(-10 * np.log10(np.mean((np.clip(estimate, 0, 1) - truth) ** 2)))


def gray(picture: np.ndarray) -> np.ndarray:
    picture = picture[0] if isinstance(picture, tuple) else picture
    scaled = picture.astype(float) / (np.iinfo(picture.dtype).max if picture.dtype.kind == "u" else 1)
    return scaled if scaled.ndim == 2 else scaled[..., :3] @ [0.2125, 0.7154, 0.0721]


def pictures(names: list[str], folder: Path | None) -> Iterator[tuple[str, np.ndarray]]:
    """Yield names and gray pictures."""
    if folder is not None:
        from PIL import Image

        for path in sorted(folder.iterdir()):
            if path.suffix.lower() in (".png", ".jpg", ".tif", ".tiff"):
                yield path.stem, gray(np.asarray(Image.open(path)))
        return
    from skimage import data

    for name in names:
        try:
            yield name, gray(getattr(data, name)())
        except (OSError, ModuleNotFoundError):  # not bundled and not to be fetched
            print(f"left out: {name} is not on this machine", file=sys.stderr)


def frames(
    picture: np.ndarray, psf: np.ndarray, bsnr: float, edge: int, seed: int
) -> tuple[np.ndarray, np.ndarray, float]:
    """Return a noisy blurred frame, the sharp picture under it and the noise's standard deviation."""
    size = [min(edge + k - 1, n) for k, n in zip(psf.shape, picture.shape, strict=True)]
    corner = [(n - s) // 2 for n, s in zip(picture.shape, size, strict=True)]
    scene = picture[tuple(slice(c, c + s) for c, s in zip(corner, size, strict=True))]
    clean = restore.blur(scene, psf, boundary="valid")
    sigma = float(np.std(clean)) * 10 ** (-bsnr / 20)
    frame = clean + np.random.default_rng(seed).normal(0, sigma, clean.shape)
    inside = tuple(slice(k - 1 - k // 2, n - k // 2) for k, n in zip(psf.shape, scene.shape, strict=True))
    return frame, scene[inside], sigma


def best(
    filtered: Callable[[float], np.ndarray], truth: np.ndarray, strengths: np.ndarray = STRENGTHS
) -> tuple[float, float]:
    """Return the best PSNR over strengths, refined once around the best of the grid, and where it lies."""
    scores = {s: psnr(filtered(s), truth) for s in strengths}
    top = max(scores, key=scores.__getitem__)
    scores |= {s: psnr(filtered(s), truth) for s in top * 10.0 ** np.array([-0.33, -0.17, 0.17, 0.33])}
    top = max(scores, key=scores.__getitem__)
    return scores[top], top


def at_any_strength(frame: np.ndarray, psf: np.ndarray, operator: str, boundary: str) -> Callable[[float], np.ndarray]:
    """Return a filter of fixed data and border, to be tried at many strengths."""
    seen = _observation.observe(frame, psf, boundary)
    penalty = roughness(operator, seen.grid, seen.dtype)
    return lambda strength: seen.filtered(_observation.regularized_inverse(seen.otf, penalty, strength))


def completed_at(frame: np.ndarray, psf: np.ndarray, level: _completion.Level) -> Callable[[float], np.ndarray]:
    """Return the gradient-regularized filter whose border is completed at the strength that it is tried at."""

    def filtered(strength: float) -> np.ndarray:
        with (
            _patched(_completion, LEAST_WEIGHT=0.0),
            _patched(_observation, LEVELS={"unknown": level}),
            _patched(_observation, pilot_strength=lambda *_: strength),
        ):
            return at_any_strength(frame, psf, "gradient", "unknown")(strength)

    return filtered


class _patched:
    def __init__(self, module: object, **values: object) -> None:
        self._module, self._values = module, values

    def __enter__(self) -> None:
        self._saved = {name: getattr(self._module, name) for name in self._values}
        for name, value in self._values.items():
            setattr(self._module, name, value)

    def __exit__(self, *_: object) -> None:
        for name, value in self._saved.items():
            setattr(self._module, name, value)


FULL = _completion.Level(((100.0, 3), (10.0, 3)), 3, 0.0)
CONVERGED = _completion.Level(((1000.0, 5), (100.0, 10), (10.0, 15)), 40, 0.0)


def measure(frame: np.ndarray, psf: np.ndarray, truth: np.ndarray, slow: bool) -> dict[str, float]:
    """Return PSNR by method."""
    from skimage import restoration

    row = {"blurred": psnr(frame, truth)}
    row["skimage oracle"] = best(lambda s: restoration.wiener(frame, psf, s, clip=False), truth)[0]
    row["skimage 0.1"] = psnr(restoration.wiener(frame, psf, 0.1, clip=False), truth)
    row["taper nsr oracle"] = best(at_any_strength(frame, psf, "identity", "taper"), truth)[0]
    row["smooth grad oracle"] = best(at_any_strength(frame, psf, "gradient", "smooth"), truth)[0]
    row["grad oracle"], top = best(completed_at(frame, psf, FULL), truth)
    row["cls oracle"] = best(at_any_strength(frame, psf, "laplacian", "unknown"), truth)[0]
    if slow:
        row["optimum"] = best(completed_at(frame, psf, CONVERGED), truth, np.array([top]))[0]
        row["skimage unsup."] = psnr(restoration.unsupervised_wiener(frame, psf, clip=False, rng=0)[0], truth)
    row["cls"] = psnr(restore.constrained_least_squares(frame, psf), truth)
    row["cls gradient"] = psnr(restore.constrained_least_squares(frame, psf, operator="gradient"), truth)
    row["wiener"] = psnr(restore.wiener(frame, psf), truth)
    return row


def report(rows: list[dict[str, float]], keys: list[tuple[str, ...]], noise: list[float]) -> None:
    """Print mean and worst figures, overall and by PSF and BSNR."""
    names = list(rows[0])
    table = np.array([[row[name] for name in names] for row in rows])
    base = table[:, [names.index("grad oracle")]]
    print(f"\n{len(rows)} cases; PSNR in dB; the last three columns compare case by case with 'grad oracle'")
    print(f"{'method':20s} {'mean':>7s} {'median':>7s} {'gap':>7s} {'worst':>7s} {'best':>7s}")
    for name, column, gap in zip(names, table.T, (table - base).T, strict=True):
        print(
            f"{name:20s} {column.mean():7.2f} {np.median(column):7.2f} "
            f"{gap.mean():+7.3f} {gap.min():+7.2f} {gap.max():+7.2f}"
        )
    ours = table[:, names.index("wiener")]
    for peer in ("skimage oracle", "taper nsr oracle"):
        gain = ours - table[:, names.index(peer)]
        print(f"wiener over {peer}: mean {gain.mean():+.2f}, least {gain.min():+.2f}")
    error = np.array(noise)
    share = np.mean(np.abs(error) <= 0.5)
    worst = np.abs(error).max()
    print(f"noise estimate: median {np.median(error):+.2f} dB, within 0.5 dB in {share:.0%}, worst {worst:.2f}")
    for axis, title in ((1, "PSF"), (2, "BSNR")):
        print(f"\nwiener minus grad oracle, and over skimage oracle, by {title}")
        for value in sorted({key[axis] for key in keys}):
            chosen = np.array([key[axis] == value for key in keys])
            gap = (ours - base[:, 0])[chosen]
            gain = (ours - table[:, names.index("skimage oracle")])[chosen]
            print(f"{value:>14s}: mean {gap.mean():+.3f}, worst {gap.min():+.2f};  over skimage {gain.mean():+.2f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", type=Path, help="pictures to quote from (default: scikit-image's bundled ones)")
    parser.add_argument("--split", choices=["tuning", "quoted"], default="quoted")
    parser.add_argument("--edge", type=int, default=256, help="frame size in pixels")
    parser.add_argument("--bsnr", type=float, nargs="+", default=[30, 40, 50])
    parser.add_argument("--psfs", nargs="+", choices=PSFS, default=list(PSFS))
    parser.add_argument("--slow", action="store_true", help="also the converged optimum and unsupervised_wiener")
    parser.add_argument("--verbose", action="store_true", help="a line for every case")
    arguments = parser.parse_args()
    warnings.simplefilter("ignore", restore.StrengthWarning)
    rows, keys, noise, started = [], [], [], time.perf_counter()
    names = TUNING if arguments.split == "tuning" else QUOTED
    for name, picture in pictures(names, arguments.folder):
        for psf_name, bsnr in itertools.product(arguments.psfs, arguments.bsnr):
            psf = PSFS[psf_name]
            frame, truth, sigma = frames(picture, psf, bsnr, arguments.edge, seed=len(rows))
            rows.append(measure(frame, psf, truth, arguments.slow))
            noise.append(10 * np.log10(fit_signal_noise(frame, psf).noise_var / sigma**2))
            keys.append((name, psf_name, f"{bsnr:g} dB"))
            if arguments.verbose:
                print(keys[-1], {k: round(v, 2) for k, v in rows[-1].items()}, f"noise {noise[-1]:+.2f}", flush=True)
    report(rows, keys, noise)
    print(f"\n{time.perf_counter() - started:.0f} s, {os.cpu_count()} cores")


if __name__ == "__main__":
    main()
