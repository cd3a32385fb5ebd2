"""The likeliest light behind an observation: the run of the iteration, and when it stops."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from scipy import ndimage

from restore.checks import Array, InvalidValue
from restore.methods.counts.chosen_psf import seen_by, target_psf
from restore.methods.counts.poisson_likelihood import Counting, Iteration, Variant
from restore.methods.counts.settings import RichardsonLucySettings, as_samples, settled, shift_of
from restore.methods.method import Outcome
from restore.noise.dark_ground import MOSTLY, background_level, dark_share
from restore.noise.photon import estimate_poisson_gauss
from restore.observation.boundary import Frame, gap
from restore.observation.observation import Observation
from restore.operators.filter_flow import Blur, CircularBlur
from restore.operators.otf import OTF
from restore.operators.progress import Progress, silent
from restore.parameter_choice.held_out import LeastError, held_out, held_out_blocks
from restore.parameter_choice.split_counts import halves, passes_nearly_all

#: Called with the number of the iteration and the estimate so far; StopIteration ends the run.
Watcher = Callable[[int, Array], object]
#: Axes of a volume: planes were foretold as well by samples whatever their blur.
VOLUME = 3
#: From so many photons in a sample on their number is no noise that is seen.
MOST_PHOTONS = 2.0**40
#: Share of the samples that no unknown light may reach for these alone to judge.
LEAST_FORETOLD = 0.1
#: Most iterations where the data choose.
MOST_ITERATIONS = 500


@dataclass(frozen=True, eq=False)
class Detector:
    """The observation with the PSF as light meets it: finer than the samples by a factor along every axis.

    `varying` is what the light becomes where that changes over the grid.
    """

    observation: Observation
    psf: Array
    subsampling: int = 1
    target: Array | None = None
    varying: Blur | None = None

    def image(self, estimate: Array, unexplained: Callable[[Array], Array] | None = None) -> Array:
        """Return the frame of the fine grid as the target shows it, laid out like the picture as it was given.

        A target shows also what the estimate leaves of the data.
        """
        step = self.subsampling
        if self.target is not None:
            left = 0 if unexplained is None else unexplained(estimate)
            estimate = seen_by(self.target, estimate) + left
        image = estimate[tuple(slice(a * step, b * step) for a, b in self.edges)].copy()
        return self.observation.laid_out(image)

    @cached_property
    def place(self) -> tuple[Array, Frame]:
        """Return the data on a grid, and the frame on it.

        Light farther from the frame than half of the PSF reaches none of its samples: where what lies outside is found
        with the rest, the grid of the filters, which holds twice that, would be filled with what stays as it is.
        """
        observation = self.observation
        if self.varying is not None or not observation.unknown.around:
            return observation.data, observation.frame
        inside = observation.data[observation.frame]
        sides = zip(inside.shape, observation.psf.shape, strict=False)
        gaps = [gap(n, k + 2 * max(-(-(self._spill - k // 2) // 2), 0), 1) for n, k in sides]
        if observation.grid == tuple(n + g for n, g in zip(inside.shape, gaps, strict=False)):
            return observation.data, observation.frame
        data = np.pad(inside, [*((g // 2, g - g // 2) for g in gaps), (0, 0)])
        return data, tuple(slice(g // 2, g // 2 + n) for g, n in zip(gaps, inside.shape, strict=False))

    @property
    def _spill(self) -> int:
        """Return how many samples the target spreads light to."""
        return 0 if self.target is None else -(-(max(self.target.shape) // 2) // self.subsampling)

    @property
    def grid(self) -> tuple[int, ...]:
        """Return the spatial shape of the grid."""
        return self.place[0].shape[:-1]

    @property
    def edges(self) -> list[tuple[int, int]]:
        """Return where the frame begins and ends on the grid, along every axis."""
        return [s.indices(n)[:2] for s, n in zip(self.place[1], self.grid, strict=True)]

    @property
    def fine_shape(self) -> tuple[int, ...]:
        """Return the shape of the result, channels last."""
        picture = self.observation.picture
        return (*(n * self.subsampling for n in picture.shape[:-1]), picture.shape[-1])


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
    start = _start(detector, settings)
    run = _Run(Iteration(counting, data, variant, start), detector, watcher)
    if settings.iterations is not None:
        return _after(run, settings.shortened(settings.iterations), "given", progress)
    best, count = _best_predicting(run, detector, counting, variant, settings.gain, progress)
    if settings.smoothness == 1:
        return _outcome(run, best, count, "held-out")
    again = _Run(Iteration(counting, data, variant, start), detector, None)
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
    """Return the estimate after as many iterations as predict best what they did not see, and their number."""
    trials = _trials(detector, counting, variant, photon_gain)
    least, best, going, share = LeastError(), run.iteration.estimate, True, 0.0
    while going and not least.settled and run.count < MOST_ITERATIONS:
        going = run.step()
        if least.improves(run.count, sum(trial.error() for trial in trials)):
            best = run.iteration.estimate
        share = max(share, least.nearness, run.count / MOST_ITERATIONS)
        progress(share)
    return best, least.count


@dataclass(frozen=True, eq=False)
class _Trial:
    """A further run that does not see some of the samples, and the weights of those that it is judged by."""

    iteration: Iteration
    data: Array
    background: Array
    tested: Array

    @classmethod
    def of(cls, detector: Detector, counting: Counting, variant: Variant, hidden: Array, tested: Array) -> _Trial:
        data, frame = detector.place
        unseen, judged = (_weighed(chosen, counting.weights, frame) for chosen in (hidden, tested))
        if not np.any(counting.weights - unseen):
            unseen, judged = unseen * 0, judged * 0  # a handful of samples: none to spare
        iteration = Iteration(replace(counting, weights=counting.weights - unseen), data, variant)
        iteration.step()  # it foretells by the f that it steps from
        return cls(iteration, data, counting.background, judged)

    @classmethod
    def of_halves(cls, detector: Detector, counting: Counting, variant: Variant, photon_gain: float) -> _Trial:
        """Return the run of one half of the photons."""
        shift = max(counting.shift, 0.0)  # the light of a sky that was not taken off is counted too
        shown, unseen = (part - shift for part in halves(detector.place[0] + shift, photon_gain))
        iteration = Iteration(counting, shown, variant)
        iteration.step()
        return cls(iteration, unseen, counting.background, counting.weights)

    def error(self) -> float:
        """Take a step, and return how far the estimate before it misses what it did not see."""
        misfit = self.iteration.foreseen() + self.background - self.data
        return float(np.sum(self.tested * misfit**2, dtype=np.float64))


def _trials(detector: Detector, counting: Counting, variant: Variant, photon_gain: float | None) -> list[_Trial]:
    """Return the runs that foretell what they do not see: samples, or in a volume of which most passes, photons."""
    observation = detector.observation
    samples = _held_out(observation, shows_points=detector.target is None)
    if len(detector.grid) == VOLUME and _is_coarse(counting):
        photon_gain = photon_gain or gain_of(observation)
        if photon_gain > 0:
            return [_Trial.of_halves(detector, counting, variant, photon_gain)]
    return [_Trial.of(detector, counting, variant, *parts) for parts in samples]


def _is_coarse(counting: Counting) -> bool:
    return isinstance(counting.blur, CircularBlur) and passes_nearly_all(counting.blur.otf)


def gain_of(observation: Observation) -> float:
    """Return the light of a photon as the picture shows it, 0 where even its brightest light is not noisier for it."""
    hidden = None if observation.mask is None else observation.mask > 0
    gain, read_noise = map(np.mean, estimate_poisson_gauss(observation.picture, channel_axis=-1, mask=hidden))
    brightest = float(observation.picture.max())
    is_seen = gain * brightest > read_noise**2 and brightest < MOST_PHOTONS * gain
    return float(gain) if is_seen else 0.0


def _held_out(observation: Observation, *, shows_points: bool) -> list[tuple[Array, Array]]:
    """Return the samples that each further run does not see, and those it is judged by: blocks under coloured noise.

    What fills the place of masked samples at first is no picture to read the kind of the noise from. Of stars on dark
    ground a block holds one or none, which nothing foretells; what is foretold too well by single samples is noise as
    wide as the blur, of which a target shows little.
    """
    shape, picture = observation.picture.shape, observation.picture
    are_stars = not shows_points and dark_share(picture, float(background_level(picture).max())) >= MOSTLY
    if observation.completed.coloured is not None and not are_stars:
        foretold = _foretold(observation)
        return [(hidden, tested & foretold) for hidden, tested in held_out_blocks(shape)]
    return [(chosen, chosen) for chosen in held_out(shape)]


def _foretold(observation: Observation) -> Array:
    """Return True for the samples that no unknown light reaches, for all where hardly any is left of them."""
    if observation.mask is None:
        return np.ones(observation.picture.shape, bool)
    reach = (*(2 * (n // 2) + 1 for n in observation.psf.shape), 1)
    foretold = ndimage.maximum_filter(observation.mask, reach) == 0
    return foretold if foretold.mean() >= LEAST_FORETOLD else np.ones_like(foretold)


def _weighed(chosen: Array, all_weights: Array, frame: Frame) -> Array:
    """Return the weights of samples that were chosen from the frame, 0 of all others."""
    weights = np.zeros_like(all_weights, subok=False)
    weights[frame] = all_weights[frame] * chosen
    return weights


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


def counting_of(detector: Detector, settings: RichardsonLucySettings) -> Counting:
    """Return how the light of the grid becomes the data."""
    observation = detector.observation
    shape, channel_axis, dtype = observation.picture.shape, observation.channel_axis, observation.dtype
    dark = as_samples(settings.background, "background", shape, channel_axis)
    inside = np.ones(shape, dtype)
    if settings.weights is not None:
        inside = as_samples(settings.weights, "weights", shape, channel_axis).astype(dtype)
    data, frame = detector.place
    counted = inside if observation.mask is None else inside * (1 - observation.mask)
    weights = _on_grid(counted, 0.0 if observation.unknown.around else float(inside.mean()), data, frame)
    if not weights.any():
        raise InvalidValue("weights must be > 0 somewhere, got none where the mask leaves samples known")
    fine = tuple(n * detector.subsampling for n in detector.grid)
    return Counting(
        blur=detector.varying or CircularBlur(OTF(detector.psf, fine, dtype).full(), len(fine)),
        shape=fine,
        subsampling=detector.subsampling,
        weights=weights,
        background=_on_grid(dark, float(np.mean(dark)), data, frame),
        shift=shift_of(settings, observation),
    )


def _on_grid(inside: Array, outside: float, data: Array, frame: Frame) -> Array:
    """Return what is known of the frame on the grid, with one number around it; one for all takes no memory."""
    if inside.min() == inside.max() == outside:
        return np.broadcast_to(np.asarray(outside, data.dtype), data.shape)
    values = np.full(data.shape, outside, data.dtype)
    values[frame] = inside
    return values


def variant_of(observation: Observation, settings: RichardsonLucySettings) -> Variant:
    """Return what departs from the plain iteration."""
    photon_gain: float | Array = 1.0 if settings.gain is None else settings.gain
    read_noise: float | Array = settings.read_noise
    if settings.gain is None and settings.damping > 0:
        hidden = None if observation.mask is None else observation.mask > 0
        photon_gain, read_noise = estimate_poisson_gauss(observation.picture, channel_axis=-1, mask=hidden)
    return Variant(
        damping=settings.damping,
        photon_gain=photon_gain,
        read_noise=read_noise,
        tv_weight=settings.tv_weight,
        acceleration=settings.acceleration,
    )


def _start(detector: Detector, settings: RichardsonLucySettings) -> Array | None:
    """Return the given start on the fine grid, its rim continued."""
    if settings.start is None:
        return None
    observation, step = detector.observation, detector.subsampling
    start = as_samples(settings.start, "start", detector.fine_shape, observation.channel_axis)
    sides = zip(detector.edges, detector.grid, strict=True)
    return np.pad(start, [(step * a, step * (n - b)) for (a, b), n in sides] + [(0, 0)], mode="edge")
