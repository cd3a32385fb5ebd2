"""How well `restore.estimate_psf` finds a known blur: errors, family, false alarms, cost of the error, time.

Each picture is blurred at random in linear light, with noise, and stored as an 8-bit sRGB or JPEG file, as a camera
does; or its numbers are blurred and rounded as they are, as data files are. The PSFs are made in another way than the
package's. The pictures are bundled with scikit-image; give a folder to use others: the estimator's constants were
chosen on a half of the bundled ones ("tuned"), so that only "held" and folders count. With --shaken, a folder of
pictures shaken by hand.
"""

from __future__ import annotations

import argparse
import io
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import skimage
from PIL import Image
from PIL.JpegImagePlugin import JpegImageFile
from scipy import signal

from restore import estimate_psf, wiener

TUNED = {
    "astronaut.png": 1,
    "coffee.png": 1,
    "grass.png": 1,
    "coins.png": 1,
    "ihc.png": 1,
    "rocket.jpg": 1,
    "retina.jpg": 2,
    "motorcycle_left.png": 1,
}
HELD = {
    "camera.png": 1,
    "gravel.png": 1,
    "hubble_deep_field.jpg": 2,
    "chelsea.png": 1,
    "brick.png": 1,
    "moon.png": 1,
}
FAMILIES = ("gaussian", "disk", "motion")
KINDS = ("camera", "data", "jpeg")
#: Candidate strengths of the restoration that measures what an error costs; the best counts for each PSF.
RATIOS = (3e-4, 1e-3, 3e-3, 1e-2, 3e-2)
#: Edge of the middle of the picture that is restored for it.
RESTORED = 256


def decoded(v: np.ndarray) -> np.ndarray:
    return np.where(v <= 0.04045, v / 12.92, ((v + 0.055) / 1.055) ** 2.4)


def encoded(light: np.ndarray) -> np.ndarray:
    v = np.clip(light, 0, 1)
    return np.where(v <= 0.0031308, 12.92 * v, 1.055 * v ** (1 / 2.4) - 0.055)


def pictures(source: str) -> dict[str, np.ndarray]:
    """Return sharp pictures in linear light."""
    if source in ("tuned", "held"):
        folder = Path(skimage.__file__).parent / "data"
        named = {folder / name: shrink for name, shrink in (TUNED if source == "tuned" else HELD).items()}
    else:
        suffixes = (".png", ".jpg", ".jpeg", ".tif", ".tiff", ".bmp")
        named = {p: 1 for p in sorted(Path(source).iterdir()) if p.suffix.lower() in suffixes}
    return {path.stem: shrunk(opened(path), factor) for path, factor in named.items()}


def opened(path: Path) -> np.ndarray:
    with Image.open(path) as picture:
        return decoded(np.asarray(picture if picture.mode == "L" else picture.convert("RGB")) / 255)


def shrunk(picture: np.ndarray, factor: int) -> np.ndarray:
    h, w = (n // factor for n in picture.shape[:2])
    blocks = picture[: h * factor, : w * factor].reshape(h, factor, w, factor, -1).mean(axis=(1, 3))
    return blocks if picture.ndim == 3 else blocks[..., 0]


def drawn_psf(family: str, rng: np.random.Generator) -> tuple[dict[str, float], np.ndarray]:
    low, high = {"gaussian": (0.8, 4), "disk": (1.5, 10), "motion": (5, 40)}[family]
    size = float(np.exp(rng.uniform(np.log(low), np.log(high))))
    if family == "gaussian":
        x = np.arange(-int(5 * size) - 1, int(5 * size) + 2)
        profile = np.exp(-(x**2) / (2 * size**2))
        return {"sigma": size}, unit(np.outer(profile, profile))
    if family == "disk":
        half = int(np.ceil(size))
        fine = (np.arange((2 * half + 1) * 9) + 0.5) / 9 - half - 0.5
        inside = np.hypot(fine[:, None], fine) <= size
        return {"radius": size}, unit(inside.reshape(2 * half + 1, 9, 2 * half + 1, 9).mean(axis=(1, 3)))
    angle = float(rng.uniform(0, 180))
    half = int(np.ceil(size / 2)) + 1
    t = size * ((np.arange(2000) + 0.5) / 2000 - 0.5)
    x, y = half + t * np.cos(np.deg2rad(angle)), half - t * np.sin(np.deg2rad(angle))
    kernel = np.zeros((2 * half + 1, 2 * half + 1))
    for i in (0, 1):
        for j in (0, 1):
            row, column = np.floor(y).astype(int) + i, np.floor(x).astype(int) + j
            np.add.at(kernel, (row, column), (1 - np.abs(y - row)) * (1 - np.abs(x - column)))
    return {"length": size, "angle": angle}, unit(kernel)


def unit(kernel: np.ndarray) -> np.ndarray:
    return kernel / kernel.sum()


def blurred(picture: np.ndarray, kernel: np.ndarray) -> np.ndarray:
    planes = picture if picture.ndim == 3 else picture[..., None]
    result = [signal.fftconvolve(planes[..., c], kernel, mode="valid") for c in range(planes.shape[-1])]
    return np.stack(result, axis=-1) if picture.ndim == 3 else result[0]


def cropped(picture: np.ndarray, edge: int, rng: np.random.Generator) -> np.ndarray:
    corner = [int(rng.integers(0, max(n - edge, 0) + 1)) for n in picture.shape[:2]]
    return picture[corner[0] : corner[0] + edge, corner[1] : corner[1] + edge]


def photographed(
    picture: np.ndarray, kind: str, bsnr: float, quality: int, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray | None]:
    """Return the picture with noise as its file gives it back, and the table of a JPEG."""
    noise = np.sqrt(np.var(picture) / 10 ** (bsnr / 10))
    noisy = picture + rng.normal(0, noise, picture.shape)
    codes = np.rint(255 * (np.clip(noisy, 0, 1) if kind == "data" else encoded(noisy))).astype(np.uint8)
    table = None
    if kind == "jpeg":
        file = io.BytesIO()
        Image.fromarray(codes).save(file, "JPEG", quality=quality)
        file.seek(0)
        with JpegImageFile(file) as stored:
            codes, table = np.asarray(stored), np.reshape(stored.quantization[0], (8, 8))
    values = codes / np.float32(255)
    return (values if kind == "data" else decoded(values)).astype(np.float32), table


def seen(picture: np.ndarray, kind: str) -> np.ndarray:
    """Return what blur acts on: light, or a data file's numbers."""
    return encoded(picture) if kind == "data" else picture


def best_psnr(observed: np.ndarray, kernel: np.ndarray, sharp: np.ndarray) -> float:
    """PSNR in display values of the best of a few Wiener restorations, on the luminance, borders left out."""
    edge = 24
    errors = []
    for ratio in RATIOS:
        restored = wiener(observed, kernel, nsr=ratio)
        error = (encoded(restored) - encoded(sharp))[edge:-edge, edge:-edge]
        errors.append(float(np.mean(error**2)))
    return -10 * np.log10(min(errors))


def inner(sharp: np.ndarray, kernel: np.ndarray) -> np.ndarray:
    top, left = (k // 2 for k in kernel.shape)
    return sharp[top : sharp.shape[0] - top, left : sharp.shape[1] - left]


def cases(args: argparse.Namespace, kind: str, family: str) -> Iterator[dict[str, float]]:
    rng = np.random.default_rng(args.seed)
    for _ in range(args.repeat):
        for name, sharp in pictures(args.pictures).items():
            truth, kernel = drawn_psf(family, rng)
            region = cropped(sharp, args.crop + kernel.shape[0] - 1, rng) if args.crop else sharp
            source = seen(region, kind)
            bsnr, quality = rng.uniform(*args.bsnr), int(rng.integers(args.quality[0], args.quality[1] + 1))
            picture, table = photographed(blurred(source, kernel), kind, bsnr, quality, rng)
            axis = 2 if picture.ndim == 3 else None
            jpeg = {"table": table, "yes": kind == "jpeg", "none": None}[args.jpeg]
            known = estimate_psf(picture, family=family, channel_axis=axis, jpeg=jpeg)
            start = time.perf_counter()
            chosen = estimate_psf(picture, channel_axis=axis, jpeg=jpeg)
            seconds = time.perf_counter() - start
            size = next(iter(truth))
            row = {
                "error": known.parameters[size] / truth[size] - 1,
                "deviations": abs(known.parameters[size] - truth[size]) / known.uncertainty[size],
                "family": chosen.family == family,
                "found": chosen.confidence != "none",
                "seconds": seconds,
            }
            if family == "motion" and truth["length"] >= 8:
                row["angle"] = abs((known.parameters["angle"] - truth["angle"] + 90) % 180 - 90)
            if args.loss:
                row |= losses(picture, source, kernel, known.psf, chosen.psf)
            if args.verbose:
                print(f"    {name}: {truth}, BSNR {bsnr:.0f}, quality {quality}: {chosen.verdict}")
            yield row


def losses(
    picture: np.ndarray, source: np.ndarray, kernel: np.ndarray, known: np.ndarray, chosen: np.ndarray
) -> dict[str, float]:
    """Return what restoring with the estimates costs against the true PSF, in dB, and the time of one restoration."""
    sharp = inner(source, kernel)
    if picture.ndim == 3:
        picture, sharp = picture.mean(axis=-1), sharp.mean(axis=-1)
    start = time.perf_counter()
    wiener(picture, kernel)
    seconds = time.perf_counter() - start
    top, left = (max(n - RESTORED, 0) // 2 for n in picture.shape)
    picture, sharp = (p[top : top + RESTORED, left : left + RESTORED] for p in (picture, sharp))
    true = best_psnr(picture, kernel, sharp)
    lost = {"loss": true - best_psnr(picture, known, sharp), "chosen_loss": true - best_psnr(picture, chosen, sharp)}
    return lost | {"wiener": seconds}


def share(values: list[float]) -> str:
    return f"{100 * np.mean(values):5.0f}" if values else "    -"


def report_blur(args: argparse.Namespace) -> None:
    print("kind    family      n   <5%  <10%  <15%  <20%  bias%  angle<1  family  found  dev68  loss dB  chosen  ratio")
    for kind in args.kinds:
        for family in args.families:
            rows = list(cases(args, kind, family))
            errors = np.array([r["error"] for r in rows])
            near = " ".join(share(list(np.abs(errors) < limit)) for limit in (0.05, 0.10, 0.15, 0.20))
            angles = share([r["angle"] < 1 for r in rows if "angle" in r])
            rest = f"{share([r['family'] for r in rows])}  {share([r['found'] for r in rows])}"
            deviations = np.percentile([r["deviations"] for r in rows], 68)
            line = f"{kind:7} {family:9} {len(rows):3} {near} {100 * np.median(errors):6.1f}   {angles}   {rest}"
            line += f"  {deviations:5.2f}"
            if args.loss:
                ratio = np.median([r["seconds"] / r["wiener"] for r in rows])
                line += (
                    f"   {np.mean([r['loss'] for r in rows]):6.2f}  {np.mean([r['chosen_loss'] for r in rows]):6.2f}"
                )
                line += f"  {ratio:5.1f}"
            print(line, flush=True)


def report_alarms(args: argparse.Namespace) -> None:
    """Print how often a sharp picture is called blurred, by any family asked for."""
    rng = np.random.default_rng(args.seed)
    for kind in args.kinds:
        alarms = []
        for sharp in pictures(args.pictures).values():
            picture, table = photographed(seen(sharp, kind), kind, 45, int(rng.integers(*args.quality)), rng)
            axis = 2 if picture.ndim == 3 else None
            for family in ("auto", *FAMILIES):
                estimate = estimate_psf(picture, family=family, channel_axis=axis, jpeg=table)
                alarms.append(estimate.confidence != "none")
        print(f"sharp, {kind}: {sum(alarms)} false alarms of {len(alarms)}")


def report_shaken(folder: str, pattern: str) -> None:
    """Print how often a picture of a shaken camera is taken for one of the families."""
    taken = []
    for path in sorted(Path(folder).glob(pattern)):
        picture = opened(path).astype(np.float32)
        axis = 2 if picture.ndim == 3 else None
        for family in ("auto", *FAMILIES):
            taken.append(estimate_psf(picture, family=family, channel_axis=axis).confidence != "none")
    print(f"shaken: {sum(taken)} of {len(taken)} taken for a family")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pictures", nargs="?", default="held", help='a folder, "held" (default) or "tuned"')
    parser.add_argument("--kinds", nargs="+", choices=KINDS, default=KINDS)
    parser.add_argument("--families", nargs="+", choices=FAMILIES, default=FAMILIES)
    parser.add_argument("--bsnr", nargs=2, type=float, default=(30, 50), help="range in dB")
    parser.add_argument("--quality", nargs=2, type=int, default=(70, 95), help="range of JPEG qualities")
    parser.add_argument("--jpeg", choices=("table", "yes", "none"), default="table", help="what the estimator is told")
    parser.add_argument("--crop", type=int, default=0, help="edge of a random crop; 0 keeps the picture")
    parser.add_argument("--repeat", type=int, default=1, help="blurs per picture")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument(
        "--no-loss", dest="loss", action="store_false", help="skip the restorations, which take longest"
    )
    parser.add_argument("--shaken", metavar="FOLDER", help="pictures of a shaken camera")
    parser.add_argument("--shaken-pattern", default="*kernel*.png")
    parser.add_argument("--verbose", action="store_true")
    args = parser.parse_args()
    report_blur(args)
    report_alarms(args)
    if args.shaken:
        report_shaken(args.shaken, args.shaken_pattern)


if __name__ == "__main__":
    main()
