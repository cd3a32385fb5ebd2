"""Deconvolution by estimates that are weighed: those of a linear filter, total variation and sparse differences.

With `patches` the resemblance of a picture to itself is asked too.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from restore.checks import Array, as_nonnegative, channels_last
from restore.methods.aggregation.weighed_estimate import Balance, WeighedEstimate, weighed_estimate
from restore.methods.method import Method, Outcome, Settings, Strength, register, restored
from restore.methods.patches import nonlocal_patches
from restore.methods.patches.nonlocal_patches import THOROUGH, NonlocalSettings
from restore.methods.tiling import Tiling, always
from restore.observation.components import components, counted, groups, main_and_others
from restore.observation.observation import Observation, observe
from restore.operators.progress import Progress, part_of, silent
from restore.operators.unit import AS_VARIANCE
from restore.parameter_choice.agreement import Survey
from restore.parameter_choice.evidence import LinearEstimate, harmonic_mean, wiener_of_a_point

#: Share of the work that estimates without patches are beside them, and how long a colour takes beside luminance.
DIFFERENCES, LIGHTER = 0.15, 0.3


@dataclass(frozen=True, eq=False)
class Group:
    """Components, how much their hidden noise counts, what all parts of the picture know of them, and the balance."""

    rows: Array
    louder: float
    facts: Mapping[str, Any]
    balance: Balance


@dataclass(frozen=True)
class AggregateSettings(Settings):
    """The arguments of `aggregate`; a variance of None is found in the data."""

    noise_var: float | None = field(default=None, metadata=AS_VARIANCE)

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.noise_var is not None:
            as_nonnegative(self.noise_var, "noise_var")


@dataclass(frozen=True, eq=False)
class AgreedSettings(AggregateSettings):
    """The same with all that the parts of a picture agree upon."""

    groups: tuple[Group, ...] = ()

    def parts(self, observation: Observation) -> Iterator[tuple[Array, Observation]]:
        """Yield the components of a part, told what is known of the whole."""
        for group in self.groups:
            part = counted(observation, group.rows, group.louder)
            part.__dict__.update(group.facts)
            yield group.rows, part


def agreed(survey: Survey, settings: AggregateSettings) -> AgreedSettings:
    """Return the settings with components, filters and balances for all parts of a picture."""
    rows = components(*survey.windows)
    alone = [(rows, 1.0)] if survey.mosaic.channels == 1 else groups(rows)
    shared = tuple(_group(survey.turned(some, louder), some, louder, settings) for some, louder in alone)
    return AgreedSettings(settings.smoothness, settings.noise_var, shared)


def _group(survey: Survey, rows: Array, louder: float, settings: AggregateSettings) -> Group:
    """Return what the windows agree upon: mean strengths, the most iterations, the mean weight."""
    facts = survey.settled
    balances = [_weighed(window, settings, silent).balance for window in survey.windows]
    balance = Balance(
        variation=harmonic_mean([b.variation for b in balances]),
        iterations=max(b.iterations for b in balances),
        sparse=harmonic_mean([b.sparse for b in balances]),
        weight=float(np.mean([b.weight for b in balances])),
    )
    return Group(rows, louder, facts, balance)


def reach(observation: Observation, settings: AgreedSettings) -> Array:
    """Return what the filters of all components make of a point, together."""
    answers = []
    for group in settings.groups:
        point = replace(observation)
        point.__dict__.update(group.facts)
        answers.append(np.abs(wiener_of_a_point(point, settings)))
    return np.max(answers, axis=0)


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
        another half of what is gained over `wiener`, in some ten times the time of `wiener`.
    boundary : str
        What lies outside the frame; see `restore.observation.boundary`.
    mask : bool array, optional
        True where samples are unknown. Shape of the image, or of one channel.
    channel_axis : int, optional
        Axis of the channels. Their main component, luminance of a photograph, and the others get strengths and weights
        of their own.
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
    estimate stands alone. Channels are decorrelated first; see `restore.observation.components`. Costs two to four
    times as much as `wiener`.

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
    return restored(partial(solve, patches=patches), observation, settings, callback or silent)


def solve(
    observation: Observation, settings: AggregateSettings, progress: Progress = silent, *, patches: bool = False
) -> Outcome:
    """Weigh the estimates of the main component and of the others, luminance and colours of a photograph."""
    share, done = DIFFERENCES if patches else 1.0, 0.0
    rows: list[Array] = []
    images: list[WeighedEstimate] = []
    others = LIGHTER * (observation.channels - 1)
    for some, part, balance in _parts(observation, settings):  # one after the other: each holds many arrays
        end = share / (1 + others) if not rows else share
        image = _weighed(part, settings, part_of(progress, done, end), balance)
        progress(end)
        rows.append(some)
        images.append(image if patches else replace(image, basis=None))
        del part, image
        done = end
    values = [image.values for image in images]
    if patches and any(image.iterations for image in images):
        values = _with_patches(observation, rows, images, settings, part_of(progress, share, 1))
    noise = sum(image.noise_var * len(some) for some, image in zip(rows, images, strict=True))
    return Outcome(
        image=observation.laid_out(_together(rows, values)),
        strength=float(np.sqrt(noise / observation.channels)),
        rule=images[0].rule if settings.noise_var is None else "given",
        noise_sigma=None if settings.noise_var is None else settings.noise_var**0.5,
        fits_noise=True,
        iterations=max(image.iterations for image in images),
    )


def _parts(
    observation: Observation, settings: AggregateSettings
) -> Iterator[tuple[Array, Observation, Balance | None]]:
    """Yield the components, each with the balance that was agreed upon, None where it is to be found."""
    if isinstance(settings, AgreedSettings):
        for group, (rows, part) in zip(settings.groups, settings.parts(observation), strict=True):
            yield rows, part, group.balance
    else:
        for rows, part in main_and_others(observation):
            yield rows, part, None


def _together(rows: list[Array], values: list[Array]) -> Array:
    """Return components in the channels of the picture."""
    return np.asarray(sum(image @ some for some, image in zip(rows, values, strict=True)))


def _weighed(
    observation: Observation, settings: AggregateSettings, progress: Progress, balance: Balance | None = None
) -> WeighedEstimate:
    linear = LinearEstimate(observation)
    louder = settings.smoothness
    if settings.noise_var is not None:
        louder *= (settings.noise_var + linear.unsettled_var) / linear.noise_var
    return weighed_estimate(linear, louder, progress, balance)


def _with_patches(
    observation: Observation,
    rows: list[Array],
    images: list[WeighedEstimate],
    settings: AggregateSettings,
    progress: Progress,
) -> list[Array]:
    """Return the means of estimates and what similar patches make of the completed data."""
    completed = observation.with_data(_together(rows, [image.basis.completed for image in images if image.basis]))
    own = NonlocalSettings(smoothness=settings.smoothness, noise_var=settings.noise_var)
    alike = nonlocal_patches.solve(completed, own, progress, effort=THOROUGH).image
    last = channels_last(alike, observation.channel_axis)
    return [image.mixed_with(last @ some.T) for some, image in zip(rows, images, strict=True)]


NOISE = Strength(argument="noise_var", name="noise level", symbol="level", meaning="noise taken off", degree=1)
register(
    Method(
        name="aggregate",
        label="weighed estimates (aggregate)",
        strength=NOISE,
        settings=AggregateSettings,
        solve=solve,
        tiling=Tiling(arrays=24, agreed=agreed, asks=always, reach=reach, beyond=1e-4),
        effort=6.5,
    )
)
register(
    Method(
        name="aggregate_patches",
        label="weighed estimates and similar patches (aggregate)",
        strength=NOISE,
        settings=AggregateSettings,
        solve=partial(solve, patches=True),
        effort=65.0,
    )
)
