"""What samples say of h * f when some of them are clipped or wrong.

A sample costs (p - g)^2 / 2 for a prediction p = h * f, with three exceptions:

* a clipped one says "at least the white level" and costs nothing where the prediction lies above it;
* from a distance `delta` on the cost grows linearly (Huber), so that no sample pulls harder than that;
* in the end a sample beyond a limit is contradicted and costs nothing any more.

The second keeps the problem convex while the picture is still rough. Both distances are multiples of what the other
samples of the same brightness are off by, for photon noise and the steps of a decoded curve grow with the light.

References: P. J. Huber, Robust estimation of a location parameter, Ann. Math. Statist. 35, 1964; J. Tobin, Estimation
of relationships for limited dependent variables, Econometrica 26, 1958 (censored data); S. Cho, J. Wang and S. Lee,
Handling outliers in non-blind image deconvolution, ICCV 2011.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from restore.checks import Array
from restore.methods.differences.channels import Channel

#: Distances in standard deviations: from where on a sample pulls no harder, and is contradicted.
DELTA, LIMIT = 4.0, 4.0
#: From so many on no noise leaves it.
CERTAIN = 8.0
#: A contradicted sample is off by so many steps between codes at least, and so many variances of rounding are a step's.
STEPS, OF_A_STEP = 4.0, 12.0
#: Beside a contradicted sample, and where another channel has one, the limit is this share of the usual one.
SUSPECT = 0.6
#: Clipped samples so many across are a light and not wrong: what it shone on pulls as hard as it must.
LIGHT = 3
#: Groups of equally many samples, by brightness, whose spread is measured, and samples that are looked at.
GROUPS, LOOKED_AT = 8, 1 << 16
#: Median of |x| for a standard normal x.
NORMAL_MEDIAN = 0.6744897501960817


@dataclass(frozen=True, eq=False)
class Spread:
    """How far samples are off their prediction: standard deviations at a few brightnesses."""

    brightness: Array
    sigma: Array

    @classmethod
    def of(cls, residual: Array, predicted: Array, least: float) -> Spread:
        """Return what the medians in groups of equal brightness say; none is below `least`."""
        step = max(1, residual.size // LOOKED_AT)
        order = np.argsort(predicted[::step])
        groups = np.array_split(order, min(GROUPS, max(1, order.size // GROUPS)))
        off, light = np.abs(residual[::step]), predicted[::step]
        medians = [float(np.median(off[group])) / NORMAL_MEDIAN if group.size else 0.0 for group in groups]
        places = [float(np.median(light[group])) if group.size else 0.0 for group in groups]
        return cls(np.array(places), np.maximum(medians, least))

    def at(self, predicted: Array) -> Array:
        """Return the standard deviation at every prediction."""
        return np.interp(predicted, self.brightness, self.sigma).astype(predicted.dtype)


@dataclass(frozen=True)
class Limits:
    """What bounds the residual of one channel: white level, least spread, variance of rounding, and its tails.

    `tails` is by how much wider than a Gaussian's they are; `has_lights` is False where clipped samples are a ground.
    """

    white: float
    least: float
    rounding: float
    tails: float = 1.0
    has_lights: bool = True

    def contradicted(self, residual: Array, spread: Array, factor: float = LIMIT) -> Array:
        """Return where samples are further off than by so many standard deviations, and than codes allow."""
        steps = STEPS * float(np.sqrt(OF_A_STEP * self.rounding))
        return np.asarray(np.abs(residual) > np.maximum(factor * self.tails * spread, steps))


class DataTerm:
    """The cost of one channel's prediction on the grid, whose minimiser near a point is drawn towards the data."""

    def __init__(self, channel: Channel, limits: Limits, reach: tuple[int, ...]) -> None:
        data, ones = channel.data, np.ones_like(channel.data)
        self._data, self._limits = data, limits
        self._unknown = channel.unknown.restrict(ones.copy()) > 0
        self.clipped = (data >= limits.white) & ~self._unknown
        self._exact = ~self._unknown & ~self.clipped
        self._lights = _lights(self.clipped) if limits.has_lights else np.zeros_like(self.clipped)
        self._lit = ndimage.maximum_filter(self._lights, reach, mode="wrap") if self._lights.any() else self._lights
        self._spread = np.full_like(data, limits.least)
        self.contradicted = np.zeros(data.shape, bool)

    @property
    def has_lights(self) -> bool:
        """Return whether some of the clipped samples are lights."""
        return bool(self._lights.any())

    def measure(self, predicted: Array) -> None:
        """Settle how far samples are off what an estimate predicts."""
        if self._exact.any():
            exact = predicted[self._exact]
            self._spread = Spread.of(self._data[self._exact] - exact, exact, self._limits.least).at(predicted)

    def residual(self, predicted: Array) -> Array:
        """Return g - p; 0 where the data are unknown, or clipped and the prediction above the white level."""
        rest = self._data - predicted
        rest[self._unknown | (self.clipped & (rest < 0))] = 0
        return rest

    def contradict(self, predicted: Array, suspects: Array) -> None:
        """Settle which samples cost nothing any more; less speaks against `suspects` than must against others."""
        spread = np.where(suspects, SUSPECT * self._spread, self._spread)
        self.contradicted = self._limits.contradicted(self.residual(predicted), spread) & ~self._lights

    def is_certain(self, predicted: Array) -> bool:
        """Return whether a sample is further off than any noise."""
        return bool(self._limits.contradicted(self.residual(predicted), self._spread, CERTAIN).any())

    def pull(self, predicted: Array, coupling: float) -> Array:
        """Return p - u, u the minimiser of the cost of u plus coupling / 2 (u - p)^2."""
        rest = -self.residual(predicted)
        rest[self.contradicted] = 0
        rest /= 1 + coupling
        reach = np.where(self._lit, np.inf, DELTA / coupling * self._spread)
        return np.asarray(np.clip(rest, -reach, reach, out=rest))

    def completed(self, predicted: Array) -> Array:
        """Return the data with the prediction where they say nothing: unknown, contradicted, or clipped below it."""
        free = self._unknown | self.contradicted | (self.clipped & (predicted > self._data))
        return np.where(free, predicted, self._data)


def _lights(clipped: Array) -> Array:
    """Return the clipped samples in lights of three across or more."""
    return np.asarray(ndimage.binary_opening(clipped, np.ones((LIGHT,) * clipped.ndim)))
