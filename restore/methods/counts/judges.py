"""What judges an estimate that it has not made: runs that foretell what they do not see, and the risk by the noise.

References: C. M. Stein, Estimation of the mean of a multivariate normal distribution, Ann. Statist. 9, 1981; S. Ramani,
T. Blu and M. Unser, Monte-Carlo SURE, IEEE Trans. Image Process. 17, 2008 (the trace by a draw). For what is left out
see `restore.parameter_choice.held_out`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy import fft, ndimage

from restore.checks import Array
from restore.methods.counts.detector import Detector
from restore.methods.counts.poisson_likelihood import Counting, Iteration, Variant
from restore.methods.counts.settings import photons_of
from restore.noise.dark_ground import MOSTLY, background_level, dark_share
from restore.observation.boundary import Frame
from restore.observation.observation import Observation
from restore.operators.filter_flow import CircularBlur
from restore.operators.fourier import frequencies
from restore.parameter_choice.held_out import SEED, held_out, held_out_blocks
from restore.parameter_choice.split_counts import halves, passes_nearly_all

#: Axes of a volume: planes were foretold as well by samples whatever their blur.
VOLUME = 3
#: From so many photons in a sample on their number is no noise that is seen.
MOST_PHOTONS = 2.0**40
#: Share of the samples that no unknown light may reach for these alone to judge.
LEAST_FORETOLD = 0.1
#: The share of the noise that is added to see what it does.
LITTLE = 0.3


@dataclass(frozen=True, eq=False)
class Trial:
    """A further run that does not see some of the samples, and the weights of those that it is judged by."""

    iteration: Iteration
    data: Array
    background: Array
    tested: Array

    @classmethod
    def of(cls, detector: Detector, counting: Counting, variant: Variant, hidden: Array, tested: Array) -> Trial:
        """Return the run that does not see what is hidden, judged by what is tested."""
        data, frame = detector.place
        unseen, judged = (_weighed(chosen, counting.weights, frame) for chosen in (hidden, tested))
        if not np.any(counting.weights - unseen):
            unseen, judged = unseen * 0, judged * 0  # a handful of samples: none to spare
        iteration = Iteration(replace(counting, weights=counting.weights - unseen), data, variant)
        iteration.step()  # it foretells by the f that it steps from
        return cls(iteration, data, counting.background, judged)

    @classmethod
    def of_halves(cls, detector: Detector, counting: Counting, variant: Variant, photon_gain: float) -> Trial:
        """Return the run of one half of the photons."""
        shift = max(counting.shift, 0.0)  # the light of a sky that was not taken off is counted too
        shown, unseen = (part - shift for part in halves(detector.place[0] + shift, photon_gain))
        iteration = Iteration(counting, shown, variant)
        iteration.step()
        return cls(iteration, unseen, counting.background, counting.weights)

    def error(self, _: Array) -> float:
        """Take a step, and return how far the estimate before it misses what it did not see."""
        misfit = self.iteration.foreseen() + self.background - self.data
        return float(np.sum(self.tested * misfit**2, dtype=np.float64))


@dataclass(frozen=True, eq=False)
class Risk:
    """How far the blurred estimate is from the blurred picture, by what a little more of the same noise does to it.

        |A f - g|^2 + 2 <A'c, f(g + e c) - f(g)> / e,    c drawn from the law of the noise,

    expects, but for a constant, as much as |A f - A f_0|^2: Stein's unbiased estimate, its trace by one draw.
    """

    iteration: Iteration
    data: Array
    counting: Counting
    tested: Array
    blurred: Array

    @classmethod
    def of(cls, detector: Detector, counting: Counting, variant: Variant, tested: Array, start: Array) -> Risk:
        """Return the run that sees a little more noise, begun where the other begins, and judged by what is tested."""
        data, frame = detector.place
        noise = np.zeros_like(data)
        noise[frame] = _drawn_noise(detector.observation)
        judged = _weighed(tested, counting.weights, frame)
        blurred = counting.adjoint(judged * noise) / LITTLE
        return cls(Iteration(counting, data + LITTLE * noise, variant, start), data, counting, judged, blurred)

    def error(self, estimate: Array) -> float:
        """Take a step, and return the risk of the estimate that the data gave after as many."""
        self.iteration.step()
        misfit = self.counting.forward(estimate) + self.counting.background - self.data
        change = self.blurred * (self.iteration.estimate - estimate)
        missed = np.sum(self.tested * misfit**2, dtype=np.float64)
        return float(missed + 2 * np.sum(change, dtype=np.float64))


def judges_of(
    detector: Detector, counting: Counting, variant: Variant, photon_gain: float | None, start: Array
) -> list[Sequence[Trial | Risk]]:
    """Return the judges, each of which says by itself where to stop: one by what it did not see, one by the risk.

    Samples are left out, or in a volume of which most passes, photons. The noise must be coloured for its law to be
    known: then neighbours foretell each other's noise, and both judges are heard.
    """
    observation = detector.observation
    if len(detector.grid) == VOLUME and _is_coarse(counting):
        photon_gain = photon_gain or gain_of(observation)
        if photon_gain > 0:
            return [[Trial.of_halves(detector, counting, variant, photon_gain)]]
    if not _shares_noise(detector):
        draws = held_out(observation.picture.shape)
        return [[Trial.of(detector, counting, variant, chosen, chosen) for chosen in draws]]
    foretold = _foretold(observation)
    blocks = held_out_blocks(observation.picture.shape)
    trials = [Trial.of(detector, counting, variant, hidden, tested & foretold) for hidden, tested in blocks]
    return [trials, [Risk.of(detector, counting, variant, foretold, start)]]


def _is_coarse(counting: Counting) -> bool:
    return isinstance(counting.blur, CircularBlur) and passes_nearly_all(counting.blur.otf)


def gain_of(observation: Observation) -> float:
    """Return the light of a photon as the picture shows it, 0 where even its brightest light is not noisier for it."""
    gain, read_noise = map(np.mean, photons_of(observation))
    brightest = float(observation.picture.max())
    is_seen = gain * brightest > read_noise**2 and brightest < MOST_PHOTONS * gain
    return float(gain) if is_seen else 0.0


def _shares_noise(detector: Detector) -> bool:
    """Return whether neighbours share their noise, so that blocks are left out.

    What fills the place of masked samples at first is no picture to read the kind of the noise from. Of stars on dark
    ground a block holds one or none, which nothing foretells; what is foretold too well by single samples is noise as
    wide as the blur, of which a target shows little.
    """
    picture = detector.observation.picture
    are_stars = detector.target is not None and dark_share(picture, float(background_level(picture).max())) >= MOSTLY
    return detector.observation.completed.coloured is not None and not are_stars


def _drawn_noise(observation: Observation) -> Array:
    """Return noise of the law that was fitted, laid out like the picture; always the same."""
    shape = observation.picture.shape
    white = np.random.default_rng(SEED).standard_normal(shape)
    power = np.asarray(observation.completed.fit.noise_power(frequencies(shape[:-1])))
    spectrum = fft.rfft2(white, axes=(0, 1)) * np.sqrt(power)[..., None]
    return np.asarray(fft.irfft2(spectrum, s=shape[:2], axes=(0, 1)))


def _foretold(observation: Observation) -> Array:
    """Return True for the samples that no unknown light reaches, for all where hardly any is left of them."""
    if observation.mask is None:
        return np.ones(observation.picture.shape, bool)
    reach = (*(2 * n + 1 for n in observation.psf.shape), 1)
    foretold = ndimage.maximum_filter(observation.mask, reach) == 0
    return foretold if foretold.mean() >= LEAST_FORETOLD else np.ones_like(foretold)


def _weighed(chosen: Array, all_weights: Array, frame: Frame) -> Array:
    """Return the weights of samples that were chosen from the frame, 0 of all others."""
    weights = np.zeros_like(all_weights, subok=False)
    weights[frame] = all_weights[frame] * chosen
    return weights
