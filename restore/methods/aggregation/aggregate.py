"""Deconvolution by estimates that are weighed: those of a linear filter, total variation and sparse differences.

With `patches` the resemblance of a picture to itself is asked too.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import ArrayLike

from restore.checks import Array, as_nonnegative
from restore.methods.aggregation.weight import refuted, textured
from restore.methods.differences import hyper_laplacian, total_variation
from restore.methods.differences.channels import Channel, assembled, channels, completed_by
from restore.methods.differences.total_variation import TotalVariationSettings
from restore.methods.method import Method, Outcome, Progress, Settings, Strength, part_of, register, silent
from restore.methods.patches import nonlocal_patches
from restore.methods.patches.nonlocal_patches import FAST, NonlocalSettings
from restore.observation.observation import Observation, observe
from restore.operators.fourier import filtered
from restore.parameter_choice.evidence import LinearEstimate
from restore.parameter_choice.fitted_filter import fitted_filter

#: Total variation need not end near its limit here: it is one of two, and the other one is nearer.
VARIATION = TotalVariationSettings(tolerance=2e-3)
#: Share of the work that total variation is beside sparse differences, and that both are beside patches.
VARIED, DIFFERENCES = 0.7, 0.15


@dataclass(frozen=True)
class AggregateSettings(Settings):
    """The arguments of `aggregate`; a variance of None is found in the data."""

    noise_var: float | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.noise_var is not None:
            as_nonnegative(self.noise_var, "noise_var")


def aggregate(
    image: ArrayLike,
    psf: ArrayLike,
    *,
    noise_var: float | None = None,
    patches: bool = False,
    boundary: str = "unknown",
    mask: ArrayLike | None = None,
    channel_axis: int | None = None,
    callback: Progress | None = None,
) -> Array:
    """Return f = a w + (1 - a) (t + s) / 2: linear estimate w, total variation t, sparse differences s.

    Parameters
    ----------
    image : (H, W), (H, W, C) or n-D float array
        Observed picture g, any unit and range. Not modified.
    psf : array with the image's spatial axes
        Impulse response h, sum 1, centre at size // 2.
    noise_var : float, >= 0, optional
        Variance of the noise per sample, image units squared. Larger: smoother. None estimates it.
    patches : bool
        Whether to take the mean of that and of what similar patches give, for two axes of 8 samples or more. Better by
        another half of what is gained over `wiener`, in ten times the time.
    boundary : str
        What lies outside the frame; see `restore.observation.boundary`.
    mask : bool array, optional
        True where samples are unknown. Shape of the image, or of one channel.
    channel_axis : int, optional
        Axis of the colour channels; one strength of each estimate and one weight serve them all.
    callback : callable, optional
        Called now and then with the share of the work that is done, a float that grows to 1.

    Returns
    -------
    estimate : array of the image's shape and dtype, not clipped

    Raises
    ------
    TypeError
        The image is not float32 or float64, or the PSF not real.
    ValueError
        An argument is out of range, not finite or of the wrong shape, or the PSF does not sum to 1.

    See Also
    --------
    wiener, total_variation, hyper_laplacian : the estimates by themselves.
    nonlocal_deconvolution : similar patches by themselves.

    Notes
    -----
    Estimates that err differently err less together. Total variation comes first; what its picture, once blurred,
    predicts outside of the frame and under the mask then completes the data for the other two, which would take longer
    to find that. The weight a, 0 for pictures of things and near 1 for fur and gravel, comes from the picture; see
    `restore.methods.aggregation.weight`. Where the blur is so weak that noise and detail look alike, the linear
    estimate stands alone. Costs two to four times as much as `wiener`.

    References
    ----------
    A. S. Dalalyan and J. Salmon, Sharp oracle inequalities for aggregation of affine estimators, Ann. Statist. 40, 2012
    (why to mix); those of the estimates.

    Examples
    --------
    >>> import numpy as np
    >>> import restore
    >>> sharp = np.zeros((64, 64))
    >>> sharp[24:40, 24:40] = 1
    >>> h = restore.psf.disk(3.0)
    >>> observed = restore.degrade(sharp, h, noise_sigma=0.01, rng=0)
    >>> restored = restore.aggregate(observed, h)
    >>> linear = restore.wiener(observed, h)
    >>> bool(np.mean((restored - sharp) ** 2) < 0.3 * np.mean((linear - sharp) ** 2))
    True
    """
    settings = AggregateSettings(noise_var=noise_var)
    observation = observe(image, psf, boundary, channel_axis, mask)
    return solve(observation, settings, callback or silent, patches=patches).image


def solve(
    observation: Observation, settings: AggregateSettings, progress: Progress = silent, *, patches: bool = False
) -> Outcome:
    """Weigh the estimates, or keep to the linear one."""
    linear = LinearEstimate(observation)
    louder = settings.smoothness
    if settings.noise_var is not None:
        louder *= (settings.noise_var + observation.unsettled_var) / linear.noise_var
    if observation.fit.rule == "gcv":  # noise and detail look alike
        planes = _filtered(channels(observation), linear, louder)
        image, iterations = assembled(observation, planes), 0
    else:
        image, iterations = _weighed(linear, louder, progress, patches=patches)
    sigma = float(np.sqrt(louder * linear.noise_var))
    return Outcome(
        image=image,
        strength=sigma,
        rule=observation.fit.rule if settings.noise_var is None else "given",
        noise_sigma=None if settings.noise_var is None else settings.noise_var**0.5,
        fits_noise=True,
        iterations=iterations,
    )


def _weighed(linear: LinearEstimate, louder: float, progress: Progress, *, patches: bool) -> tuple[Array, int]:
    """Return f, laid out like the observed picture, and the iterations of total variation."""
    observation, share = linear.observation, DIFFERENCES if patches else 1.0
    varied, iterations = total_variation.with_least_variation(
        observation,
        linear.planes,
        louder * total_variation.strength_of(linear),
        VARIATION,
        part_of(progress, 0, VARIED * share),
    )
    completed = completed_by(observation, varied)
    sparse = hyper_laplacian.with_sparse_differences(
        observation,
        completed,
        louder * hyper_laplacian.strength_of(linear),
        progress=part_of(progress, VARIED * share, share),
    )
    flat = assembled(observation, _filtered(completed, linear, louder))
    both = [(t + s) / 2 for t, s in zip(varied, sparse, strict=True)]
    image = assembled(observation, both)
    doubt = refuted(linear, flat, image)
    image += max(doubt, textured(linear, both)) * (flat - image)
    if patches:
        alike = _of_similar_patches(observation, completed, louder, part_of(progress, share, 1))
        image += (1 - max(doubt, refuted(linear, flat, alike))) / 2 * (alike - image)
    return image, iterations


def _of_similar_patches(observation: Observation, parts: list[Channel], louder: float, progress: Progress) -> Array:
    """Return what similar patches make of completed data."""
    completed = observation.with_data(np.stack([part.data for part in parts], axis=-1))
    return nonlocal_patches.solve(completed, NonlocalSettings(smoothness=louder), progress, effort=FAST).image


def _filtered(parts: list[Channel], linear: LinearEstimate, louder: float) -> list[Array]:
    """Return the linear estimate of every channel, as of noise that is louder than the one that was found."""
    gain = linear.gain if louder == 1 else fitted_filter(linear.observation, louder)[0]
    return [filtered(part.data, part.data.ndim, gain) for part in parts]


NOISE = Strength(argument="noise_var", name="noise level", symbol="level", meaning="noise taken off")
register(
    Method(
        name="aggregate",
        label="weighed estimates (aggregate)",
        strength=NOISE,
        settings=AggregateSettings,
        solve=solve,
    )
)
register(
    Method(
        name="aggregate_patches",
        label="weighed estimates and similar patches (aggregate)",
        strength=NOISE,
        settings=AggregateSettings,
        solve=partial(solve, patches=True),
    )
)
