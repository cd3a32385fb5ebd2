"""Was light blurred, or the codes that a file stores? What a PSF leaves unexplained of both tells.

Blur adds light. A program that blurs a picture often adds the codes of its file instead, which are light under a tone
curve T. Taken for the wrong one of both, a blurred edge is no blurred edge, and a restoration in that scale shows it:

    L = log(E[r(light)] / E[T(codes) - T(prediction of codes)])    the energy left where the blur is dark,
    K = log(tails left of the light / tails left of the codes)     their weight: edges are rare and large,
    N = log(darkness of the restored light / of the restored codes)    mean squares below no light at all,
    D = log(tails left of the codes where the blur is dark)        0 of noise and less, more of edges,

r being what the blurred restoration leaves of a scale. L' + 0.6 (K + N) - 2 D - 0.1 speaks for the codes, where L' is L
on a scale between linear and logarithmic, since it is small in noise. A camera's noise, even in its codes, has tails in
light, which K takes for edges; D looks at the codes alone.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy import fft, ndimage

from restore.blur_identification.texture_window import textured_part
from restore.checks import Array
from restore.degradation import blur
from restore.diagnosis.diagnosis import psf_among_neighbours
from restore.methods.linear.constrained_least_squares import ConstrainedLeastSquaresSettings, solve
from restore.observation.observation import Observation, observe
from restore.operators.otf import OTF
from restore.operators.penalty import roughness

#: Least edge of what is left of the plane between two widths of the PSF.
LEAST = 100
#: The smallest share of a picture, beside what is clipped, that tells.
ENOUGH = 0.05
#: The weights of L', K, N and D, and the number that they have to reach: rounded from a logistic regression on 318
#: simulated pictures and 184 files of simulated cameras, which blur light.
WEIGHTS, NEEDED = (1.0, 0.6, 0.6, -2.0), 0.1
#: In coloured noise, whose tails mislead most, less than this of L' is for light whatever the others say.
AGAINST = -0.1
#: K and N count up to here.
MOST = 4.0
#: So near to what is needed one is only the likelier of both.
CLOSE = 0.8
#: Dark waves: the share that a restoration gives up of each, to this power.
DARK = 8
#: Below these, L, and the darkness in squares of the range, are small.
SMALL, LITTLE = 0.01, 1e-6


@dataclass(frozen=True)
class Votes:
    """What speaks for the codes, above 0, or for light; 0 where light is kept to against what else speaks for codes."""

    number: float

    @property
    def are_for_codes(self) -> bool:
        """Return whether the codes were blurred."""
        return self.number > 0

    @property
    def are_close(self) -> bool:
        """Return whether there is hardly more for one than for the other."""
        return abs(self.number) < CLOSE

    @property
    def are_doubtful(self) -> bool:
        """Return whether light is only the likelier of both."""
        return -CLOSE < self.number < 0


@dataclass(frozen=True, eq=False)
class _Restored:
    """A restoration in one scale, far from the border."""

    image: Array
    prediction: Array
    residual: Array
    strength: float


def votes_for_codes(codes: Array, decode: Callable[[Array], Array], psf: Array) -> Votes:
    """Return what speaks for a blur of the codes, two axes or channels last, 0..1, that `decode` turns to light.

    Of channels the middle one is asked, the green one that has least noise, and where it is close the mean of all. A
    PSF that leaves little room tells nothing, and one that is too wide for the picture speaks for light.
    """
    if codes.ndim == psf.ndim:
        return _of_plane(codes, decode, psf)
    channels = np.moveaxis(codes, -1, 0)
    middle = len(channels) // 2
    votes = _of_plane(channels[middle], decode, psf)
    if not votes.are_close:
        return votes
    others = (_of_plane(plane, decode, psf).number for plane in np.delete(channels, middle, axis=0))
    return Votes(float(np.mean([votes.number, *others])))


def _of_plane(codes: Array, decode: Callable[[Array], Array], psf: Array) -> Votes:
    codes = codes[textured_part(codes)]
    if min(n - 2 * k for n, k in zip(codes.shape, psf.shape, strict=True)) < max(LEAST, *psf.shape):
        return Votes(-np.inf)
    light = decode(codes)
    observed = observe(codes[..., None], psf, "unknown", -1)
    of_codes, of_light = _restored(codes, observed), _restored(light, observe(light[..., None], psf, "unknown", -1))
    inside = tuple(slice(k // 2, n - k // 2) for n, k in zip(codes.shape, psf.shape, strict=True))
    shown = _unclipped(codes, psf.shape)[inside]
    dark = _dark_waves(shown.shape, psf, np.sqrt(of_codes.strength * of_light.strength))
    window = np.outer(*map(_tukey, shown.shape)) * shown
    in_light = light[inside] - decode(np.clip(of_codes.prediction, 0, 1))
    energy, energy_of_codes = (
        float(np.sum(np.abs(fft.rfft2(window * left) * dark) ** 2)) for left in (of_light.residual, in_light)
    )
    ratio = np.log(max(energy, 1e-300) / max(energy_of_codes, 1e-300))
    darkness, darkness_of_codes = (float(np.mean(np.minimum(one.image, 0) ** 2)) for one in (of_light, of_codes))
    tails, tails_of_codes = (_tails(one.residual[shown]) for one in (of_light, of_codes))
    in_the_dark = fft.irfft2(fft.rfft2(of_codes.residual) * dark, s=shown.shape)[shown]
    signs = (
        float(np.sign(ratio) * np.log1p(abs(ratio) / SMALL)),
        float(np.clip(np.log(tails / tails_of_codes), -MOST, MOST)),
        float(np.clip(np.log((darkness + LITTLE) / (darkness_of_codes + LITTLE)), -MOST, MOST)),
        max(float(np.log(_tails(in_the_dark))), 0.0),
    )
    number = float(np.dot(WEIGHTS, signs)) - NEEDED
    if observed.coloured is not None and signs[0] < AGAINST:
        number = min(number, 0.0)
    if number > 0 and psf_among_neighbours(observed)[0] == "too wide":
        number = 0.0  # such a PSF leaves most unexplained where the range is widest, in light
    return Votes(number)


def _restored(plane: Array, observation: Observation) -> _Restored:
    """Restore a plane by constrained least squares, and blur it again."""
    outcome, psf = solve(observation, ConstrainedLeastSquaresSettings()), observation.psf
    image = observation.unit.outside(outcome.image[..., 0])
    prediction = blur(image, psf, boundary="valid")
    inside = tuple(slice(k // 2, n - k // 2) for n, k in zip(plane.shape, psf.shape, strict=True))
    return _Restored(image[inside], prediction, plane[inside] - prediction, float(outcome.strength))


def _unclipped(codes: Array, size: tuple[int, ...]) -> Array:
    """Return the places farther from clipped samples than the blur reaches, all where there are few."""
    near = ndimage.maximum_filter((codes <= 0) | (codes >= 1), [2 * (k // 2) + 1 for k in size])
    return ~near if (~near).mean() >= ENOUGH else np.ones_like(near)


def _dark_waves(shape: tuple[int, ...], psf: Array, strength: float) -> Array:
    """Return (lambda |D|^2 / (|H|^2 + lambda |D|^2))^DARK on the half spectrum of a shape."""
    power = np.abs(OTF(psf, shape, np.dtype(np.float64)).full()) ** 2
    penalty = strength * roughness("gradient", shape, np.float64)(slice(None))
    return np.asarray((penalty / np.maximum(power + penalty, 1e-300)) ** DARK)


def _tukey(length: int) -> Array:
    """Return 1 inside, and a half wave of a cosine down to 0 along a tenth of the length at either end."""
    # Importing scipy.signal, and scipy.stats with it, takes as long as restoring a small picture.
    place = np.arange(length) / (length - 1)
    return 0.5 - 0.5 * np.cos(np.pi * np.minimum(10 * np.minimum(place, place[::-1]), 1))


def _tails(residual: Array) -> float:
    """Return the kurtosis less 2, 1 of Gaussian noise."""
    mean, squares = residual.mean(), (residual - residual.mean()) ** 2
    variance = squares.mean()
    if variance <= (np.finfo(residual.dtype).eps * mean) ** 2:  # nothing but rounding is left
        return np.nan
    return max(float(np.mean(squares**2) / variance**2) - 3, -0.9) + 1
