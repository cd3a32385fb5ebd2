"""The six classic scenarios of image deconvolution: ISNR of this project's methods, beside published figures.

A sharp gray picture is blurred circularly and white Gaussian noise is added (levels on the scale 0..255):

    1  1 / (1 + x^2 + y^2), x, y = -7..7     variance 2         4  [1 4 6 4 1]' [1 4 6 4 1] / 256      variance 49
    2  the same                              variance 8         5  Gaussian, 25 x 25, deviation 1.6    variance 4
    3  uniform, 9 x 9                        BSNR 40 dB         6  Gaussian, 25 x 25, deviation 0.4    variance 64

ISNR = 10 log10(|g - f|^2 / |estimate - f|^2), nothing clipped. A method gets the blurred picture and the PSF; it
estimates the noise itself. Published rows were measured with the noise known, and with other draws of it.

Definitions: A. Danielyan, V. Katkovnik and K. Egiazarian, BM3D frames and variational image deblurring, IEEE Trans.
Image Process. 21, 2012. Published rows: Table 10 of J. He et al., Single image restoration through l2-relaxed truncated
l0 analysis-based sparse optimization in tight frames. The pictures are not part of this project; none is fetched.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
from PIL import Image

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import restore

Restorer = Callable[[np.ndarray, np.ndarray], np.ndarray]

METHODS: dict[str, Restorer] = {
    "wiener": partial(restore.wiener, boundary="periodic"),
    "hyper_laplacian": partial(restore.hyper_laplacian, boundary="periodic"),
    "total_variation": partial(restore.total_variation, boundary="periodic"),
    "nonlocal-fast": partial(restore.nonlocal_deconvolution, boundary="periodic", fast=True),
    "nonlocal": partial(restore.nonlocal_deconvolution, boundary="periodic"),
}

#: ISNR of scenarios 1 to 6, by the beginning of the picture's name.
PUBLISHED = {
    "cameraman": {"IDD-BM3D": (8.85, 7.12, 10.45, 3.98, 4.31, 4.89), "GSR": (8.39, 6.39, 10.08, 3.33, 3.94, 4.76)},
    "house": {"IDD-BM3D": (9.95, 8.55, 12.89, 5.79, 5.74, 7.13), "GSR": (10.02, 8.56, 13.44, 6.00, 5.95, 7.18)},
    "lena": {"IDD-BM3D": (7.97, 6.61, 8.91, 4.97, 4.85, 6.34), "GSR": (8.24, 6.76, 9.43, 5.17, 4.96, 6.57)},
    "barbara": {"IDD-BM3D": (7.64, 3.96, 6.05, 1.88, 1.16, 5.45), "GSR": (8.98, 4.80, 7.15, 2.19, 1.58, 6.20)},
}
SCENARIOS = (1, 2, 3, 4, 5, 6)
#: Bundled pictures that no constant was tuned on, for a run without arguments.
BUNDLED = ("moon", "coins")


def blur_of(scenario: int) -> tuple[np.ndarray, float | None]:
    """Return the PSF and the variance of the noise; None is 40 dB below the variance of the blurred picture."""
    if scenario in (1, 2):
        x = np.arange(-7, 8)
        psf, variance = 1 / (1 + x[:, None] ** 2 + x**2), 2.0 if scenario == 1 else 8.0
    elif scenario == 3:
        psf, variance = np.ones((9, 9)), None
    elif scenario == 4:
        psf, variance = np.outer([1, 4, 6, 4, 1], [1, 4, 6, 4, 1]).astype(float), 49.0
    else:
        x, deviation = np.arange(-12, 13), 1.6 if scenario == 5 else 0.4
        psf, variance = np.exp(-(x[:, None] ** 2 + x**2) / (2 * deviation**2)), 4.0 if scenario == 5 else 64.0
    return psf / psf.sum(), variance


def observed(sharp: np.ndarray, scenario: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the blurred noisy picture and the PSF."""
    psf, variance = blur_of(scenario)
    blurred = restore.blur(sharp, psf, boundary="periodic")
    sigma = np.sqrt(blurred.var() / 1e4 if variance is None else variance)
    return blurred + np.random.default_rng(seed).normal(0, sigma, sharp.shape), psf


def isnr(estimate: np.ndarray, before: np.ndarray, sharp: np.ndarray) -> float:
    return float(10 * np.log10(np.mean((before - sharp) ** 2) / np.mean((estimate - sharp) ** 2)))


def opened(path: Path) -> np.ndarray:
    with Image.open(path) as picture:
        return np.asarray(picture.convert("L"), np.float64)


def bundled(name: str) -> np.ndarray:
    from skimage import data

    return np.asarray(Image.fromarray(getattr(data, name)()).convert("L"), np.float64)[:256, :256]


def published_output(folder: Path, name: str, scenario: int) -> np.ndarray | None:
    """Return a stored result of IDD-BM3D, on the scale 0..255: variable `y_hat` of a file *NAME*scenarioN.mat."""
    from scipy.io import loadmat

    found = sorted(folder.glob(f"*{name}*scenario{scenario}.mat"))
    return 255 * np.asarray(loadmat(found[0])["y_hat"], np.float64) if found else None


def row(title: str, values: list[float], seconds: float | None = None, ratio: float | None = None) -> None:
    cost = "" if seconds is None else f"{seconds:9.2f} s {ratio:8.1f} x"
    print(f"{title:28s}" + "".join(f"{value:7.2f}" for value in values) + cost, flush=True)


def measure(name: str, sharp: np.ndarray, args: argparse.Namespace) -> dict[int, dict[str, np.ndarray]]:
    """Print the table of one picture; return its restorations by scenario and method."""
    cases = {scenario: observed(sharp, scenario, args.seed) for scenario in args.scenarios}
    results: dict[int, dict[str, np.ndarray]] = {s: {"blurred": g} for s, (g, _) in cases.items()}
    print(f"\n{name}, {sharp.shape[0]} x {sharp.shape[1]}")
    row("scenario", list(args.scenarios))
    METHODS["wiener"](sharp[:64, :64], restore.psf.disk(1))  # imports and plans
    base = 0.0
    for method in dict.fromkeys(["wiener", *args.method]):
        started, gains = time.perf_counter(), []
        for scenario, (g, psf) in cases.items():
            estimate = METHODS[method](g, psf)
            gains.append(isnr(estimate, g, sharp))
            results[scenario][method] = estimate
        seconds = (time.perf_counter() - started) / len(cases)
        base = base or seconds
        row(method, gains, seconds, seconds / base)
    known = next((rows for start, rows in PUBLISHED.items() if name.lower().startswith(start)), {})
    for title, values in known.items():
        row(f"{title} (published)", [values[s - 1] for s in args.scenarios])
    if args.published is not None:
        outputs = {s: published_output(args.published, name, s) for s in args.scenarios}
        if all(output is not None for output in outputs.values()):
            row("IDD-BM3D (stored outputs)", [isnr(outputs[s], cases[s][0], sharp) for s in args.scenarios])
        for scenario, output in outputs.items():
            if output is not None:
                results[scenario]["IDD-BM3D"] = output
    return results


def draw(path: Path, sharp: np.ndarray, results: dict[int, dict[str, np.ndarray]], detail: tuple[int, ...]) -> None:
    """Write a figure: a row per scenario, the results side by side in one range, a detail of them."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    y, x, height, width = detail
    part = slice(y, y + height), slice(x, x + width)
    titles = ["sharp", *next(iter(results.values()))]
    size = (2.6 * len(titles), (2.6 * height / width + 0.65) * len(results))
    figure = Figure(figsize=size, dpi=100, layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.subplots(len(results), len(titles), squeeze=False)
    for line, (scenario, images) in zip(axes, results.items(), strict=True):
        for axis, (title, image) in zip(line, {"sharp": sharp, **images}.items(), strict=True):
            axis.imshow(image[part], cmap="gray", vmin=sharp.min(), vmax=sharp.max(), interpolation="nearest")
            gain = "" if title == "sharp" else f"{isnr(image, images['blurred'], sharp):.2f} dB"
            axis.set_title(f"{scenario}: {title}", fontsize=11)
            axis.set(xticks=[], yticks=[], xlabel=gain)
    figure.savefig(path)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pictures", nargs="*", type=Path, metavar="PICTURE", help="sharp pictures, taken as 8-bit gray")
    parser.add_argument("--method", nargs="+", choices=METHODS, default=list(METHODS), help="(default: all)")
    parser.add_argument("--scenarios", nargs="+", type=int, choices=SCENARIOS, default=list(SCENARIOS))
    parser.add_argument("--seed", type=int, default=0, help="of the noise")
    parser.add_argument("--published", type=Path, metavar="DIR", help="outputs of IDD-BM3D, *NAME*scenarioN.mat")
    parser.add_argument("--figure", type=Path, metavar="FILE", help="write a detail of all results, last picture")
    parser.add_argument(
        "--detail", nargs=4, type=int, default=[24, 80, 104, 104], metavar=("Y", "X", "HEIGHT", "WIDTH")
    )
    args = parser.parse_args()
    named = {path.stem: opened(path) for path in args.pictures} or {name: bundled(name) for name in BUNDLED}
    for name, sharp in named.items():
        results = measure(name, sharp, args)
    if args.figure is not None:
        draw(args.figure, sharp, results, tuple(args.detail))


if __name__ == "__main__":
    main()
