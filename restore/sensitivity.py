"""How much hangs on the PSF: restorations with its neighbours, and scores that tell the better one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from restore.checks import (
    Array,
    InvalidValue,
    as_finite,
    as_image,
    as_kernel,
    as_positive,
    as_psf,
    channels_last,
    one_of,
)
from restore.deconvolution import deconvolve
from restore.diagnosis.psf_misfit import misfits, visible_noise
from restore.diagnosis.residual import residual, root_mean_square
from restore.methods.restoration import Restoration
from restore.noise.white import noise_level
from restore.observation.boundary import valid_frame
from restore.observation.dead_areas import dead_areas
from restore.observation.masks import with_dead, without_hidden, without_masked
from restore.observation.observation import observe
from restore.operators.fourier import frequencies, frequency_mean
from restore.operators.progress import Stages
from restore.operators.unit import Unit
from restore.psf.family import FAMILIES
from restore.psf.resampling import scaled
from restore.spectrum.observed_spectrum import through_window


@dataclass(frozen=True, eq=False)
class PSFTrial:
    """One of the PSFs that `psf_sensitivity` tried.

    Attributes
    ----------
    psf : float64 array
    restoration : Restoration
        What `deconvolve` makes of the picture with it.
    misfit : float
        1000 (J - the smallest J of all trials) with J the mean of log v + I / v over the frequencies: 0 for the PSF
        that explains the picture's spectrum best. The score to rank by.
    residual : float
        Root mean square of h * f - g where the frame knows it, in units of the noise: 1 or less where the restoration
        explains the picture, above where it cannot. It tells a PSF that is too large, not one that is too small.
    """

    psf: Array
    restoration: Restoration
    misfit: float
    residual: float


def psf_sensitivity(
    image: ArrayLike,
    psfs: Sequence[ArrayLike],
    *,
    mask: ArrayLike | None = None,
    channel_axis: int | None = None,
    **settings: Any,
) -> list[PSFTrial]:
    """Restore with each PSF h and score it by J(h) = min over S, s^2 of mean(log v + I / v), v = |H|^2 S + s^2.

    I is the periodogram of the picture, S the power law of natural pictures and s^2 the noise; where that is coloured
    its spectrum is divided by. J says how unlikely the picture is as a sharp one blurred by h.

    Parameters
    ----------
    image : (H, W) float array, or with channels on `channel_axis`
        Observed picture, any unit.
    psfs : sequence of arrays
        PSFs to compare, for example the values of `psf_variants`.
    mask, channel_axis
        As in `deconvolve`.
    **settings
        Further arguments of `deconvolve`: its method and whatever belongs to it. A strength that is left out is chosen
        for each PSF anew.

    Returns
    -------
    trials : list of PSFTrial, in the order of `psfs`

    Raises
    ------
    TypeError, ValueError
        As `deconvolve`; no PSF at all.

    Notes
    -----
    Costs a restoration and a fit per PSF. On twelve crops of six photographs under two gaussians, two disks and two
    motions at 25 and 40 dB, each tried at +-10 % of the size and +-3 degrees, the misfit was smallest at the right PSF
    for all of the disks, 98 % of the motions, and 44 % of the gaussians (33 % is chance): a spectrum that falls without
    zeros may as well be the picture's own, and only the restorations can tell. Trust a misfit 2 or more below the
    others (96 % right), and take less for a tie.

    On six of the crops the residual was smallest at the right PSF in 57 %, its whiteness best in 51 %: a PSF that is
    too small leaves nothing to see there.

    The score knows photographs. For drawings, stars and regular patterns, look at the restorations.

    References
    ----------
    P. Whittle, Estimation and information in stationary time series, Ark. Mat. 2, 1953; A. Levin, Y. Weiss, F. Durand
    and W. T. Freeman, Understanding and evaluating blind deconvolution algorithms, CVPR 2009.

    Examples
    --------
    >>> from restore import degrade, psf, psf_sensitivity
    >>> from skimage.data import camera
    >>> blurred = degrade(camera()[100:356, 100:356] / 255, psf.disk(4.0), noise_sigma=0.005, rng=0)
    >>> trials = psf_sensitivity(blurred, [psf.disk(radius) for radius in (3.6, 4.0, 4.4)])
    >>> [trial.misfit == 0 for trial in trials]
    [False, True, False]
    """
    if len(psfs) == 0:
        raise InvalidValue("psfs must hold at least one PSF, got none")
    filled, hidden = (image, None) if mask is None else without_masked(image, mask, channel_axis)
    picture = as_image(filled, channel_axis=channel_axis)
    picture = picture[..., None] if channel_axis is None else picture
    kernels = [as_psf(h, picture.shape[:-1]) for h in psfs]
    unit = Unit.of(picture)
    picture = unit.inside(picture)
    stages = Stages(dict.fromkeys(("areas", "scores", *range(len(kernels))), 1.0))
    with stages.stage("areas"):
        hidden = with_dead(hidden, dead_areas(picture, kernels[0], hidden), picture.shape)
    picture = picture if hidden is None else without_hidden(picture, hidden)
    with stages.stage("scores"):
        scores, noise_var = _scores(picture, kernels, hidden)
    trials = []
    for number, (kernel, score) in enumerate(zip(kernels, scores, strict=True)):
        with stages.stage(number):
            restoration = deconvolve(image, kernel, mask=mask, channel_axis=channel_axis, **settings)
        restored = channels_last(restoration.image, channel_axis)
        left = residual(picture, unit.inside(restored), kernel)
        unseen = None if hidden is None else hidden[valid_frame(picture.shape[:-1], kernel.shape)]
        sigmas = root_mean_square(left, unseen) / float(np.sqrt(noise_var))
        trials.append(PSFTrial(psf=kernel, restoration=restoration, misfit=score - min(scores), residual=sigmas))
    return trials


def _scores(picture: Array, kernels: Sequence[Array], hidden: Array | None) -> tuple[list[float], float]:
    """Return the misfits and the variance of the noise: coloured if it looks so under the likeliest PSF, for all."""
    spectrum, noise_var = (
        through_window(picture, picture.ndim - 1),
        visible_noise(picture, noise_level(picture, hidden)),
    )
    scores = misfits(spectrum, noise_var, kernels)
    likeliest = kernels[int(np.argmin(scores))]
    observation = observe(picture, likeliest, "unknown", channel_axis=-1, mask=hidden, completed=hidden is not None)
    coloured = observation.completed.coloured
    if coloured is None:
        return scores, noise_var
    mean = frequency_mean(coloured.noise.power(frequencies(spectrum.shape)), spectrum.shape)
    return misfits(spectrum, mean, kernels, noise=coloured.noise), mean


def psf_variants(
    psf: ArrayLike,
    *,
    family: str | None = None,
    parameters: Mapping[str, float] | None = None,
    size_step: float = 0.1,
    angle_step: float = 3.0,
) -> dict[str, Array]:
    """Return a PSF and its neighbours: h((1 -+ size_step)^-1 x), and for a family with an angle that +- angle_step.

    Parameters
    ----------
    psf : 2-D array
        The PSF in use.
    family : str, optional
        Family of `restore.psf` that made it; None scales the array itself.
    parameters : mapping of str to float, optional
        The family's parameters.
    size_step : float, > 0 and < 1
        Relative change of the size. A larger value makes the differences easier to see.
    angle_step : float, > 0
        Change of the angle in degrees.

    Returns
    -------
    variants : dict
        "size -10 %", "in use", "size +10 %", and for a family with an angle, such as motion, "angle -3 deg" and
        "angle +3 deg"; "in use" is `psf`.

    Raises
    ------
    TypeError
        An argument is of the wrong kind.
    ValueError
        `psf` is not 2-D or has no positive sum, `family` is unknown, its size is not among `parameters`, or a step is
        out of range.

    See Also
    --------
    psf_sensitivity : restore with all of them.

    Notes
    -----
    An array is interpolated linearly and averaged over the pixel.

    References
    ----------
    The scaling theorem of the Fourier transform: J. W. Goodman, Introduction to Fourier Optics, 3rd ed., 2005, section
    2.1.3.

    Examples
    --------
    >>> from restore import psf, psf_variants
    >>> found = psf_variants(psf.motion(10, 30), family="motion", parameters={"length": 10, "angle": 30})
    >>> list(found)
    ['size -10 %', 'in use', 'size +10 %', 'angle -3 deg', 'angle +3 deg']
    >>> bool((found["size +10 %"] == psf.motion(11, 30)).all())
    True
    """
    array = as_kernel(psf, "psf", np.shape(psf))
    if array.ndim != 2 or not array.sum() > 0:
        raise InvalidValue(f"psf must be 2-D with a positive sum, got shape {array.shape}, sum {array.sum():.6g}")
    step, turn = as_positive(size_step, "size_step"), as_positive(angle_step, "angle_step")
    if step >= 1:
        raise InvalidValue(f"size_step must be > 0 and < 1, got {size_step}")
    values = {name: as_finite(value, name) for name, value in (parameters or {}).items()}
    record = None if family is None else FAMILIES[one_of(family, tuple(FAMILIES), "family")]
    if record is not None and record.size not in values:
        raise InvalidValue(f"parameters must hold {record.size!r} of family {family}, got {sorted(values)}")

    def resized(factor: float) -> Array:
        if record is None:
            return scaled(array, factor)
        return np.asarray(record.draw(**values | {record.size: factor * values[record.size]}))

    percent = f"{100 * step:g} %"
    variants = {f"size -{percent}": resized(1 - step), "in use": array, f"size +{percent}": resized(1 + step)}
    if record is not None and record.angle is not None:
        for sign, change in (("-", -turn), ("+", turn)):
            angle = values.get(record.angle, 0.0) + change
            variants[f"angle {sign}{turn:g} deg"] = np.asarray(record.draw(**values | {record.angle: angle}))
    return variants
