"""What is left over after a restoration, and whether the picture looks blurred by the PSF that was used."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from restore.checks import Array
from restore.diagnosis.psf_misfit import misfits, visible_noise
from restore.diagnosis.residual import root_mean_square, whiteness
from restore.diagnosis.undershoot import undershoot
from restore.diagnosis.unevenness import unevenness
from restore.observation.boundary import valid_frame
from restore.observation.observation import Observation
from restore.operators.fourier import Gain
from restore.operators.some_lines import some_lines
from restore.operators.unit import Unit
from restore.psf.resampling import is_elongated, scaled, stretched, turned
from restore.spectrum.observed_spectrum import through_window

#: Factors on the size of the PSF, and turns in degrees, that it is compared with.
SIZES = (1 / 1.6, 1 / 1.45, 1 / 1.3, 1 / 1.2, 1 / 1.1, 1.1, 1.2, 1.3, 1.45, 1.6)
TURNS = (-12.0, -5.0, 5.0, 12.0)
#: How much less a neighbour's misfit must be to speak against the PSF, under white and under coloured noise; and that
#: of a turned one under coloured noise, where a picture's own horizontals pass for those of a motion.
MARGIN, MARGIN_COLOURED, MARGIN_TURNED = 10.0, 12.0, 60.0
#: The same where what is left over is as uneven as this, and so no noise.
UNEVEN, MARGIN_UNEVEN = 0.025, 2.0
#: The comparison looks at one in so many bins of the spectrum that a fit sees, and finds the same.
ONE_IN = 3
#: Power below which a spectrum is not compared, in units of the noise that it does not show: JPEG empties more of it
#: than its rounding explains.
FLOOR = 4.0
#: And relative to the variance of the picture: below, a spectrum shows what leaks through its window.
LEAKAGE = 3e-5
#: Shortest edge of a picture whose spectrum is worth comparing.
LEAST = 32
#: Samples of the residual, and frequencies of the spectra, that are kept along an axis.
MIDDLE, COARSE = 512, 128


@dataclass(frozen=True, eq=False)
class Diagnosis:
    """What the residual r = g - h * f and the picture's spectrum say about a restoration.

    Attributes
    ----------
    residual_sigma : float
        Root mean square of r where the frame determines it, image units. About the noise, or less, where the
        restoration explains the picture; more says that it smooths too much, or that no f does.
    whiteness : float
        Flatness of r's power over the frequencies: geometric over arithmetic mean, 1 for white noise. Filters give up
        the frequencies that the blur takes away and keep the others, so that less than 1 is usual; compare it between
        strengths and PSFs.
    residual : array
        r around the middle of the frame, at most 512 samples along an axis, channels last.
    residual_spectrum : array
        Its power per frequency, a half spectrum through a Hann window; the mean over channels and, of a large picture,
        over tiles.
    transfer : array
        |H|, a half spectrum of at most 128 rows and 65 columns.
    gain : array
        |F / G| of a linear filter at the same frequencies; empty for other methods.
    undershoot : float
        Share of the restored samples that are darker than the darkest observed one, and than 0, by more than a
        twentieth of the restored range and three standard deviations of the noise. More than a few thousandths speak
        against PSF or strength.
    psf_looks : {"consistent", "too wide", "too narrow", "turned", "untested"}
        Whether the picture's spectrum is far likelier under the PSF at another size or angle; pictures of two axes with
        32 samples or more.
    misfits : mapping of str to float
        For each size ("x 0.62"; 0 is no blur) and angle ("+5 deg") tried, 1000 times the loss of mean log-likelihood
        against the PSF in use: below -10 speaks against it; where the noise is coloured, below -12,
        and of an angle below -60.
    unevenness : float
        What is left over, relative to the picture, as far as flat places hold less of it than noise would leave there:
        from 0.025 on a misfit of -2 speaks against the PSF, from 0.07 on it does so alone.
    banding : float
        Noise that rows, or columns, share and that was kept, relative to that of single samples (standard deviations);
        0 where unseen. Of 0.8 and more it is taken for detail, and may be all that is seen of the result.
    """

    residual_sigma: float
    whiteness: float
    residual: Array
    residual_spectrum: Array
    transfer: Array
    gain: Array
    undershoot: float = 0.0
    psf_looks: str = "untested"
    misfits: Mapping[str, float] = field(default_factory=dict)
    unevenness: float = 0.0
    banding: float = 0.0

    def outside(self, unit: Unit) -> Diagnosis:
        """Return the same in the unit of the picture as it was given."""
        return replace(
            self,
            residual_sigma=unit.outside(self.residual_sigma),
            residual=unit.outside(self.residual),
            residual_spectrum=unit.outside(self.residual_spectrum, 2),
        )


def diagnose(
    observation: Observation,
    image: Array,
    rest: Array,
    gain: Gain | None = None,
    banding: float = 0.0,
    *,
    is_compared: bool = True,
) -> Diagnosis:
    """Judge a restored picture, which has the layout of the observed one, by its residual.

    `gain` if it is that of a linear filter, `banding` the strength of noise that rows share and that was kept. A PSF
    that changes over the picture is not compared with others.
    """
    psf = observation.psf
    spectrum = through_window(rest, psf.ndim)
    hidden = hidden_inside(observation)
    looks, gains = psf_among_neighbours(observation) if is_compared else ("untested", {})
    uneven = unevenness(inside(observation), rest, hidden) if psf.ndim == 2 else 0.0
    return Diagnosis(
        residual_sigma=root_mean_square(rest, hidden),
        whiteness=whiteness(spectrum),
        residual=_middle(rest, psf.ndim),
        residual_spectrum=spectrum.power,
        transfer=_sampled(observation.otf, observation.grid),
        gain=np.empty((0,) * psf.ndim) if gain is None else _sampled(gain, observation.grid),
        undershoot=undershoot(observation, image),
        psf_looks=looks_beside_edges(looks, gains, uneven),
        misfits=gains,
        unevenness=uneven,
        banding=banding,
    )


def psf_among_neighbours(observation: Observation) -> tuple[str, dict[str, float]]:
    """Return how the PSF looks, "untested" where that cannot be told, and how much worse each neighbour explains."""
    completed = observation.completed
    return _compared(completed) if _is_testable(completed) else ("untested", {})


def hidden_inside(observation: Observation) -> Array | None:
    """Return where a residual stands on a masked sample."""
    if observation.mask is None:
        return None
    return observation.mask[valid_frame(observation.image_shape, observation.psf.shape)] > 0


def inside(observation: Observation) -> Array:
    """Return the samples that a residual is left of."""
    return np.asarray(observation.picture[valid_frame(observation.image_shape, observation.psf.shape)])


def _is_testable(observation: Observation) -> bool:
    return observation.psf.ndim == 2 and min(observation.image_shape) >= LEAST and observation.psf.size > 1


def _middle(left: Array, ndim: int) -> Array:
    starts = [max(0, (n - MIDDLE) // 2) for n in left.shape[:ndim]]
    return left[tuple(slice(s, s + MIDDLE) for s in starts)].copy()


def _sampled(gain: Gain, grid: tuple[int, ...]) -> Array:
    """Return magnitudes on a coarser half spectrum."""
    coarse = tuple(slice(None, None, -(-n // COARSE)) for n in grid[:-1])
    columns = range(0, grid[-1] // 2 + 1, -(-grid[-1] // COARSE))
    return np.concatenate([np.abs(gain(slice(c, c + 1)))[coarse] for c in columns], axis=-1)


def _compared(observation: Observation) -> tuple[str, dict[str, float]]:
    """Return how the PSF looks among its neighbours, and by how much each of them explains the spectrum worse."""
    psf = observation.psf
    resized = stretched if is_elongated(psf) else scaled
    neighbours = {f"x {factor:.2f}": resized(psf, factor) for factor in SIZES}
    if is_elongated(psf):
        neighbours |= {f"{degrees:+g} deg": turned(psf, degrees) for degrees in TURNS}
    neighbours["x 0.00"] = np.ones((1, 1))  # a PSF that does not suit at all may lose to no blur
    noise_var = visible_noise(observation.picture, observation.noise_level)
    leakage = LEAKAGE * float(np.var(some_lines(observation.picture)))
    floor = max(FLOOR * observation.extra_noise_var, leakage - noise_var)
    noise = None if observation.coloured is None else observation.coloured.noise
    first, *others = misfits(
        observation.spectrum,
        noise_var,
        [psf, *neighbours.values()],
        extra_noise_var=max(floor, 0.0),
        noise=noise,
        one_in=ONE_IN,
    )
    gains = {name: misfit - first for name, misfit in zip(neighbours, others, strict=True)}
    neighbour, gain = _best(gains)
    is_turned = neighbour.endswith("deg")
    margin = MARGIN if noise is None else MARGIN_TURNED if is_turned else MARGIN_COLOURED
    return _looks(neighbour, gain, margin), gains


def looks_beside_edges(looks: str, gains: Mapping[str, float], unevenness: float) -> str:
    """Return how the PSF looks where edges may be left over, which no PSF that is too narrow leaves."""
    if looks != "consistent" or unevenness <= UNEVEN:
        return looks
    looks = _looks(*_best(gains), MARGIN_UNEVEN)
    return looks if looks != "too narrow" else "consistent"


def _best(gains: Mapping[str, float]) -> tuple[str, float]:
    """Return the neighbour that explains the spectrum best, and how much worse it does so than the PSF."""
    return min(gains.items(), key=lambda gain: gain[1])


def _looks(neighbour: str, gain: float, margin: float) -> str:
    """Return what the best neighbour says of the PSF, which it must explain the spectrum better than by a margin."""
    if gain > -margin:
        return "consistent"
    if neighbour.endswith("deg"):
        return "turned"
    return "too wide" if float(neighbour.split()[1]) < 1 else "too narrow"
