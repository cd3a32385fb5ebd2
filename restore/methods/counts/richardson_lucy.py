"""Richardson-Lucy deconvolution: the likeliest light behind counted photons, stopped before it explains their noise."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike

from restore.checks import Array, as_axis, as_count, as_nonnegative, as_positive, as_psf, as_real, require_finite
from restore.methods.counts.poisson_likelihood import Ascent, Counting, Variant
from restore.noise.photon import estimate_poisson_gauss
from restore.observation.completion import LEVELS
from restore.observation.masks import without_masked
from restore.observation.observation import Observation, observe
from restore.operators.otf import Transfer
from restore.parameter_choice.held_out import LeastError, held_out

#: Called with the number of the iteration and the estimate so far.
Watcher = Callable[[int, Array], object]
#: Most iterations where the data choose.
MOST_ITERATIONS = 500
#: What the gap around the frame holds does not matter where it is unknown: this is made fastest.
FILLED = "smooth"


@dataclass(frozen=True, eq=False)
class Lucy:
    """What richardson_lucy may be told beside picture, PSF and boundary; checked, arrays with channels last."""

    iterations: int | None = None
    gain: float | None = None
    read_noise: float = 0.0
    background: float | Array = 0.0
    weights: Array | None = None
    damping: float = 0.0
    tv_weight: float = 0.0
    acceleration: bool = True
    subsampling: int = 1
    fine_psf: Array | None = None
    start: Array | None = None


def richardson_lucy(
    image: ArrayLike,
    psf: ArrayLike,
    *,
    iterations: int | None = None,
    gain: float | None = None,
    read_noise: float = 0.0,
    background: float | ArrayLike = 0.0,
    weights: ArrayLike | None = None,
    damping: float = 0.0,
    tv_weight: float = 0.0,
    acceleration: bool = True,
    subsampling: int = 1,
    start: ArrayLike | None = None,
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
        added counts as 0: say `background` instead of subtracting it, and `read_noise` where there is some.
    psf : array with the image's spatial axes, >= 0
        Impulse response h, sum 1, centre at size // 2; with `subsampling` on the finer grid.
    iterations : int, >= 1, optional
        More: sharper and noisier. None stops where samples that a second run did not see are predicted best, at 500
        iterations at the latest.
    gain : float, > 0, optional
        Image units per photo-electron, for `read_noise` and `damping`; None lets damping estimate it.
    read_noise : float, >= 0
        Standard deviation of the read-out noise, image units; needs `gain`. Larger: dark places are believed less.
    background : float or array of the image's shape, >= 0
        Light in the data that did not come through h, such as the sky's or a dark current.
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
    estimate : array of the image's dtype and shape, spatial axes times `subsampling`; >= 0, not clipped above

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
    Four FFTs an iteration, eight where the data choose, and about a third more iterations than are kept. Outside the
    frame and under the mask f is found with the rest; where less than a hundredth of the light would reach the data it
    stays as it was at the start. A result used as `start` is continued by its rim outside the frame.

    On periodic data without background the sum of the light is kept. Rings around bright flat places with sharp edges,
    and makes speckles of noise when run too long.

    References
    ----------
    W. H. Richardson, J. Opt. Soc. Am. 62, 1972; L. B. Lucy, Astron. J. 79, 1974; D. S. C. Biggs and M. Andrews,
    Acceleration of iterative image restoration algorithms, Appl. Opt. 36, 1997; R. L. White, Image restoration using
    the damped Richardson-Lucy method, Proc. SPIE 2198, 1994; N. Dey et al., Richardson-Lucy algorithm with total
    variation regularization for 3D confocal microscope deconvolution, Microsc. Res. Tech. 69, 2006; D. L.
    Snyder, A. M. Hammoud and R. L. White, J. Opt. Soc. Am. A 10, 1993 (s); M. Bertero and P. Boccacci, Astron.
    Astrophys. 437, 2005 (the frame); K. J. Coakley, IEEE Trans. Nucl. Sci. 38, 1991 (when to stop).

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
    asked = Lucy(
        iterations=None if iterations is None else as_count(iterations, "iterations"),
        gain=None if gain is None else as_positive(gain, "gain"),
        read_noise=as_nonnegative(read_noise, "read_noise"),
        damping=as_nonnegative(damping, "damping"),
        tv_weight=as_nonnegative(tv_weight, "tv_weight"),
        acceleration=bool(acceleration),
        subsampling=as_count(subsampling, "subsampling"),
    )
    if asked.read_noise > 0 and gain is None:
        raise ValueError(f"gain must be given with read_noise, got read_noise {read_noise} alone")
    if start is not None and iterations is None:
        raise ValueError("iterations must be given with start: the rule counts from a flat picture")
    seen, fine = _observed(image, psf, boundary, channel_axis, mask, asked.subsampling)
    shape = seen.picture.shape
    large = (*(n * asked.subsampling for n in seen.image_shape), *shape[fine.ndim :])
    asked = replace(
        asked,
        fine_psf=fine,
        background=_as_samples(background, "background", shape, channel_axis),
        weights=None if weights is None else _as_samples(weights, "weights", shape, channel_axis),
        start=None if start is None else _as_samples(start, "start", large, channel_axis),
    )
    return restored_by_counts(seen, asked, callback)[0]


def restored_by_counts(
    observation: Observation, asked: Lucy, callback: Watcher | None = None
) -> tuple[Array, int, str]:
    """Return the restored frame, the number of iterations and the rule it was chosen by."""
    psf = observation.psf if asked.fine_psf is None else asked.fine_psf
    if psf.min() < 0:
        raise ValueError(f"psf must be >= 0 where light is counted, got {psf.min():.3g}: cut what is below 0 off")
    counting, variant = _counting(observation, psf, asked), _variant(observation, asked)
    run = Ascent(counting, observation.data, variant, _start(observation, asked))
    watched = _Watched(run, _Cut(observation, asked.subsampling), callback)
    if asked.iterations is None:
        return *_best_predicting(watched, observation, counting, variant), "held-out"
    while watched.count < asked.iterations and watched.step():
        pass
    return watched.image(run.estimate), watched.count, "given"


def _best_predicting(
    watched: _Watched, observation: Observation, counting: Counting, variant: Variant
) -> tuple[Array, int]:
    """Return the estimate after as many iterations as predict best what they did not see, and their number."""
    hidden = np.zeros(counting.weights.shape, bool)
    hidden[observation.frame] = held_out(observation.picture.shape)
    judged = counting.weights * hidden
    if not np.any(counting.weights - judged):
        judged *= 0  # a handful of samples: none to spare
    trial = Ascent(replace(counting, weights=counting.weights - judged), observation.data, variant)
    trial.step()
    least, kept, going = LeastError(), watched.run.estimate, True
    while going and not least.settled and watched.count < MOST_ITERATIONS:
        going = watched.step()
        missed = trial.step() + counting.background - observation.data
        if least.improves(watched.count, float(np.sum(judged * missed**2, dtype=np.float64))):
            kept = watched.run.estimate
    return watched.image(kept), least.count


@dataclass(frozen=True, eq=False)
class _Cut:
    """The frame of the fine grid as an image like the observed one."""

    observation: Observation
    subsampling: int

    def __call__(self, estimate: Array) -> Array:
        step = self.subsampling
        image = estimate[tuple(slice(a * step, b * step) for a, b in _edges(self.observation))].copy()
        axis = self.observation.channel_axis
        return image if axis is None else np.moveaxis(image, -1, axis)


class _Watched:
    """An ascent that tells its steps, until it is told to stop."""

    def __init__(self, run: Ascent, image: _Cut, callback: Watcher | None) -> None:
        self.run, self.image, self.count, self._callback = run, image, 0, callback

    def step(self) -> bool:
        """Take a step; return whether to go on."""
        self.run.step()
        self.count += 1
        try:
            if self._callback is not None:
                self._callback(self.count, self.image(self.run.estimate))
        except StopIteration:
            return False
        return True


def _observed(
    image: ArrayLike,
    psf: ArrayLike,
    boundary: str,
    channel_axis: int | None,
    mask: ArrayLike | None,
    subsampling: int,
) -> tuple[Observation, Array]:
    """Return the observation, not completed where it is unknown since no weight falls there, and the fine PSF."""
    hidden = None
    if mask is not None:
        image, hidden = without_masked(image, mask, channel_axis)
    spatial = list(np.shape(image))
    if channel_axis is not None:
        del spatial[as_axis(channel_axis, len(spatial))]
    fine = as_psf(psf, [n * subsampling for n in spatial])
    filled = FILLED if boundary in LEVELS else boundary
    seen = observe(image, _seen_coarsely(fine, subsampling), filled, channel_axis)
    return replace(seen, boundary=boundary, mask=None if hidden is None else hidden.astype(seen.dtype)), fine


def _seen_coarsely(psf: Array, step: int) -> Array:
    """Return the PSF of light that is even over every sample: h with a triangle over two samples, at whole samples."""
    for axis in range(psf.ndim) if step > 1 else ():
        size = psf.shape[axis]
        places = np.arange(size) - size // 2
        half = -(-max(size // 2, size - 1 - size // 2) // step)
        samples = step * np.arange(-half, half + 1)
        triangle = np.maximum(1 - np.abs(places - samples[:, None]) / step, 0)
        psf = np.moveaxis(np.tensordot(triangle, psf, (1, axis)), 0, axis)
    return psf


def _counting(observation: Observation, psf: Array, asked: Lucy) -> Counting:
    data, frame, dtype = observation.data, observation.frame, observation.dtype
    around = observation.boundary in LEVELS and observation.grid != observation.image_shape
    inside = np.ones(observation.picture.shape, dtype) if asked.weights is None else asked.weights.astype(dtype)
    weights = np.full(data.shape, 0 if around else inside.mean(), dtype)
    weights[frame] = inside if observation.mask is None else inside * (1 - observation.mask)
    if not weights.any():
        raise ValueError("weights must be > 0 somewhere, got none where the mask leaves samples known")
    background = np.full(data.shape, np.mean(asked.background), dtype)
    background[frame] = asked.background
    fine = tuple(n * asked.subsampling for n in observation.grid)
    shift = 0.0 if asked.gain is None else asked.read_noise**2 / asked.gain
    return Counting(Transfer(psf, fine, dtype).full(), fine, asked.subsampling, weights, background, shift)


def _variant(observation: Observation, asked: Lucy) -> Variant:
    gain: float | Array = 1.0 if asked.gain is None else asked.gain
    read_noise: float | Array = asked.read_noise
    if asked.gain is None and asked.damping > 0:
        axis = None if observation.channel_axis is None else -1
        hidden = None if observation.mask is None else observation.mask > 0
        gain, read_noise = estimate_poisson_gauss(observation.picture, channel_axis=axis, mask=hidden)
    return Variant(asked.damping, gain, read_noise, asked.tv_weight, asked.acceleration)


def _start(observation: Observation, asked: Lucy) -> Array | None:
    """Return the given start on the fine grid, its rim continued."""
    if asked.start is None:
        return None
    step, last = asked.subsampling, asked.start.ndim - len(observation.grid)
    sides = zip(_edges(observation), observation.grid, strict=True)
    widths = [(step * a, step * (n - b)) for (a, b), n in sides] + [(0, 0)] * last
    return np.pad(asked.start, widths, mode="edge")


def _edges(observation: Observation) -> list[tuple[int, int]]:
    """Return where the frame begins and ends on the grid, along every axis."""
    return [s.indices(n)[:2] for s, n in zip(observation.frame, observation.grid, strict=True)]


def _as_samples(values: ArrayLike, name: str, shape: tuple[int, ...], channel_axis: int | None) -> Array:
    """Return numbers >= 0 in `shape`, channels last, from an array of the image's shape, of one channel or a number."""
    array = as_real(values, name)
    require_finite(array, name)
    if array.min() < 0:
        raise ValueError(f"{name} must be >= 0, got {array.min():.6g}")
    if channel_axis is not None and array.ndim:
        array = np.moveaxis(array, channel_axis, -1) if array.ndim == len(shape) else array[..., None]
    if array.ndim not in (0, len(shape)) or any(n not in (1, m) for n, m in zip(array.shape, shape, strict=False)):
        raise ValueError(f"{name} must have the shape of the image, {shape} with channels last, got {np.shape(values)}")
    return np.broadcast_to(array, shape)
