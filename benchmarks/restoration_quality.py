"""Full-frame restoration of true crops, PSF given and nothing else, beside peers at their best settings.

Every case is a frame cut from a larger blurred picture (valid convolution), with Gaussian noise, so that what lies
outside the frame is unknown as it is in a photograph; with --data periodic the frame is blurred circularly instead.
--data also stores the frames as 8-bit samples or JPEG files, or takes colour. PSNR is that of the result clipped to
0..1, over the whole frame. `oracle` columns choose their strength by looking at the sharp picture; the others see only
the data. "auto" is the default, "best" the same with its best quality; their cost is processor time over wiener's.

Pictures come in two halves: constants of the program were tuned on "tuning", figures are quoted from "quoted". With
--folder all pictures of the folder are quoted.
"""

from __future__ import annotations

import argparse
import itertools
import os
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import restore
from restore.observation import observation
from restore.observation.completion import completion, of_observation
from restore.operators.penalty import regularized_inverse, roughness

PSFS = {
    "gauss 0.4": restore.psf.gaussian(0.4),
    "gauss 1.2": restore.psf.gaussian(1.2),
    "gauss 2.5": restore.psf.gaussian(2.5),
    "disk 3": restore.psf.disk(3),
    "disk 6": restore.psf.disk(6),
    "motion 12@20": restore.psf.motion(12, 20),
    "motion 25@110": restore.psf.motion(25, 110),
}
USUAL = [name for name in PSFS if name != "gauss 0.4"]  # that one is almost no blur: a case of its own
DATA = ("float", "periodic", "8-bit", "jpeg", "colour")
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
JPEG_QUALITY = 90
STRENGTHS = 10.0 ** np.arange(-7, 1.1, 0.5)


@dataclass(frozen=True)
class Case:
    """A frame as a program would meet it, and what only the judge knows."""

    frame: np.ndarray
    psf: np.ndarray
    truth: np.ndarray
    noise_sigma: float
    boundary: str = "unknown"
    extra_noise_var: float = 0.0

    @property
    def channel_axis(self) -> int | None:
        """Return -1 for colour."""
        return -1 if self.frame.ndim == 3 else None

    def score(self, estimate: np.ndarray) -> float:
        """Return PSNR in dB of the estimate clipped to 0..1."""
        return float(-10 * np.log10(np.mean((np.clip(estimate, 0, 1) - self.truth) ** 2)))

    def by_channel(self, method: Callable[[np.ndarray], np.ndarray]) -> np.ndarray:
        """Apply a method for gray pictures."""
        if self.channel_axis is None:
            return method(self.frame)
        return np.stack([method(self.frame[..., c]) for c in range(self.frame.shape[-1])], axis=-1)


def scaled(picture: np.ndarray) -> np.ndarray:
    picture = picture[0] if isinstance(picture, tuple) else picture
    return picture.astype(float) / (np.iinfo(picture.dtype).max if picture.dtype.kind == "u" else 1)


def gray(picture: np.ndarray) -> np.ndarray:
    return picture if picture.ndim == 2 else picture[..., :3] @ [0.2125, 0.7154, 0.0721]


def pictures(names: list[str], folder: Path | None, *, colour: bool = False) -> Iterator[tuple[str, np.ndarray]]:
    """Yield names and pictures: gray ones, or those that have colour."""
    for name, picture in _stored(names, folder):
        if not colour:
            yield name, gray(picture)
        elif picture.ndim == 3:
            yield name, picture[..., :3]


def _stored(names: list[str], folder: Path | None) -> Iterator[tuple[str, np.ndarray]]:
    if folder is not None:
        from PIL import Image

        for path in sorted(folder.iterdir()):
            if path.suffix.lower() in (".png", ".jpg", ".tif", ".tiff"):
                yield path.stem, scaled(np.asarray(Image.open(path)))
        return
    from skimage import data

    for name in names:
        try:
            yield name, scaled(getattr(data, name)())
        except (OSError, ModuleNotFoundError):  # not bundled and not to be fetched
            print(f"left out: {name} is not on this machine", file=sys.stderr)


def make_case(picture: np.ndarray, psf: np.ndarray, bsnr: float, edge: int, seed: int, data: str) -> Case:
    """Blur, add noise and store."""
    periodic, axis = data == "periodic", -1 if picture.ndim == 3 else None
    room = 0 if periodic else 1
    size = [min(edge + room * (k - 1), n) for k, n in zip(psf.shape, picture.shape, strict=False)]
    corner = [(n - s) // 2 for n, s in zip(picture.shape, size, strict=False)]
    scene = picture[tuple(slice(c, c + s) for c, s in zip(corner, size, strict=True))]
    clean = restore.blur(scene, psf, boundary="periodic" if periodic else "valid", channel_axis=axis)
    sigma = float(np.std(clean)) * 10 ** (-bsnr / 20)
    frame = clean + np.random.default_rng(seed).normal(0, sigma, clean.shape)
    if periodic:
        return Case(frame, psf, scene, sigma, "periodic")
    inside = tuple(slice(k - 1 - k // 2, n - k // 2) for k, n in zip(psf.shape, scene.shape, strict=False))
    stored, lost = _stored_as(frame, data)
    return Case(stored, psf, scene[inside], float(np.std(stored - clean)), extra_noise_var=lost)


def _stored_as(frame: np.ndarray, data: str) -> tuple[np.ndarray, float]:
    """Return what a file gives back, and the variance that the program counts for its compression."""
    if data not in ("8-bit", "jpeg"):
        return frame, 0.0
    codes = np.clip(np.rint(255 * frame), 0, 255).astype(np.uint8)
    if data == "8-bit":
        return codes / 255.0, 0.0
    from PIL import Image

    from deconv import pictures as files
    from deconv.inputs.linear_light import compression_variance

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "frame.jpg"
        Image.fromarray(codes).save(path, quality=JPEG_QUALITY)
        picture = files.read(path)
        return files.to_float(picture, light="linear").astype(float), compression_variance(picture, "linear")


def best(filtered: Callable[[float], np.ndarray], case: Case, strengths: np.ndarray = STRENGTHS) -> tuple[float, float]:
    """Return the best PSNR over strengths, refined once around the best of the grid, and where it lies."""
    scores = {s: case.score(filtered(s)) for s in strengths}
    top = max(scores, key=scores.__getitem__)
    scores |= {s: case.score(filtered(s)) for s in top * 10.0 ** np.array([-0.33, -0.17, 0.17, 0.33])}
    top = max(scores, key=scores.__getitem__)
    return scores[top], top


def at_any_strength(case: Case, operator: str, boundary: str) -> Callable[[float], np.ndarray]:
    """Return a filter of fixed data and border, to be tried at many strengths."""
    seen = observation.observe(case.frame, case.psf, boundary, case.channel_axis)
    penalty = roughness(operator, seen.grid, seen.dtype)
    return lambda strength: seen.filtered(regularized_inverse(seen.otf, penalty, strength))


def completed_at(case: Case, level: completion.Level) -> Callable[[float], np.ndarray]:
    """Return the gradient-regularized filter whose border is completed at the strength that it is tried at."""
    if case.boundary == "periodic":
        return at_any_strength(case, "gradient", "periodic")

    def filtered(strength: float) -> np.ndarray:
        with (
            _patched(completion, LEAST_WEIGHT=0.0),
            _patched(of_observation, LEVELS={"unknown": level}),
            _patched(observation, pilot_strength=lambda *_: strength),
        ):
            return at_any_strength(case, "gradient", "unknown")(strength)

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


FULL = completion.Level(((100.0, 3), (10.0, 3)), 3, 0.0)
CONVERGED = completion.Level(((1000.0, 5), (100.0, 10), (10.0, 15)), 40, 0.0)


def measure(case: Case, slow: bool) -> dict[str, float]:
    """Return PSNR by method, and the error of the noise estimate in dB."""
    from skimage import restoration

    def skimage(balance: float) -> np.ndarray:
        return case.by_channel(lambda plane: restoration.wiener(plane, case.psf, balance, clip=False))

    given = {"boundary": case.boundary, "channel_axis": case.channel_axis, "extra_noise_var": case.extra_noise_var}

    def ours(**options: str) -> restore.Restoration:
        return restore.deconvolve(case.frame, case.psf, **given, **options)

    def timed(name: str, **options: str) -> restore.Restoration:
        started = time.process_time()
        found = ours(**options)
        row[name], row[f"{name} seconds"] = case.score(found.image), time.process_time() - started
        return found

    row = {"blurred": case.score(case.frame)}
    row["skimage oracle"] = best(skimage, case)[0]
    row["skimage 0.1"] = case.score(skimage(0.1))
    row["taper nsr oracle"] = best(at_any_strength(case, "identity", "taper"), case)[0]
    row["smooth grad oracle"] = best(at_any_strength(case, "gradient", "smooth"), case)[0]
    row["grad oracle"], top = best(completed_at(case, FULL), case)
    row["cls oracle"] = best(at_any_strength(case, "laplacian", case.boundary), case)[0]
    if slow:
        row["optimum"] = best(completed_at(case, CONVERGED), case, np.array([top]))[0]
        row["skimage unsup."] = case.score(
            case.by_channel(lambda p: restoration.unsupervised_wiener(p, case.psf, clip=False, rng=0)[0])
        )
    row["cls"] = case.score(ours(method="cls").image)
    row["cls gradient"] = case.score(ours(method="cls", operator="gradient").image)
    found = timed("wiener", method="wiener")
    timed("auto")
    if slow:
        timed("best", quality="best")
    row["noise"] = float(20 * np.log10(found.noise_sigma / case.noise_sigma))
    return row


def report(rows: list[dict[str, float]], keys: list[tuple[str, ...]]) -> None:
    """Print mean and worst figures, overall and by PSF and BSNR."""
    error = np.array([row["noise"] for row in rows])
    names = [name for name in rows[0] if name != "noise" and not name.endswith("seconds")]
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
    for peer in ("skimage oracle", "taper nsr oracle", "cls oracle"):
        gain = ours - table[:, names.index(peer)]
        print(f"wiener over {peer}: mean {gain.mean():+.2f}, least {gain.min():+.2f}")
    loss = table[:, names.index("cls")] - table[:, names.index("cls oracle")]
    print(f"cls over cls oracle: mean {loss.mean():+.3f}, least {loss.min():+.2f}")
    share = np.mean(np.abs(error) <= 0.5)
    worst = np.abs(error).max()
    print(f"noise estimate: median {np.median(error):+.2f} dB, within 0.5 dB in {share:.0%}, worst {worst:.2f}")
    for name in (n for n in ("auto", "best") if n in names):
        gain = table[:, names.index(name)] - ours
        cells: dict[tuple[str, ...], list[float]] = {}
        for key, value in zip(keys, gain, strict=True):
            cells.setdefault(key[1:], []).append(float(value))
        cell = min(cells, key=lambda c: np.mean(cells[c]))
        cost = np.median([row[f"{name} seconds"] / row["wiener seconds"] for row in rows])
        print(
            f"{name} over wiener: mean {gain.mean():+.3f}, worst {gain.min():+.2f}, worst cell {', '.join(cell)} "
            f"{np.mean(cells[cell]):+.3f}; cost {cost:.1f}"
        )
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
    parser.add_argument("--psfs", nargs="+", choices=PSFS, default=USUAL)
    parser.add_argument("--data", choices=DATA, default="float", help="what the frames are (jpeg: quality 90)")
    parser.add_argument(
        "--slow", action="store_true", help="also the converged optimum, unsupervised_wiener and the best quality"
    )
    parser.add_argument("--verbose", action="store_true", help="a line for every case")
    arguments = parser.parse_args()
    warnings.simplefilter("ignore", restore.StrengthWarning)
    rows, keys, started = [], [], time.perf_counter()
    names = TUNING if arguments.split == "tuning" else QUOTED
    for name, picture in pictures(names, arguments.folder, colour=arguments.data == "colour"):
        for psf_name, bsnr in itertools.product(arguments.psfs, arguments.bsnr):
            case = make_case(picture, PSFS[psf_name], bsnr, arguments.edge, len(rows), arguments.data)
            rows.append(measure(case, arguments.slow))
            keys.append((name, psf_name, f"{bsnr:g} dB"))
            if arguments.verbose:
                print(keys[-1], {k: round(v, 2) for k, v in rows[-1].items()}, flush=True)
    report(rows, keys)
    print(f"\n{time.perf_counter() - started:.0f} s, {os.cpu_count()} cores")


if __name__ == "__main__":
    main()
