"""When should Richardson-Lucy stop? What rules lose against the best iteration, on counted light of many kinds.

Volumes (shells, beads, threads, boxes, clouds), the same on coarse voxels, and planes (stars, nuclei, lines, coins,
camera) under three PSFs each, at three or four levels of light, some restored with a PSF that is a little wrong,
some with read-out noise. dB of PSNR below the best of 400 accelerated iterations; background is found where it is.

held out     a fifth of the samples is left out of a second run and foretold: the rule for volumes and large planes
three draws  the same, the errors of three draws added up: the rule for planes as small as these
likelihood   one draw, judged by Poisson's likelihood in the place of squares
halves       the counts split into binomial halves, one restored and one foretold, their gain found in the data; where
             it is not found, held out: the rule for volumes on coarse voxels
between      the geometric mean of the iterations of three draws and of halves

With --consensus also Richardson and Lucy's plain iteration that steps only where two halves of the counts, split anew
in every step, agree on the way (gradient consensus, after Manton and York), 300 steps, on every third volume.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import numpy as np
from scipy import fft, ndimage

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import restore
from restore.methods.counts.detector import Detector, counting_of
from restore.methods.counts.judges import gain_of
from restore.methods.counts.maximum_likelihood import variant_of
from restore.methods.counts.poisson_likelihood import Iteration
from restore.methods.counts.settings import RichardsonLucySettings, settled
from restore.noise.dark_ground import background_level
from restore.observation.observation import observe
from restore.operators.otf import OTF
from restore.parameter_choice.held_out import SEED, SHARE, LeastError
from restore.parameter_choice.split_counts import halves

VOLUME, PLANE = (20, 56, 56), (160, 160)
MOST, STEPS, ENOUGH = 400, 300, 4.0  # iterations, steps of the consensus, dB below the best from which a run ends


class Case(NamedTuple):
    """Counts, the light behind them, the PSF that is told, and what is known of border and background."""

    name: str
    truth: np.ndarray
    data: np.ndarray
    psf: np.ndarray
    words: dict


def shells(rng: np.random.Generator) -> np.ndarray:
    z, y, x = np.indices(VOLUME)
    scene = np.zeros(VOLUME)
    for _ in range(5):
        centre, radius = rng.uniform([5, 10, 10], [15, 46, 46]), rng.uniform(4, 9)
        distance = np.sqrt(((z - centre[0]) * 2) ** 2 + (y - centre[1]) ** 2 + (x - centre[2]) ** 2)
        scene += rng.uniform(0.5, 1.5) * np.exp(-((distance - radius) ** 2))
    return scene


def beads(rng: np.random.Generator) -> np.ndarray:
    scene = np.zeros(VOLUME)
    for _ in range(30):
        scene[rng.integers(2, 18), rng.integers(2, 54), rng.integers(2, 54)] += rng.uniform(20, 60)
    return scene


def threads(rng: np.random.Generator) -> np.ndarray:
    scene = np.zeros(VOLUME)
    for _ in range(10):
        place, way = rng.uniform([4, 4, 4], [16, 52, 52]), rng.normal(size=3) * [0.3, 1, 1]
        for along in np.arange(0, 45, 0.3):
            voxel = np.rint(place + way / np.linalg.norm(way) * along).astype(int)
            if (voxel >= 0).all() and (voxel < VOLUME).all():
                scene[tuple(voxel)] = rng.uniform(3, 5)
            way = way + rng.normal(size=3) * 0.04
    return scene


def boxes(rng: np.random.Generator) -> np.ndarray:
    scene = np.zeros(VOLUME)
    for _ in range(7):
        first = rng.integers([1, 4, 4], [14, 40, 40])
        last = first + rng.integers([2, 3, 3], [6, 18, 18])
        scene[tuple(map(slice, first, last))] += rng.uniform(0.3, 1)
    return scene


def clouds(rng: np.random.Generator) -> np.ndarray:
    scene = ndimage.gaussian_filter(rng.standard_normal(VOLUME), (1.2, 2.5, 2.5))
    return np.maximum(scene / scene.std() - 0.3, 0)


def microscopes(*, wrong: bool) -> dict[str, np.ndarray]:
    """PSFs by name, or what they would be taken for by somebody a little wrong."""
    water = {"NA": 1.15, "wavelength": 0.54} if wrong else {"NA": 1.2, "wavelength": 0.52}
    air = {"NA": 0.88, "pz": 1.0} if wrong else {"NA": 0.9, "pz": 3.0}
    return {
        "water": restore.psf.born_wolf((19, 41, 41), ni=1.333, spacing=(0.25, 0.1, 0.1), **water),
        "air": restore.psf.gibson_lanni(
            (19, 41, 41), wavelength=0.6, ni=1.0, ns=1.33, spacing=(0.4, 0.15, 0.15), **air
        ),
        "gauss": restore.psf.gaussian((1.6, 1.9, 1.9) if wrong else (1.5, 2.0, 2.0)),
    }


def coarse_microscopes(*, wrong: bool) -> dict[str, np.ndarray]:
    """Return PSFs on voxels so large that nearly all frequencies pass."""
    water = {"NA": 1.15, "wavelength": 0.54} if wrong else {"NA": 1.2, "wavelength": 0.52}
    oil = {"NA": 1.35, "pz": 1.0} if wrong else {"NA": 1.4, "pz": 0.0}
    return {
        "water": restore.psf.born_wolf((19, 41, 41), ni=1.333, spacing=(0.5, 0.25, 0.25), **water),
        "oil": restore.psf.gibson_lanni((19, 41, 41), wavelength=0.52, ns=1.515, spacing=(0.4, 0.2, 0.2), **oil),
        "coarser": restore.psf.born_wolf((19, 41, 41), ni=1.333, spacing=(0.6, 0.35, 0.35), **water),
    }


def volumes(microscopes: Callable[..., dict[str, np.ndarray]]) -> Iterator[Case]:
    right, taken = microscopes(wrong=False), microscopes(wrong=True)
    number = 0
    for scene in (shells, beads, threads, boxes, clouds):
        for name, psf in right.items():
            for peak in (10, 100, 1000, 10_000):
                number += 1
                rng = np.random.default_rng(100 + number)
                sharp = scene(rng)
                blurred = np.maximum(restore.blur(sharp, psf, boundary="periodic"), 0)
                scale = peak / blurred.max()
                background, noise = ((2, 0), (10, 0), (2, 3), (50, 0))[number % 4]
                data = rng.poisson(scale * blurred + background) + noise * rng.standard_normal(VOLUME)
                told = taken[name] if number % 5 in (1, 3) else psf
                words = {"boundary": "periodic", "background": "auto"}
                yield Case(f"{scene.__name__} {name} {peak}", scale * sharp, data, told, words)


def flat_scenes() -> dict[str, np.ndarray]:
    from skimage import data

    rng = np.random.default_rng(5)
    stars, nuclei, lines = (np.zeros(PLANE) for _ in range(3))
    for _ in range(60):
        stars[tuple(rng.integers(5, 155, 2))] += 10 ** rng.uniform(0, 2)
    y, x = np.indices(PLANE)
    for _ in range(25):
        centre, axes, angle = rng.uniform(10, 150, 2), rng.uniform(4, 9, 2), rng.uniform(0, 3)
        u = (y - centre[0]) * np.cos(angle) + (x - centre[1]) * np.sin(angle)
        v = (x - centre[1]) * np.cos(angle) - (y - centre[0]) * np.sin(angle)
        inside = (u / axes[0]) ** 2 + (v / axes[1]) ** 2 < 1
        nuclei = np.maximum(nuclei, rng.uniform(0.4, 1) * inside * (1 + 0.3 * np.sin(u)))
    for _ in range(14):
        place, angle = rng.uniform(10, 150, 2), rng.uniform(0, 6.3)
        for _ in range(200):
            pixel = np.rint(place).astype(int)
            if (pixel >= 0).all() and (pixel < PLANE).all():
                lines[tuple(pixel)] = 1
            angle += rng.normal() * 0.06
            place = place + 0.6 * np.array([np.cos(angle), np.sin(angle)])
    photographs = {"coins": data.coins()[60:220, 60:220], "camera": data.camera()[120:280, 180:340]}
    return {"stars": stars, "nuclei": nuclei, "lines": lines} | {n: p.astype(float) for n, p in photographs.items()}


def planes() -> Iterator[Case]:
    psfs = {
        "gauss": restore.psf.gaussian(2.0),
        "disk": restore.psf.disk(3.0),
        "moffat": restore.psf.moffat(3.0, beta=3.0),
    }
    number = 0
    for scene, sharp in flat_scenes().items():
        for name, psf in psfs.items():
            for peak in (20, 300, 5000):
                number += 1
                rng = np.random.default_rng(900 + number)
                blurred = restore.blur(sharp / sharp.max(), psf, boundary="reflect")
                scale, background = peak / blurred.max(), 5.0 * (number % 2)
                data = rng.poisson(np.maximum(scale * blurred, 0) + background).astype(float)
                words = {"boundary": "unknown", "background": "auto" if background else 0.0}
                yield Case(f"{scene} {name} {peak}", scale * sharp / sharp.max(), data, psf, words)


class Trial(NamedTuple):
    """A second run, what it is to foretell, and how much every sample of that counts."""

    iteration: Iteration
    target: np.ndarray
    weights: np.ndarray


class Runs:
    """The run on all data and the second runs beside it."""

    def __init__(self, case: Case) -> None:
        self.case = case
        observation = observe(case.data, case.psf, case.words["boundary"], None)
        self.detector = Detector(observation, observation.psf)
        settings = settled(RichardsonLucySettings(background=case.words["background"]), observation.picture)
        self.counting, self.variant = counting_of(self.detector, settings), variant_of(observation, settings)
        self.data, self.frame = self.detector.place
        self.unit = observation.unit
        self.gain = gain_of(observation)
        self.trials = {f"draw {number}": self.without(number) for number in range(3)}
        if self.gain > 0:
            self.trials["half"] = self.half()

    def without(self, number: int) -> Trial:
        """Return a run that does not see some of the samples."""
        weights = np.zeros_like(self.data)
        drawn = np.random.default_rng(SEED).random(self.data[self.frame].shape)
        chosen = (drawn >= SHARE * number) & (drawn < SHARE * (number + 1))
        weights[self.frame] = np.broadcast_to(self.counting.weights, self.data.shape)[self.frame] * chosen
        seeing = replace(self.counting, weights=self.counting.weights - weights)
        return Trial(Iteration(seeing, self.data, self.variant), self.data, weights)

    def half(self) -> Trial:
        """Return a run of half of the photons, to foretell the others."""
        one, other = halves(self.data, self.gain)
        return Trial(Iteration(self.counting, one, self.variant), other, self.counting.weights)

    def followed(self) -> tuple[np.ndarray, dict[str, np.ndarray]]:
        """Return the PSNR after every iteration, and what each trial's error was then: squares, and by likelihood."""
        run = Iteration(self.counting, self.data, self.variant)
        quality: list[float] = []
        errors: dict[str, list[float]] = {
            f"{name} {kind}": [] for name in self.trials for kind in ("squares", "counts")
        }
        for trial in self.trials.values():
            trial.iteration.step()
        while len(quality) < MOST and not (len(quality) > 100 and quality[-1] < max(quality) - ENOUGH):
            run.step()
            quality.append(psnr(self.unit.result(self.detector.image(run.estimate)), self.case.truth))
            for name, trial in self.trials.items():
                model = trial.iteration.foreseen() + self.counting.background
                logarithm = np.maximum(trial.target, 0) * np.log(np.maximum(model, 1e-30))
                errors[f"{name} squares"].append(float(np.sum(trial.weights * (model - trial.target) ** 2)))
                errors[f"{name} counts"].append(float(np.sum(trial.weights * (model - logarithm))))
        return np.array(quality), {name: np.array(values) for name, values in errors.items()}


def psnr(estimate: np.ndarray, truth: np.ndarray) -> float:
    return float(10 * np.log10(truth.max() ** 2 / np.mean((estimate - truth) ** 2)))


def stop(errors: np.ndarray) -> int:
    """Return the iteration at which the least error is taken for the least of all."""
    least = LeastError()
    for count, error in enumerate(errors, 1):
        least.improves(count, float(error))
        if least.settled:
            break
    return least.count


RULES: dict[str, Callable[[dict[str, np.ndarray]], int]] = {
    "held out": lambda e: stop(e["draw 0 squares"]),
    "three draws": lambda e: stop(sum(e[f"draw {n} squares"] for n in range(3))),
    "likelihood": lambda e: stop(e["draw 0 counts"]),
    "halves": lambda e: stop(e["half squares"] if "half squares" in e else e["draw 0 squares"]),
    "between": lambda e: round(np.sqrt(RULES["three draws"](e) * RULES["halves"](e))),
}


def consensus(case: Case) -> float:
    """Return the PSNR of steps that two halves of the counts agree on, the gain 1."""
    background = float(background_level(case.data[..., None]).min())
    otf, shape, rng = OTF(case.psf, case.data.shape, np.float64).full(), case.data.shape, np.random.default_rng(1)
    otf = otf[..., 0] if otf.ndim > len(shape) else otf

    def through(values: np.ndarray, gain: np.ndarray) -> np.ndarray:
        return fft.irfftn(fft.rfftn(values) * gain, s=shape)

    counts = np.maximum(np.rint(case.data), 0).astype(np.int64)
    light = np.full(shape, max(float(np.mean(counts - background)), 1e-6))
    for _ in range(STEPS):
        one = rng.binomial(counts, 0.5)
        model = np.maximum(through(light, otf) + background, 1e-9) / 2
        ways = [through(part / model, np.conj(otf)) for part in (one, counts - one)]
        agreed = through(through((ways[0] - 1) * (ways[1] - 1), otf), np.conj(otf)) >= 0
        light = np.where(agreed, light * np.maximum(sum(ways) / 2, 0), light)
    return psnr(light, case.truth)


def summary(losses: dict[str, list[float]]) -> str:
    return "  ".join(
        f"{np.mean(values):8.2f} {np.quantile(values, 0.9):5.2f} {max(values):5.2f}" for values in losses.values()
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cases", action="store_true", help="print every case")
    parser.add_argument("--only", choices=["volumes", "coarse", "planes"], help="one kind of scenes")
    parser.add_argument("--consensus", action="store_true", help="also gradient consensus, on every third volume")
    arguments = parser.parse_args()
    print(f"{'mean, 90 %, worst':20s}  " + "  ".join(f"{name:>20s}" for name in RULES))
    agreeing: list[tuple[float, float]] = []
    number = 0
    kinds = {"volumes": volumes(microscopes), "coarse volumes": volumes(coarse_microscopes), "planes": planes()}
    for kind, cases in kinds.items():
        if kind.split()[0] not in (arguments.only or kind):
            continue
        losses: dict[str, list[float]] = {name: [] for name in RULES}
        for number, case in enumerate(cases, 1):
            quality, errors = Runs(case).followed()
            for name, rule in RULES.items():
                losses[name].append(float(quality.max() - quality[min(rule(errors), len(quality)) - 1]))
            if arguments.consensus and kind == "volumes" and number % 3 == 0:
                agreeing.append((losses["held out"][-1], float(quality.max()) - consensus(case)))
            if arguments.cases:
                print(f"{case.name:20s}  " + "  ".join(f"{losses[name][-1]:20.2f}" for name in RULES), flush=True)
        print(f"{f'{number} {kind}':20s}  " + summary(losses), flush=True)
    if agreeing:
        own, other = np.array(agreeing).T
        print(f"every third volume: held out {own.mean():.2f} (worst {own.max():.2f}), consensus {other.mean():.2f}")
        print(f"(worst {other.max():.2f}; better than held out in {np.sum(other < own)} of {len(own)})")


if __name__ == "__main__":
    main()
