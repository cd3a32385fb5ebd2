"""The front door: one call that restores and says what it did."""

from __future__ import annotations

import math
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache, partial
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from restore.checks import (
    Array,
    InvalidValue,
    as_nonnegative,
    as_positive,
    as_psf,
    one_of,
    spatial_shape,
)
from restore.diagnosis.diagnosis import diagnose, psf_among_neighbours
from restore.diagnosis.residual import residual_of_filter, residual_of_restoration
from restore.methods.automatic import BESIDE_ERRORS, QUALITIES, THEN, USUAL, chosen
from restore.methods.counts.settings import FOUND
from restore.methods.doubts import WRONG, at_edge
from restore.methods.evened import BANDING, LEAST, evened, shared_noise, strongest
from restore.methods.guarded import Guarded, guarded
from restore.methods.method import METHODS, Method, Outcome, settings_of
from restore.methods.restoration import Restoration
from restore.methods.robust.contradictions import OF_STARS, OUTLIERS, holds_points, masked, resolved, suspects
from restore.methods.robust.second_look import is_impossible, residual_of_smoothing
from restore.methods.stage_costs import RESOLVED, looks_first, stage_costs
from restore.methods.varying.noise_colour import settle_colour
from restore.methods.varying.varying_blur import blurred_by
from restore.methods.varying.varying_method import check_grid, chosen_name, under
from restore.noise.dark_ground import dark_ground
from restore.noise.jpeg_history import rounding_in
from restore.observation.highlights import settled_white_level
from restore.observation.masks import with_dead_as_given
from restore.observation.observation import ExtraNoise, Observation, observe
from restore.operators.progress import Progress, Stages, advance, beside
from restore.parameter_choice.fitted_filter import fitted_gain
from restore.psf.spread import Spread, fitted_to, spread_of
from restore.psf.varying import PsfGrid

#: Largest factor on a strength; one over it is the smallest.
MOST_SMOOTHNESS = 1000
#: Axes of a volume: planes of light on dark ground are restored like others, on which all was measured.
VOLUME, COUNTS = 3, "richardson_lucy"
#: Beside an uncertain PSF a given noise-to-signal ratio is taken for this much at least.
LEAST_NSR = 1e-12


class StrengthWarning(UserWarning):
    """The rule that chooses the strength ended at an edge: the data do not determine it."""


def deconvolve(
    image: ArrayLike,
    psf: ArrayLike | PsfGrid,
    *,
    method: str = "auto",
    quality: str = USUAL,
    smoothness: float = 1.0,
    extra_noise_var: ExtraNoise | None = None,
    boundary: str = "unknown",
    mask: ArrayLike | None = None,
    outliers: str = "auto",
    banding: str = "auto",
    white_level: float | None = None,
    psf_spread: float | Sequence[float] = 0.0,
    psf_error: float = 0.0,
    channel_axis: int | None = None,
    callback: Progress | None = None,
    **own: Any,
) -> Restoration:
    """Restore f from g = h * f + noise and report what was chosen.

    Parameters
    ----------
    image : (H, W), (H, W, C) or n-D float array
        Observed picture g, any unit and range. Not modified.
    psf : array with the image's spatial axes, or PsfGrid
        Impulse response h, sum 1, centre at size // 2; `restore.psf` has models, `restore.estimate_psf` finds one.
        `restore.psf.grid` makes one that changes over the picture: it goes with "total_variation" (then the default),
        "wiener" ("fast") and "richardson_lucy", and samples that contradict it are used as they are.
    method : str
        "auto", or by name "aggregate", "aggregate_patches", "wiener", "cls", "inverse", "hyper_laplacian",
        "total_variation", "richardson_lucy", "nonlocal", "nonlocal_fast", "landweber", "van_cittert" or
        "tikhonov_miller"; see `aggregate`, `wiener`, `constrained_least_squares`, `inverse_filter`,
        `nonlocal_deconvolution` and the functions of the other names. "auto" takes the best that `quality` pays for,
        or, where arguments are given that only other methods have, one that has them. A volume of counted light that
        is mostly dark goes to "richardson_lucy", with the background of its darkest places; `reason` says why.
    quality : {"good", "fast", "best"}
        What "auto" may cost: "good" up to four times as much as the linear filter, which is "fast", and "best" ten
        to twenty times as much. Photographs gain about 1.2 and 1.8 dB over "fast".
    smoothness : float, 0.001 to 1000
        Factor on the strength, given or found, whatever it is; iterations are divided by it. Larger than 1: smoother,
        less noise and ringing; smaller: sharper and noisier. Usual are 0.3 to 3, allowed 0.001 to 1000.
    extra_noise_var : float, >= 0, or function, optional
        Variance to count as noise beside what the picture shows, where the strength is found from the data: errors that
        hide from its spectrum, such as those of JPEG, which empties the high frequencies that noise is read from. A
        function reads it off the picture but for what is masked or holds no picture: it gets a bool array of the
        spatial shape, or None where all is known. None counts the rounding of a JPEG where the picture's values still
        are those that it was decoded to, in whatever light and unit.
    boundary : str
        What lies outside the frame; see `restore.observation.boundary`.
    mask : bool array, optional
        True where samples are unknown: scratched, dead, clipped or NaN. Shape of the image, or of one channel. They are
        solved for like the data outside the frame.
    outliers : {"auto", "keep"}
        What becomes of samples that contradict the PSF: dead and hot ones, dust, text, clipped light. "auto" looks at
        the residual of a first restoration; where it has samples that no noise leaves, a robust estimate tells which
        are wrong and what they ought to have been, and the method restores once more with that in their place.
    banding : {"auto", "keep"}
        What becomes of noise that rows or columns share, which a restoration makes stripes of. "auto" looks where the
        blur passes nothing of a picture of two axes, and takes it off where it is seen.
    white_level : float, optional
        Value from which samples are clipped. While they are few, a tenth of all at most, they are taken as unknown; to
        the robust estimate they say "at least that much". None looks whether samples pile up at the largest value;
        `math.inf` says that none is clipped.
    psf_spread : float or (float, float), >= 0
        How uncertain the PSF is, two axes: the standard deviation of its size, relative to it, and that of its angle in
        degrees, which counts where the PSF is long; 0.1 alone stands for (0.1, 3). Larger: what hangs on the very
        PSF is given up. 0 is exactly known. A PSF 20 % off costs up to 5 dB without, and 1 dB with 0.1.
    psf_error : float, >= 0
        The same for a PSF of any shape: what its errors leave in the data, as a share of their range from the 0.5 to
        the 99.5 percentile. It counts as noise of that standard deviation beside what the picture shows. For what
        `estimate_kernel` finds it is `KernelEstimate.error`. Beside it "auto" of the usual quality takes
        "hyper_laplacian", for others ring loudly there, and does not smooth what is darker than light can be.
    channel_axis : int, optional
        Axis of the colour channels; one filter serves them all.
    callback : callable, optional
        Called by the iterative methods with the share of the work that is done, up to 1. What it raises passes.
    **own
        The method's own arguments, as its function documents them: above all what its strength is, `nsr`,
        `regularization`, `strength`, `iterations` or `noise_var`, which is found in the data where it is left out.

    Returns
    -------
    restoration : Restoration

    Raises
    ------
    TypeError, ValueError
        As the method; also an argument that belongs to another method, or to none.

    Warns
    -----
    StrengthWarning
        The chosen strength lies at an edge of the search, or the given noise cannot be matched.

    Notes
    -----
    The linear filters take two FFTs of the extended grid besides those of the boundary, one to three for a rule, and
    some tiles of at most 512 samples along each axis for the estimate of noise and spectrum; the others see their own
    functions. The diagnosis takes a blur, and a fit of the spectrum per neighbour of the PSF.

    References
    ----------
    Those of `wiener` and `constrained_least_squares`.

    Examples
    --------
    >>> import numpy as np
    >>> from restore import deconvolve, degrade, psf
    >>> f = np.zeros((64, 64))
    >>> f[20:40, 24:44] = 1
    >>> h = psf.disk(2.5)
    >>> found = deconvolve(degrade(f, h, noise_sigma=0.01, rng=0), h)
    >>> found.method, found.rule, round(found.noise_sigma, 2)
    ('aggregate', 'whittle', 0.01)
    """
    is_chosen, word = method == "auto", quality
    shape, varying = spatial_shape(np.shape(image), channel_axis), psf if isinstance(psf, PsfGrid) else None
    if varying is not None:
        check_grid(varying, np.shape(image), channel_axis, psf_spread=np.any(psf_spread))
        psf, method, quality = varying.effective, chosen_name(method, quality, own), USUAL
    error = as_nonnegative(psf_error, "psf_error")
    choice: dict[str, Any] = {"quality": quality, "smoothness": smoothness, "psf_has_errors": error > 0}
    record, settings = method_for(shape, own, method=method, **choice)
    record = record if varying is None else under(varying, record)
    extra = rounding_in(image, channel_axis) if extra_noise_var is None else extra_noise_var
    extra = extra if callable(extra) else as_nonnegative(extra, "extra_noise_var")
    masks = one_of(outliers, OUTLIERS, "outliers") == "auto"
    look = masks and varying is None
    white = settled_white_level(image, white_level)
    cut = white if masks else np.inf
    uncertain = None if np.ndim(psf_spread) == 0 and psf_spread == 0 else spread_of(as_psf(psf, shape), psf_spread)
    kernel = psf if uncertain is None else fitted_to(uncertain.mean, shape)
    made = partial(observe, mask=mask, extra_noise_var=extra, psf_error=error)
    observed = partial(made, image, kernel, boundary, channel_axis)
    least = LEAST if one_of(banding, BANDING, "banding") == "auto" else math.inf
    stages = Stages(stage_costs(record, shape, looks=look))
    with stages.stage("observe"):
        observation = observed(white=cut, dead="find")
        shares, empty = shared_noise(observation)
        if strong := [shared for shared in shares if shared.strength > least]:
            observed = partial(made, evened(image, observation, strong, empty), kernel, boundary, channel_axis)
            observation = observed(white=cut, dead=observation.dead)
        left = strongest([shared for shared in shares if shared not in strong])
    unit = observation.unit
    if varying is not None:
        settle_colour(varying, observation)
    reason = _counted(observation) if is_chosen and quality == USUAL and not own and varying is None else ""
    if reason:
        record, settings = method_for(shape, {"background": FOUND}, method=COUNTS, smoothness=smoothness)
    elif is_chosen and record.name == BESIDE_ERRORS and error > 0:
        reason = THEN
    settings, top = unit.of_fields(settings), unit.inside(white) if np.isfinite(white) else np.inf
    contradictions, to_a_target = None, getattr(settings, "target", None) is not None

    @cache
    def are_stars() -> bool:
        return to_a_target or holds_points(observation, is_counted=record.name == COUNTS)

    def without_contradictions(rest: Array, *, is_second: bool = False) -> Observation:
        """Return the observation without the samples that the residual of a restoration shows to be wrong.

        In a second look the spectrum shows them more than the PSF, and speaks of that when they are gone.
        """
        nonlocal contradictions
        where = suspects(observation, rest, top)
        if where is not None and are_stars():
            where = suspects(observation, rest, top, OF_STARS)
        if where is None:
            return observation
        if are_stars():
            whole, contradictions = masked(observed, mask, where, channel_axis)
            return whole
        psf_is_wrong = not is_second and psf_among_neighbours(observation)[0] in WRONG
        stages.expect("restore again", record.effort)
        with stages.stage("resolve", cost=RESOLVED):
            whole, contradictions = resolved(observed, observation, top, where, psf_is_wrong=psf_is_wrong)
        if is_second and psf_among_neighbours(whole)[0] in WRONG:
            whole, contradictions = observation, replace(contradictions, psf_is_wrong=True)
        return whole

    if look and looks_first(record, shape) and not (record.name == COUNTS and are_stars()):
        with stages.stage("look"):
            rest = residual_of_filter(observation, fitted_gain(observation))
        observation = without_contradictions(rest)
        del rest
    with stages.stage("restore"):
        weighted = _weighted(observation, uncertain, settings)
        outcome = record.solve(weighted, settings, beside(callback))
    rest = _residual(observation, weighted, outcome, varying)
    if look and contradictions is None:
        remaining = without_contradictions(rest)
        if remaining is observation and is_impossible(observation, outcome.image):
            remaining = without_contradictions(residual_of_smoothing(observation), is_second=True)
        if remaining is not observation:
            observation, weighted = remaining, _weighted(remaining, uncertain, settings)
            with stages.stage("restore again", cost=record.effort):
                outcome = record.solve(weighted, settings, advance)  # the callback was told once
            rest = _residual(observation, weighted, outcome, varying)
    guard = Guarded(outcome)
    if is_chosen and reason != THEN and record.strength is not None and own.get(record.strength.argument) is None:
        with stages.stage("guard"):
            guard = guarded(record, weighted, settings, outcome)
    if guard.outcome is not outcome:
        outcome = guard.outcome
        rest = _residual(observation, weighted, outcome, varying)
    with stages.stage("judge"):
        diagnosis = diagnose(observation, outcome.image, rest, outcome.gain, left, is_compared=varying is None)
    restoration = Restoration(
        image=with_dead_as_given(unit.result(outcome.image), observation.dead, image, channel_axis),
        psf=observation.psf if varying is None else varying.mean,
        method=record.name,
        parameter=unit.outside(outcome.strength, 0 if record.strength is None else record.strength.degree),
        rule=outcome.rule,
        noise_sigma=unit.outside(_noise_sigma(observation, outcome)),
        boundary=boundary,
        iterations=outcome.iterations,
        choice=None if outcome.choice is None else outcome.choice.outside(unit),
        diagnosis=diagnosis.outside(unit),
        noise_is_white=not outcome.fits_noise or observation.fit.is_white,
        quality=word if is_chosen else None,
        smoothness=float(smoothness),
        raised=guard.raised,
        gave_up=guard.gave_up,
        dead=observation.dead,
        is_frame_limited=outcome.rule != "given" and observation.least_weight > 0,
        contradictions=None if contradictions is None else contradictions.laid_out(channel_axis),
        reason=reason,
        banding=strongest(strong),
        target=getattr(settings, "target", None),
    )
    if restoration.choice is not None and restoration.choice.at_edge and record.name != "wiener":
        warnings.warn(at_edge(restoration.choice), StrengthWarning, stacklevel=2)
    return restoration


def _counted(observation: Observation) -> str:
    """Return why a volume is restored as counted light, nothing where it is not."""
    if len(observation.grid) != VOLUME or observation.psf.min() < 0 or observation.channel_axis is not None:
        return ""
    ground = dark_ground(observation.picture)
    return "" if ground is None else ground.words


def method_for(
    shape: Sequence[int],
    own: Mapping[str, Any],
    *,
    method: str = "auto",
    quality: str = USUAL,
    smoothness: float = 1.0,
    psf_has_errors: bool = False,
) -> tuple[Method, Any]:
    """Return the method for a picture of spatial `shape`, and its settings; refuse words and arguments as `deconvolve`.

    Cheap, so that whoever takes these words from a user can refuse them before the work begins.
    """
    one_of(quality, tuple(QUALITIES), "quality")
    is_chosen = one_of(method, ("auto", *sorted(METHODS)), "method") == "auto"
    if quality != USUAL and not is_chosen:
        raise InvalidValue(f"quality chooses a method where none is named, got {quality!r} beside method {method!r}")
    record = chosen(quality, own, shape, psf_has_errors=psf_has_errors) if is_chosen else METHODS[method]
    if not 1 / MOST_SMOOTHNESS <= as_positive(smoothness, "smoothness") <= MOST_SMOOTHNESS:
        raise InvalidValue(f"smoothness must lie between 1/{MOST_SMOOTHNESS} and {MOST_SMOOTHNESS}, got {smoothness}")
    return record, settings_of(record, dict(own) if smoothness == 1 else {**own, "smoothness": smoothness})


def _weighted(observation: Observation, uncertain: Spread | None, settings: Any) -> Observation:
    """Return an observation as an uncertain PSF wants it restored, beside a noise-to-signal ratio that was given."""
    if uncertain is None:
        return observation
    variance, nsr = uncertain.variance(observation.grid, observation.dtype), getattr(settings, "nsr", None)
    if nsr is None or np.ndim(nsr) > 0:
        return observation.weighted(variance)
    return observation.weighted(variance, np.full_like(variance, max(settings.smoothness * nsr, LEAST_NSR)))


def _residual(observation: Observation, weighted: Observation, outcome: Outcome, varying: PsfGrid | None) -> Array:
    """Return the residual of an outcome: of a linear filter by what that leaves of the data, or by what it explains."""
    blurred, is_filter = outcome.explained, weighted is observation and varying is None
    if varying is not None and blurred is None:
        blurred = blurred_by(varying, observation, outcome.image)
    return residual_of_restoration(observation, outcome.image, outcome.gain if is_filter else None, blurred)


def _noise_sigma(observation: Observation, outcome: Outcome) -> float:
    if outcome.noise_sigma is not None:
        return outcome.noise_sigma
    return observation.fit.sigma if outcome.fits_noise else observation.noise_level.sigma
