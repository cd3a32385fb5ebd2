"""How strong a prior on differences shall be: the evidence that noise and first estimate give.

A prior of degree p (its cost U(a f) is a^p U(f)) beside |h * f - g|^2 / 2 takes the strength at which

    p strength U(w) = FACTOR gamma N s^2,    w the Wiener estimate, s^2 the noise.

What the picture pays is then the noise of as many samples as the data determine. Their share gamma is the mean over all
frequencies of what the Wiener filter keeps, |H|^2 / (|H|^2 + S_noise / S_signal): near 1 for a weak blur and little
noise, a few percent for a strong one.

The residual knows as much, |h * f - g|^2 = (1 - gamma) N s^2 at the best strength, but where gamma is small it hardly
changes with the strength. Measured on 108 true crops (six pictures, six PSFs, BSNR 20 to 40 dB), each rule with its
best constant, mean and worst loss of isotropic total variation to its best strength: 0.02 and 0.2 dB by the rule above;
0.05 and 0.4 dB with U of the picture that it leads to in the place of U(w), and noise all over the picture when that of
the data is underrated by a fifth; 0.14 and 1.1 dB by the residual (1 - 1.13 gamma) N s^2; 0.4 and 1.8 dB by a fixed
share of N s^2, such as the textbook's whole.

Reference: D. J. C. MacKay, Bayesian interpolation, Neural Comput. 4, 1992, section 4 (2 strength U = gamma s^2 at the
minimum for quadratic U: the evidence for a strength).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from restore.checks import Array
from restore.observation.observation import Observation
from restore.operators.fourier import Gain, column_blocks, filtered, frequencies, multiplicity
from restore.parameter_choice.fitted_filter import fitted_filter, fitted_gain

#: One for all: total variation, isotropic and anisotropic, asks for 1.6 (1.4 to 2 lose 0.03 to 0.05 dB on average),
#: sums of the powers 0.5, 0.65, 0.8 and 1 of differences for 1.8 to 2.1.
FACTOR = 1.8
#: Least mean slope that the rule believes, relative to the picture's range: a flat picture would ask for any strength.
LEAST_SLOPE = 1e-4
#: Share of the frequencies from which on the wrong part of completed data is no denser than white noise. Pictures
#: without noise gain up to 3.5 dB by it under wide blurs and lose 0.05 at most; by 0.3 up to 3.8 and 0.17.
DENSE = 0.15
#: Share of what a sharper filter would see wrong with them that counts here: priors see less. On six pictures under six
#: blurs without noise, 0, 0.2 and 0.5 of it change the default by -0.2, +1.4 and +1.4 dB, by -4.4, -0.5 and -0.6 at
#: worst, and beside a noise of 1e-4 by +0.2 all, by -0.9, -0.5 and -0.4 at worst.
SEEN = 0.2
#: Columns of a spectrum that are looked at: of more, some.
LOOKED_AT = 512
#: What is wrong outside of the frame, in variances of the noise, beyond which a linear filter goes astray with it:
#: under motions and hardly any noise it is 15 to 1000, under a thousandth of noise and more 0.5 at most.
ASTRAY = 8.0


def evidence_strength(determined_var: float, cost: float, degree: float = 1.0) -> float:
    """Return the strength of a prior of a degree whose cost per sample is U(w) / N; `determined_var` is gamma s^2."""
    return FACTOR * determined_var / (degree * cost)


def harmonic_mean(strengths: Sequence[float]) -> float:
    """Return the strength of a whole by those of its parts: what the prior costs adds up, and is in the denominator."""
    return float(1 / np.mean(1 / np.maximum(strengths, np.finfo(float).tiny)))


def wiener_of_a_point(observation: Observation, _: object) -> Array:
    """Return what the Wiener filter of an observation makes of its data, a point: how far it reaches."""
    return filtered(observation.data, len(observation.grid), fitted_gain(observation))


@dataclass(frozen=True, eq=False)
class LinearEstimate:
    """The Wiener estimate w of an observation, and what its filter expects of itself.

    All of it is computed when it is asked for.
    """

    observation: Observation

    @cached_property
    def gain(self) -> Gain:
        """Return the gain of the filter."""
        return fitted_gain(self.observation)

    def gain_beside(self, louder: float) -> Gain:
        """Return the gain of the filter for noise that is so many times louder than the one that was found."""
        return self.gain if louder == 1 else fitted_filter(self.observation, louder)[0]

    @cached_property
    def planes(self) -> list[Array]:
        """Return the channels of w on the whole grid."""
        estimate = filtered(self.observation.data, len(self.observation.grid), self.gain)
        if estimate.shape[-1] == 1:
            return [estimate[..., 0]]  # which has room for its spectrum
        return [np.ascontiguousarray(estimate[..., c]) for c in range(estimate.shape[-1])]

    @cached_property
    def kept_share(self) -> float:
        """Return gamma, the mean of the shares |H|^2 / (|H|^2 + S_noise / S_signal) that the filter keeps."""
        return self._mean(lambda share, *_: share, noise=lambda _: 0.0)

    @cached_property
    def determined_var(self) -> float:
        """Return gamma s^2, of coloured noise the mean of what each frequency keeps of its own."""
        if self.observation.fit.is_white:
            return self.kept_share * self.noise_var
        return self._mean(lambda share, _, noise: share * noise, noise=self._noise_power)

    @cached_property
    def noise_var(self) -> float:
        """Return s^2 as the frequencies hold it that the filter keeps, what is unsettled included."""
        if self.observation.fit.is_white:
            return self.observation.fit.noise_var + self.unsettled_var
        return self.determined_var / self.kept_share

    @cached_property
    def unsettled_var(self) -> float:
        """Return the variance to count as noise beside the fitted one, white noise as dense as it is where it lies.

        What is still wrong with completed data lies at the frequencies that the blur lets pass. The fewer those are,
        the denser it lies there.
        """
        observation = self.observation
        if observation.least_weight == 0:
            return observation.unsettled_var
        others = observation.extra_noise_var + observation.misfit_var
        wrong = (1 - SEEN) * observation.unsettled_var + SEEN * observation.most_unsettled_var - others
        return others + wrong * max(1.0, DENSE / self.kept_share)

    @cached_property
    def is_astray(self) -> bool:
        """Return whether what lies outside of the frame errs by so much more than the noise that the filter does."""
        return self.observation.missed_var > ASTRAY * self.observation.fit.noise_var

    def error_var(self, factor: float = 1.0) -> float:
        """Return the mean square error that the filter expects, mean N / (|H|^2 + N / S), its mean being known.

        `factor` is how much stronger the noise is than the one that was found.
        """

        def error(share: Array, otf_power: Array, noise: Array | float) -> Array:
            denominator = otf_power * (share + (1 - share) * factor)
            return np.divide(factor * share * noise, denominator, out=np.zeros_like(share), where=denominator > 0)

        return self._mean(error, noise=self._noise_power, mean_is_known=True)

    def _noise_power(self, axes: Sequence[Array]) -> Array | float:
        return self.observation.fit.noise_power(axes) + self.unsettled_var

    def _mean(
        self,
        values: Callable[[Array, Array, Array | float], Array],
        *,
        noise: Callable[[Sequence[Array]], Array | float],
        mean_is_known: bool = False,
    ) -> float:
        """Return the mean over all frequencies of what is made of the share that is kept, of |H|^2 and of the noise.

        Of a large grid it is that of some columns.
        """
        otf, grid, sums = self.observation.otf, self.observation.grid, np.zeros(2)
        *others, last = frequencies(grid)
        spectrum = np.broadcast_to(np.complex128(), (*grid[:-1], grid[-1] // 2 + 1))
        for columns in column_blocks(spectrum, len(grid), one_in=max(1, spectrum.shape[-1] // LOOKED_AT)):
            h, number = otf(columns), multiplicity(grid)[columns]
            share = np.real(self.gain(columns) * h).astype(np.float64)
            costs = values(share, np.abs(h).astype(np.float64) ** 2, noise([*others, last[..., columns]]))
            if mean_is_known and columns.start == 0:
                costs[(0,) * len(grid)] = 0
            sums += float((costs * number).sum()), float(number.sum() * np.prod(grid[:-1]))
        return float(sums[0] / sums[1])
