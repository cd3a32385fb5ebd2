"""The likeliest light behind an observation: the run of the iteration, and when it stops."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from restore.checks import Array, InvalidValue
from restore.methods.counts.chosen_psf import target_psf
from restore.methods.counts.detector import Detector, counting_of
from restore.methods.counts.judges import Risk, Trial, judges_of
from restore.methods.counts.poisson_likelihood import Counting, Iteration, Variant
from restore.methods.counts.settings import RichardsonLucySettings, as_samples, photons_of, settled
from restore.methods.method import Outcome
from restore.observation.observation import Observation
from restore.operators.progress import Progress, silent
from restore.parameter_choice.held_out import LITTLE_PATIENCE, LeastError

#: Called with the number of the iteration and the estimate so far; StopIteration ends the run.
Watcher = Callable[[int, Array], object]
#: Most iterations where the data choose.
MOST_ITERATIONS = 500


def maximize_likelihood(
    detector: Detector, settings: RichardsonLucySettings, watcher: Watcher | None = None, progress: Progress = silent
) -> Outcome:
    """Return the estimate after the iterations asked for, or after those that predict best what they did not see."""
    if detector.psf.min() < 0:
        raise InvalidValue(
            f"psf must be >= 0 where light is counted, got {detector.psf.min():.3g}: cut what is below 0 off"
        )
    if settings.target is not None:
        detector = replace(detector, target=target_psf(settings.target, detector.psf.ndim))
    data = detector.place[0]
    settings = settled(settings, detector.observation.picture)
    counting, variant = counting_of(detector, settings), variant_of(detector.observation, settings)
    run = _Run(Iteration(counting, data, variant, _start(detector, settings)), detector, watcher)
    if settings.iterations is not None:
        return _after(run, settings.shortened(settings.iterations), "given", progress)
    best, count = _best_predicting(run, detector, counting, variant, settings.gain, progress)
    if settings.smoothness == 1:
        return _outcome(run, best, count, "held-out")
    again = _Run(Iteration(counting, data, variant), detector, None)  # a start asks for a number of iterations
    return _after(again, settings.shortened(count), "held-out")


def _after(run: _Run, count: int, rule: str, progress: Progress = silent) -> Outcome:
    """Return the outcome of a number of iterations."""
    while run.count < count and run.step():
        progress(run.count / count)
    return _outcome(run, run.iteration.estimate, run.count, rule)


def _outcome(run: _Run, estimate: Array, count: int, rule: str) -> Outcome:
    explained = run.explained(estimate)
    return Outcome(image=run.image(estimate), strength=float(count), rule=rule, iterations=count, explained=explained)


def _best_predicting(
    run: _Run, detector: Detector, counting: Counting, variant: Variant, photon_gain: float | None, progress: Progress
) -> tuple[Array, int]:
    """Return the estimate after as many iterations as predict best what they did not see, and their number.

    Of several judges the one that stops first is right: each may take noise for light, none light for noise.
    """
    start = run.iteration.estimate
    panel = judges_of(detector, counting, variant, photon_gain, start)
    judges = [_Judge(runs, start, is_alone=len(panel) == 1) for runs in panel]
    going, share = True, 0.0
    while going and not any(judge.least.settled for judge in judges) and run.count < MOST_ITERATIONS:
        going = run.step()
        for judge in judges:
            judge.see(run.count, run.iteration.estimate)
        share = max(share, run.count / MOST_ITERATIONS, *(judge.least.nearness for judge in judges))
        progress(share)
    first = min(judges, key=lambda judge: judge.least.count)
    return first.best, first.least.count


class _Judge:
    """The best estimate that some further runs have met."""

    def __init__(self, runs: Sequence[Trial | Risk], start: Array, *, is_alone: bool) -> None:
        self.best, self._runs = start, runs
        self.least = LeastError() if is_alone else LeastError(LITTLE_PATIENCE, 0)

    def see(self, count: int, estimate: Array) -> None:
        """Let the runs judge the estimate after so many iterations."""
        if self.least.improves(count, sum(run.error(estimate) for run in self._runs)):
            self.best = estimate


class _Run:
    """An iteration that tells its steps, until it is told to stop."""

    def __init__(self, iteration: Iteration, detector: Detector, watcher: Watcher | None) -> None:
        self.iteration, self.count, self.detector, self._watcher = iteration, 0, detector, watcher

    def step(self) -> bool:
        """Take a step; return whether to go on."""
        self.iteration.step()
        self.count += 1
        try:
            if self._watcher is not None:
                self._watcher(self.count, self.image(self.iteration.estimate))
        except StopIteration:
            return False
        return True

    def image(self, estimate: Array) -> Array:
        """Return the picture of an estimate of the iteration."""
        return self.detector.image(estimate, self.iteration.unexplained)

    def explained(self, estimate: Array) -> Array | None:
        """Return what the data ought to be in the frame, None where that is h * f of the picture."""
        counting = self.iteration.counting
        if self.detector.target is None and not counting.background.any():
            return None
        return np.asarray((counting.forward(estimate) + counting.background)[self.detector.place[1]])


def coarse_psf(psf: Array, step: int) -> Array:
    """Return the PSF of light that is even over every sample: h with a triangle over two samples, at whole samples."""
    for axis in range(psf.ndim) if step > 1 else ():
        size = psf.shape[axis]
        places = np.arange(size) - size // 2
        half = -(-max(size // 2, size - 1 - size // 2) // step)
        samples = step * np.arange(-half, half + 1)
        triangle = np.maximum(1 - np.abs(places - samples[:, None]) / step, 0)
        psf = np.moveaxis(np.tensordot(triangle, psf, (1, axis)), 0, axis)
    return psf


def variant_of(observation: Observation, settings: RichardsonLucySettings) -> Variant:
    """Return what departs from the plain iteration."""
    photon_gain: float | Array = 1.0 if settings.gain is None else settings.gain
    read_noise: float | Array = settings.read_noise
    if settings.gain is None and settings.damping > 0:
        photon_gain, read_noise = photons_of(observation)
    return Variant(
        damping=settings.damping,
        photon_gain=photon_gain,
        read_noise=read_noise,
        tv_weight=settings.tv_weight,
        acceleration=settings.acceleration,
    )


def _start(detector: Detector, settings: RichardsonLucySettings) -> Array | None:
    """Return the given start on the fine grid, its rim continued; nobody else holds it."""
    if settings.start is None:
        return None
    observation, step = detector.observation, detector.subsampling
    start = as_samples(settings.start, "start", detector.fine_shape, observation.channel_axis)
    start = start.astype(observation.dtype)
    sides = zip(detector.edges, detector.grid, strict=True)
    return np.pad(start, [(step * a, step * (n - b)) for (a, b), n in sides] + [(0, 0)], mode="edge")
