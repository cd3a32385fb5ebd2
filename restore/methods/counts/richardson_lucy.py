"""Richardson-Lucy deconvolution: the likeliest light behind counted photons, stopped before it explains their noise."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import ArrayLike

from restore.checks import Array, as_count, as_psf, spatial_shape
from restore.methods.counts.detector import Detector
from restore.methods.counts.maximum_likelihood import (
    Watcher,
    coarse_psf,
    maximize_likelihood,
)
from restore.methods.counts.settings import RichardsonLucySettings, settled, shift_of, with_shift
from restore.methods.method import Method, Outcome, Strength, register
from restore.methods.tiling import Tiling
from restore.observation.boundary import UNKNOWN
from restore.observation.observation import Observation, observe
from restore.operators.fourier import filtered
from restore.operators.progress import Progress, silent
from restore.operators.unit import Unit
from restore.parameter_choice.agreement import Survey


def richardson_lucy(
    image: ArrayLike,
    psf: ArrayLike,
    *,
    iterations: int | None = None,
    gain: float | None = None,
    read_noise: float = 0.0,
    background: float | ArrayLike | str = 0.0,
    weights: ArrayLike | None = None,
    damping: float = 0.0,
    tv_weight: float = 0.0,
    acceleration: bool = True,
    subsampling: int = 1,
    start: ArrayLike | None = None,
    target: float | ArrayLike | None = None,
    callback: Watcher | None = None,
    boundary: str = "unknown",
    mask: ArrayLike | None = None,
    channel_axis: int | None = None,
) -> Array:
    """Return f after some steps f <- f H'[w (g + s) / (h * f + b + s)] / H'w towards the likeliest f >= 0.

    H' correlates with h; w are weights, b is the background and s = read_noise^2 / gain. The data are taken for counted
    photons: f stays positive, and dark places, where there is little noise, are believed more than bright ones.

    Parameters
    ----------
    image : (H, W), (H, W, C) or n-D float array
        Observed picture g, in any unit whose zero is that of the light. Not modified. What is negative after s was
        added counts as 0. Where the sky was subtracted and more than 2 % of the samples are negative, s is ten standard
        deviations of the noise that these show, so that none is; of a `background` of more than ten, ten are left.
    psf : array with the image's spatial axes, >= 0
        Impulse response h, sum 1, centre at size // 2; with `subsampling` on the finer grid.
    iterations : int, >= 1, optional
        More: sharper and noisier. None stops where samples that a second run did not see are predicted best, or, in a
        volume on voxels so large that nearly all frequencies pass, one half of the photons by the other; at 500
        iterations at the latest.
    gain : float, > 0, optional
        Image units per photo-electron, for `read_noise` and `damping`; None lets damping estimate it.
    read_noise : float, >= 0
        Standard deviation of the read-out noise, image units; needs `gain`. Larger: dark places are believed less. Say
        `gain` alone for none.
    background : float, array of the image's shape, >= 0, or "auto"
        Light in the data that did not come through h, such as the sky's, a dark current or a camera's offset. "auto"
        takes the light of the darkest places, boxes of five samples an edge, for the background of all.
    weights : array of the image's shape or of one channel, >= 0, optional
        How much a sample counts: the exposure or the flat field the data were divided by; 0 is the same as `mask`.
    damping : float, >= 0
        Standard deviations of the noise below which a difference between g and h * f is followed less and less. 2 or 3
        keep dark skies flat under bright stars; 0 is off.
    tv_weight : float, >= 0
        Charge for total variation. Larger: flatter patches between sharp edges; usual 0.002 to 0.05.
    acceleration : bool
        Step ahead along the last change: a third to a tenth of the iterations. Without, likelihood grows in every step.
    subsampling : int, >= 1
        Samples of the PSF, and of the result, per sample of the image along every axis.
    start : array like the result, >= 0, optional
        Estimate to go on from; what is 0 stays 0. None starts from a flat picture.
    target : float, >= 2, or PSF, optional
        Full width at half maximum, in samples of the result, of the Gaussian by which the result shall look seen, in
        the place of h; or a PSF of sum 1 on the samples of the result, that of another telescope, at least as wide.
        Larger: softer, less noise. None restores to points, which ring and depend on how they lie between the samples;
        a star of two samples across or more does neither. Places are those of points: h moves what its centroid is off
        its middle by (`psf.centroid_offset`).
    callback : callable, optional
        Called after every iteration with its number and the estimate so far. If it raises StopIteration, what was best
        so far is returned; any other exception passes.
    boundary : str
        What lies outside the frame; see `restore.observation.boundary`. The three unknown ones are one here.
    mask : bool array, optional
        True where samples are unknown. Shape of the image, or of one channel.
    channel_axis : int, optional
        Axis of the colour channels, which take the same number of iterations.

    Returns
    -------
    estimate : array of the image's dtype and shape, spatial axes times `subsampling`; not clipped above
        >= 0 without `target`; with it, dark ground with a background or a read-out noise varies around what it is.

    Raises
    ------
    TypeError
        The image is not float32 or float64, or the PSF not real.
    ValueError
        An argument is out of range, not finite or of the wrong shape; the PSF does not sum to 1 or is negative
        somewhere; `read_noise` without `gain`.

    See Also
    --------
    wiener : the linear filter, better on photographs with little noise, where positivity says nothing.
    estimate_poisson_gauss : gain and read noise of a picture.

    Notes
    -----
    With a `target` r the picture is r * (f + d), where h * f + b explains the data: the estimate in between is that of
    points. f >= 0 makes the sky brighter by some tenths of the standard deviation of its noise, and stars fainter:
    d = H' [w (b + s) ((g + s) / (h * f + b + s) - 1)] / H'w is what the ground leaves of the data, where light of it
    would be. It is 0 where there is neither b nor s.

    Four FFTs an iteration, eight where the data choose (sixteen for planes below 131 072 samples, of which three draws
    are foretold; six more under noise that neighbours share), and about a third more iterations than are kept. Outside
    the frame and under the mask f is found with the rest; where less than a hundredth of the light would reach the data
    it stays as it was at the start. A result used as `start` is continued by its rim outside the frame.

    On periodic data without background the sum of the light is kept. Rings around bright flat places with sharp edges,
    and makes speckles of noise when run too long.

    References
    ----------
    W. H. Richardson, J. Opt. Soc. Am. 62, 1972; L. B. Lucy, Astron. J. 79, 1974; D. S. C. Biggs and M. Andrews,
    Acceleration of iterative image restoration algorithms, Appl. Opt. 36, 1997; R. L. White, Image restoration using
    the damped Richardson-Lucy method, Proc. SPIE 2198, 1994; N. Dey et al., Richardson-Lucy algorithm with total
    variation regularization for 3D confocal microscope deconvolution, Microsc. Res. Tech. 69, 2006; D. L.
    Snyder, A. M. Hammoud and R. L. White, J. Opt. Soc. Am. A 10, 1993 (s); M. Bertero and P. Boccacci, Astron.
    Astrophys. 437, 2005 (the frame); K. J. Coakley, IEEE Trans. Nucl. Sci. 38, 1991 (when to stop); P. Magain, F.
    Courbin and S. Sohy, Deconvolution with correct sampling, Astrophys. J. 494, 1998 (`target`); J. A. Hogbom, Astron.
    Astrophys. Suppl. 15, 1974 (the residual, added to it).

    Examples
    --------
    >>> import numpy as np
    >>> import restore
    >>> stars = np.full((64, 64), 0.01)
    >>> stars[[12, 30, 50], [40, 20, 48]] = 20
    >>> h = restore.psf.gaussian(2)
    >>> observed = restore.degrade(stars, h, photons=500, rng=0)
    >>> found = restore.richardson_lucy(observed, h)
    >>> bool(found.min() >= 0), bool(found[30, 20] > 5 * observed[30, 20])
    (True, True)
    """
    settings = RichardsonLucySettings(
        iterations=iterations,
        gain=gain,
        read_noise=read_noise,
        background=background,
        weights=weights,
        damping=damping,
        tv_weight=tv_weight,
        acceleration=bool(acceleration),
        start=start,
        target=target,
    )
    step = as_count(subsampling, "subsampling")
    fine = _fine_psf(image, psf, channel_axis, step)
    # No weight falls where the data are unknown: they are completed only for the noise to be read beside a mask.
    completed = mask is not None and iterations is None
    # The grid of filters is for those that read the noise.
    near = 1 if boundary in UNKNOWN and iterations is not None else 2
    observation = observe(image, coarse_psf(fine, step), boundary, channel_axis, mask, completed=completed, reach=near)
    unit, detector = observation.unit, Detector(observation, fine, step)
    watcher = None if callback is None else _watching(callback, unit)
    return unit.result(maximize_likelihood(detector, unit.of_fields(settings), watcher).image)


def _watching(callback: Watcher, unit: Unit) -> Watcher:
    """Return what shows a callback the estimate in the unit of the picture as it was given."""
    return lambda count, estimate: callback(count, unit.result(estimate))


def _fine_psf(image: ArrayLike, psf: ArrayLike, channel_axis: int | None, step: int) -> Array:
    return as_psf(psf, [n * step for n in spatial_shape(np.shape(image), channel_axis)])


def solve(observation: Observation, settings: RichardsonLucySettings, progress: Progress = silent) -> Outcome:
    """Iterate on the samples of the picture."""
    observation = observation.unweighted or observation  # counts are those of samples, not of frequencies
    return maximize_likelihood(Detector(observation, observation.psf), settings, progress=progress)


def agreed(survey: Survey, settings: RichardsonLucySettings) -> RichardsonLucySettings:
    """Return the settings with one number of iterations for all, the median of those that predict best, and one start.

    Where light is out of sight the estimate stays as it was at the start.
    """
    count, settings = settings.iterations, settled(settings, *(o.picture for o in survey.windows))
    settings = with_shift(settings, shift_of(settings, *survey.windows))
    if count is None:
        count = int(np.median([solve(o, replace(settings, smoothness=1.0)).iterations for o in survey.windows]))
    pictures = [np.maximum(o.picture - settings.background, 0) for o in survey.windows]
    level = np.mean([p.mean(axis=tuple(range(p.ndim - 1)), dtype=np.float64, keepdims=True) for p in pictures], axis=0)
    return replace(settings, iterations=count, start=level)


def reach(observation: Observation, settings: RichardsonLucySettings) -> Array:
    """Return what so many steps of Landweber make of a point: about as far does Richardson-Lucy look."""
    count = settings.shortened(settings.iterations or 1)

    def gain(columns: slice) -> Array:
        otf = observation.otf(columns)
        power = np.abs(otf) ** 2
        share = -np.expm1(count * np.log1p(-np.minimum(power, 1 - 1e-12)))
        return np.conj(otf) * np.divide(share, power, out=np.full_like(power, count), where=power > 1e-12)

    return filtered(observation.data, len(observation.grid), gain)


def refused(settings: RichardsonLucySettings) -> str | None:
    """Return what speaks against tiles."""
    if settings.acceleration:
        return "acceleration must be False, for its step ahead is measured over the whole picture"
    return None


register(
    Method(
        name="richardson_lucy",
        label="Richardson-Lucy",
        strength=Strength(
            argument="iterations",
            name="iterations",
            symbol="steps",
            meaning="number of iterations",
            larger="sharper and noisier",
        ),
        settings=RichardsonLucySettings,
        solve=solve,
        tiling=Tiling(
            arrays=30,
            agreed=agreed,
            asks=lambda settings: settings.iterations is None,
            reach=reach,
            beyond=1e-2,
            completes=False,
            refused=refused,
        ),
        effort=7.0,
    )
)
