"""Restoration with priors on differences: does the strength that the data ask for come near the best one?

True crops as in restoration_quality.py, PSF given and nothing else. Beside the automatic strength each of this
project's priors runs at ever larger and smaller ones while that gains, judged by the sharp picture: its `oracle`. The
linear filter and peers stand beside them: scikit-image's richardson_lucy, with its 30 iterations and with the best
number of several, and its unsupervised_wiener. PSNR is that of the result clipped to 0..1, over the whole frame; cost
is processor time relative to `wiener`, the median over all cases.

Constants were tuned on the pictures of --split tuning; figures are quoted from others, such as those of a folder.
"""

from __future__ import annotations

import argparse
import itertools
import sys
import time
import warnings
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from restoration_quality import PSFS, QUOTED, TUNING, USUAL, Case, make_case, pictures

import restore
from restore.methods.differences import hyper_laplacian, total_variation
from restore.methods.method import Outcome
from restore.observation.observation import observe


#: What the data choose the strength of, given an observation and perhaps a strength.
def _prior(solve: Callable[..., Outcome], settings: type, **given: object) -> Callable[..., Outcome]:
    """Return a restoration of an observation at a strength, None for the automatic one."""
    return lambda observation, strength=None: solve(observation, settings(strength=strength, **given))


PRIORS: dict[str, Callable[..., Outcome]] = {
    "total_variation": _prior(total_variation.solve, total_variation.TotalVariationSettings),
    "anisotropic": _prior(total_variation.solve, total_variation.TotalVariationSettings, isotropic=False),
    "hyper_laplacian": _prior(hyper_laplacian.solve, hyper_laplacian.HyperLaplacianSettings),
    "hyper p = 2/3": _prior(hyper_laplacian.solve, hyper_laplacian.HyperLaplacianSettings, exponent=2 / 3),
}
#: Step of the search for the best strength.
FINER = 2**0.5
RICHARDSON_LUCY = (5, 10, 20, 40, 80)

Restorer = Callable[[np.ndarray, np.ndarray], np.ndarray]


def _richardson_lucy(frame: np.ndarray, psf: np.ndarray, iterations: int = 30) -> np.ndarray:
    from skimage.restoration import richardson_lucy

    return richardson_lucy(frame, psf, num_iter=iterations, clip=False)


def _unsupervised_wiener(frame: np.ndarray, psf: np.ndarray) -> np.ndarray:
    from skimage.restoration import unsupervised_wiener

    return unsupervised_wiener(frame, psf, clip=False, rng=0)[0]


#: Everything without a strength to look for.
OTHERS: dict[str, Restorer] = {
    "nonlocal-fast": partial(restore.nonlocal_deconvolution, fast=True),
    "nonlocal": restore.nonlocal_deconvolution,
    "skimage RL": _richardson_lucy,
    "skimage unsup. wiener": _unsupervised_wiener,
}
METHODS = [*PRIORS, *OTHERS]
USUAL_METHODS = ["total_variation", "hyper_laplacian", "skimage RL", "skimage unsup. wiener"]


def measure(case: Case, methods: list[str]) -> tuple[dict[str, float], dict[str, float]]:
    """Return PSNR and seconds by method."""
    scores, seconds = {"blurred": case.score(case.frame)}, {}

    def timed(name: str, call: Callable[[], np.ndarray]) -> None:
        started = time.process_time()
        scores[name] = case.score(call())
        seconds[name] = time.process_time() - started

    timed("wiener", lambda: restore.wiener(case.frame, case.psf))
    for name in methods:
        if name in OTHERS:
            timed(name, partial(OTHERS[name], case.frame, case.psf))
            continue
        prior, strength = PRIORS[name], 0.0

        def automatic(prior: Callable[..., Outcome] = prior) -> np.ndarray:
            nonlocal strength
            found = prior(observe(case.frame, case.psf, "unknown"))
            strength = found.strength
            return found.image

        timed(name, automatic)
        seen = observe(case.frame, case.psf, "unknown")
        scores[f"{name} oracle"] = best(
            lambda s, p=prior, seen=seen: case.score(p(seen, s).image), strength, scores[name]
        )
    if "skimage RL" in methods:
        scores["skimage RL oracle"] = max(
            case.score(_richardson_lucy(case.frame, case.psf, count)) for count in RICHARDSON_LUCY
        )
    return scores, seconds


def best(score: Callable[[float], float], strength: float, found: float) -> float:
    """Climb from a strength to the nearest maximum of the score on either side, and return the larger."""
    highest = found
    for factor in (FINER, 1 / FINER):
        before, tried = found, strength
        while (now := score(tried := tried * factor)) > before:
            before = now
        highest = max(highest, before)
    return highest


def report(scores: list[dict[str, float]], seconds: list[dict[str, float]], keys: list[tuple[str, str, str]]) -> None:
    """Print every method's mean, its gain over the linear filter and its cost, then what automatic strengths lose."""
    table = {name: np.array([row[name] for row in scores]) for name in scores[0]}
    print(f"\n{len(keys)} cases; PSNR in dB, gain over wiener case by case, cost as a multiple of wiener's")
    print(f"{'method':24s} {'mean':>7s} {'worst':>7s} {'gain':>7s} {'least':>7s} {'most':>7s} {'cost':>7s}")
    for name, values in table.items():
        gain = values - table["wiener"]
        ratio = np.median([row[name] / row["wiener"] for row in seconds]) if name in seconds[0] else np.nan
        print(
            f"{name:24s} {values.mean():7.2f} {values.min():7.2f} {gain.mean():+7.2f} {gain.min():+7.2f} "
            f"{gain.max():+7.2f} " + ("" if np.isnan(ratio) else f"{ratio:7.1f}")
        )
    for name in PRIORS:
        if name not in table:
            continue
        loss = table[f"{name} oracle"] - table[name]
        by_bsnr = {level: loss[[key[2] == level for key in keys]].mean() for level in sorted({key[2] for key in keys})}
        print(
            f"{name}: automatic strength loses {loss.mean():.3f} dB, worst {loss.max():.2f} "
            f"({', '.join(keys[int(loss.argmax())])}); "
            + ", ".join(f"{value:.3f} at {level}" for level, value in by_bsnr.items())
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", nargs="?", type=Path, help="pictures to quote from (default: scikit-image's own)")
    parser.add_argument("--split", choices=["tuning", "quoted"], default="quoted", help="of scikit-image's pictures")
    parser.add_argument("--edge", type=int, default=256, help="frame size in pixels")
    parser.add_argument("--bsnr", type=float, nargs="+", default=[20, 30, 40])
    parser.add_argument("--psfs", nargs="+", choices=PSFS, default=USUAL)
    parser.add_argument("--methods", nargs="+", choices=METHODS, default=USUAL_METHODS)
    parser.add_argument("--verbose", action="store_true", help="a line for every case")
    arguments = parser.parse_args()
    warnings.simplefilter("ignore", restore.StrengthWarning)
    scores, seconds, keys = [], [], []
    names = TUNING if arguments.split == "tuning" else QUOTED
    for name, picture in pictures(names, arguments.folder):
        for psf_name, bsnr in itertools.product(arguments.psfs, arguments.bsnr):
            case = make_case(picture, PSFS[psf_name], bsnr, arguments.edge, len(keys), "float")
            row, cost = measure(case, arguments.methods)
            scores.append(row)
            seconds.append(cost)
            keys.append((name, psf_name, f"{bsnr:g} dB"))
            if arguments.verbose:
                print(*keys[-1], {k: round(v, 2) for k, v in row.items()}, flush=True)
    report(scores, seconds, keys)


if __name__ == "__main__":
    main()
