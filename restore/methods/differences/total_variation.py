"""Deconvolution with total variation: a picture that changes in few places and is flat between them."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import partial

import numpy as np
from numpy.typing import ArrayLike

from restore.checks import Array, as_count, as_nonnegative
from restore.methods.differences.channels import assembled
from restore.methods.differences.splitting import Part, PartOf, Splitting, lengths_of
from restore.methods.method import Method, Outcome, Settings, Strength, register, restored
from restore.methods.tiling import Tiling, always
from restore.observation.masks import known_in_some
from restore.observation.observation import Observation, observe
from restore.operators.differences import mean_in_frame
from restore.operators.progress import Progress, silent
from restore.operators.some_lines import some_lines
from restore.operators.unit import AS_SAMPLES
from restore.parameter_choice.agreement import Survey
from restore.parameter_choice.evidence import (
    LEAST_SLOPE,
    LinearEstimate,
    evidence_strength,
    harmonic_mean,
    wiener_of_a_point,
)


@dataclass(frozen=True)
class TotalVariationSettings(Settings):
    """The arguments of `total_variation`; a strength of None is found in the data."""

    strength: float | None = field(default=None, metadata=AS_SAMPLES)
    isotropic: bool = True
    tolerance: float = 5e-4
    max_iterations: int = 200

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.strength is not None:
            as_nonnegative(self.strength, "strength")
        as_nonnegative(self.tolerance, "tolerance")
        as_count(self.max_iterations, "max_iterations")


def total_variation(
    image: ArrayLike,
    psf: ArrayLike,
    *,
    strength: float | None = None,
    isotropic: bool = True,
    tolerance: float = 5e-4,
    max_iterations: int = 200,
    boundary: str = "unknown",
    mask: ArrayLike | None = None,
    channel_axis: int | None = None,
    callback: Progress | None = None,
) -> Array:
    """Return f = argmin 1/2 |h * f - g|^2 + strength sum_x |grad f(x)| over the known data g.

    Parameters
    ----------
    image : (H, W), (H, W, C) or n-D float array
        Observed picture g, any unit and range. Not modified.
    psf : array with the image's spatial axes
        Impulse response h, sum 1, centre at size // 2.
    strength : float, >= 0, optional
        What a unit of slope costs, in the units of the image. Larger: flatter, fewer details, less noise and ringing; a
        step of height a around a flat region of area A and perimeter P loses strength P / A of it. None finds it from
        the noise, the share of frequencies that survived the blur and the slopes of the Wiener estimate.
    isotropic : bool
        Whether ``|grad f|`` is the Euclidean length of the gradient, or the sum of its absolute components, which
        favours edges along the axes.
    tolerance : float, >= 0
        The iteration ends when the root mean square change of the picture falls to this share of the standard deviation
        of the image. Smaller: nearer to the minimum; the default is within about 0.05 dB of it.
    max_iterations : int, >= 1
        It ends after so many iterations in any case.
    boundary : str
        What lies outside the frame; see `restore.observation.boundary`.
    mask : bool array, optional
        True where samples are unknown. Shape of the image, or of one channel.
    channel_axis : int, optional
        Axis of the colour channels. Each is charged the root mean square of all their gradients, so that they keep the
        same edges and a strength means the same for gray and for colour.
    callback : callable, optional
        Called after every iteration with the share of the work that is done, a float that grows to 1.

    Returns
    -------
    estimate : array of the image's shape and dtype, not clipped

    Raises
    ------
    TypeError
        The image is not float32 or float64, the PSF not real, or `max_iterations` not an integer.
    ValueError
        An argument is out of range, not finite or of the wrong shape, or the PSF does not sum to 1.

    See Also
    --------
    wiener : the linear filter it starts from, which keeps more texture and more ringing.
    hyper_laplacian : the prior of sharper pictures, whose minimum is not unique.

    Notes
    -----
    Alternating direction method of multipliers, which converges to the minimum from anywhere. Differences are shrunk,
    the picture that has them is found by a division in the frequency domain; unknown samples are taken for what the
    blurred picture predicts. Two FFTs an iteration, two more for a prediction; some 30 to 100 iterations, beside the
    FFTs of the boundary and of the Wiener estimate. Differences are circular on the extended grid.

    Restores what is flat between edges several dB above a linear filter, takes fine texture for noise, and turns slopes
    into stairs where the noise is strong.

    References
    ----------
    L. I. Rudin, S. Osher and E. Fatemi, Nonlinear total variation based noise removal algorithms, Physica D 60, 1992;
    M. S. C. Almeida and M. A. T. Figueiredo, Deconvolving images with unknown boundaries using the alternating
    direction method of multipliers, IEEE Trans. Image Process. 22, 2013 (the splitting); P. Blomgren and T. F. Chan,
    Color TV: total variation methods for restoration of vector-valued images, IEEE Trans. Image Process. 7, 1998
    (channels together).

    Examples
    --------
    >>> import numpy as np
    >>> import restore
    >>> sharp = np.zeros((64, 64))
    >>> sharp[24:40, 24:40] = 1
    >>> h = restore.psf.disk(3.0)
    >>> observed = restore.degrade(sharp, h, noise_sigma=0.01, rng=0)
    >>> restored = restore.total_variation(observed, h)
    >>> linear = restore.wiener(observed, h)
    >>> bool(np.mean((restored - sharp) ** 2) < 0.2 * np.mean((linear - sharp) ** 2))
    True
    """
    settings = TotalVariationSettings(
        strength=strength, isotropic=isotropic, tolerance=tolerance, max_iterations=max_iterations
    )
    return restored(solve, observe(image, psf, boundary, channel_axis, mask), settings, callback or silent)


def solve(
    observation: Observation,
    settings: TotalVariationSettings,
    progress: Progress = silent,
    part: PartOf | None = None,
) -> Outcome:
    """Iterate from the Wiener estimate until the picture changes no more; `part` as in `with_least_variation`."""
    linear = LinearEstimate(observation)
    strength, rule = settings.strength, "given"
    if strength is None:
        strength, rule = strength_of(linear, isotropic=settings.isotropic), "evidence"
    strength *= settings.smoothness
    planes, iterations = with_least_variation(observation, linear.planes, strength, settings, progress, part)
    return Outcome(
        image=assembled(observation, planes),
        strength=float(strength),
        rule=rule,
        fits_noise=True,
        iterations=iterations,
    )


def agreed(survey: Survey, settings: TotalVariationSettings) -> TotalVariationSettings:
    """Return the settings with one strength for all, a harmonic mean, and the most iterations of any of them."""
    strength = settings.strength
    if strength is None:
        strength = harmonic_mean([strength_of(LinearEstimate(o), isotropic=settings.isotropic) for o in survey.windows])
    settings = replace(settings, strength=strength)
    iterations = max(solve(o, settings).iterations for o in survey.windows)
    return replace(settings, tolerance=0.0, max_iterations=iterations)


def with_least_variation(
    observation: Observation,
    start: list[Array],
    strength: float,
    settings: TotalVariationSettings,
    progress: Progress = silent,
    part: PartOf | None = None,
) -> tuple[list[Array], int]:
    """Return f of every channel on the grid, from a start, which is used up, and the iterations that it took.

    `part` is what divides a channel by another blur than that of the observation.
    """
    splitting = Splitting(observation, start, strength, settings.isotropic, part or Part)
    iterations = _converge(splitting, settings, settings.tolerance * deviation(observation.picture), progress)
    return [part.estimate for part in splitting.parts], iterations


def deviation(picture: Array) -> float:
    """Return the standard deviation of a picture, of some lines of a large one."""
    return float(np.std(some_lines(picture)))


def _converge(splitting: Splitting, settings: TotalVariationSettings, least_change: float, progress: Progress) -> int:
    """Iterate until the change is small enough, and return the number of iterations."""
    share = 0.0
    for step in range(1, settings.max_iterations + 1):
        change = splitting.advance()
        is_near = change <= least_change and splitting.is_as_meant
        nearness = 1.0 if is_near else min(least_change / change, 0.9) if change > 0 else 0.9  # it falls like 1 / step
        share = max(share, nearness, step / settings.max_iterations)
        progress(share)
        if is_near:
            break
    return step


def strength_of(linear: LinearEstimate, *, isotropic: bool = True) -> float:
    """Return the strength that the data ask for; see `restore.parameter_choice.evidence`."""
    observation = linear.observation
    known, costs = known_in_some(observation.mask), partial(lengths_of, isotropic=isotropic)
    slope = mean_in_frame(linear.planes, observation.frame, costs, known)
    return evidence_strength(linear.determined_var, max(slope, LEAST_SLOPE * observation.span))


register(
    Method(
        name="total_variation",
        label="total variation",
        strength=Strength(
            argument="strength", name="strength", symbol="strength", meaning="weight of the prior", degree=1
        ),
        settings=TotalVariationSettings,
        solve=solve,
        tiling=Tiling(arrays=20, agreed=agreed, asks=always, reach=wiener_of_a_point, beyond=1e-2),
        effort=6.0,
    )
)
