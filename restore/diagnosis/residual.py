"""The residual r = g - h * f of a restoration, where neither the outside nor a masked sample enters."""

from __future__ import annotations

import numpy as np

from restore.checks import Array, channels_last
from restore.observation.boundary import valid_frame
from restore.observation.observation import Observation
from restore.operators.differences import slabs
from restore.operators.fourier import Gain, filtered, frequencies
from restore.operators.otf import OTF
from restore.spectrum.observed_spectrum import ObservedSpectrum

#: Rings of frequencies, of equally many bins, that whiteness is judged by, and the fewest bins of one.
RINGS, FEWEST = 16, 24


def residual(observed: Array, restored: Array, psf: Array, blurred: Array | None = None) -> Array:
    """Return r for pictures with channels last, without the rim that depends on the outside.

    `blurred` is what the restored one becomes, where not by this PSF alone.
    """
    inside = valid_frame(observed.shape[:-1], psf.shape)
    if blurred is not None:
        return np.asarray(observed[inside] - blurred[inside])
    predicted = filtered(restored, psf.ndim, OTF(psf, observed.shape[:-1], observed.dtype), frame=inside)
    return np.subtract(observed[inside], predicted, out=predicted)


def residual_of_restoration(
    observation: Observation, image: Array, gain: Gain | None = None, explained: Array | None = None
) -> Array:
    """Return r of an image, laid out like the picture, or of the filter that made it, or what was `explained` by it."""
    if gain is not None:
        return residual_of_filter(observation, gain)
    restored = channels_last(image, observation.channel_axis)
    return residual(observation.completed.picture, restored, observation.psf, explained)


def residual_of_filter(observation: Observation, gain: Gain) -> Array:
    """Return r of what a linear filter makes of the data on their grid, without making that."""
    picture, otf = observation.completed.picture, observation.otf
    inside = valid_frame(observation.image_shape, observation.psf.shape)
    on_grid = tuple(slice(i.start + f.start, i.stop + f.start) for i, f in zip(inside, observation.frame, strict=True))
    predicted = filtered(observation.data, otf.ndim, lambda columns: otf(columns) * gain(columns), frame=on_grid)
    return np.subtract(picture[inside], predicted, out=predicted)


def root_mean_square(residual: Array, hidden: Array | None) -> float:
    """Return the root mean square of a residual over the samples not hidden; nan of none."""
    energy, count = 0.0, residual.size if hidden is None else int(np.count_nonzero(~hidden))
    for rows in slabs(residual):
        squares = np.square(residual[rows], dtype=np.float64)
        energy += float(squares.sum() if hidden is None else squares[~hidden[rows]].sum())
    return float(np.sqrt(energy / count)) if count else float("nan")


def whiteness(spectrum: ObservedSpectrum) -> float:
    """Return the geometric over the arithmetic mean of a residual's power in rings of frequencies: 1 for white noise.

    Rings hold enough bins for chance to average out, so that white noise really comes out near 1; nan of nothing.
    """
    used = spectrum.weights > 0
    radius = np.broadcast_to(np.asarray(sum(w**2 for w in frequencies(spectrum.shape))), used.shape)[used]
    rings = np.array_split(np.argsort(radius, kind="stable"), max(1, min(RINGS, radius.size // FEWEST)))
    power = np.array([spectrum.power[used][ring].mean() if ring.size else 0 for ring in rings])
    return float(np.exp(np.mean(np.log(np.maximum(power, 1e-300)))) / power.mean()) if power.any() else float("nan")
