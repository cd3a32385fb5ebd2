"""The Wiener estimate under a blur that changes over the picture.

f = argmin |A f - g|^2 over the known data + <f, N/S f>: what the Wiener filter is where A is h * f, with N/S as that
filter charges it, fitted to the spectrum through the PSF whose |H|^2 is the mean of all. By conjugate gradients from
the filter's own estimate.
"""

from __future__ import annotations

import numpy as np

from restore.checks import Array, InvalidValue
from restore.methods.linear.wiener import WienerSettings, given_ratio
from restore.methods.method import Outcome
from restore.methods.varying.least_squares import by_frequency, conjugate_gradients, normal_operator
from restore.methods.varying.varying_blur import flow_on, known_share
from restore.observation.observation import Observation
from restore.operators.fourier import filtered
from restore.operators.penalty import regularized_inverse
from restore.operators.progress import Progress, silent
from restore.parameter_choice.fitted_filter import fitted_charge
from restore.psf.varying import PsfGrid

#: Most steps, and the change of a step, a share of the range, that ends them: 5 to 13 steps, within 0.1 dB of 60.
STEPS, CHANGE = 60, 1e-3


def solve(varying: PsfGrid, observation: Observation, settings: WienerSettings, progress: Progress = silent) -> Outcome:
    """Solve with the ratio that was given, or else with that of the fitted spectrum."""
    if settings.signal_spectrum is not None:
        raise InvalidValue("signal_spectrum goes with one PSF: give nsr where it changes, or leave both out")
    fit, choice, rule = observation.fit, None, "given"
    if settings.nsr is None:
        penalty, weight, choice = fitted_charge(observation, settings.smoothness)
        strength, rule = settings.smoothness * (fit.noise_var / fit.signal_var), fit.rule
        strength = strength if choice is None else settings.smoothness * choice.value
    else:
        ratio = settings.smoothness * np.asarray(settings.nsr)
        penalty, weight = given_ratio(observation, ratio)
        strength = float(np.mean(ratio))
    gain = regularized_inverse(observation.otf, penalty, weight)
    start = filtered(observation.data, len(observation.grid), gain)
    nsr = np.minimum(weight * penalty(slice(None)), np.finfo(observation.dtype).max).astype(observation.dtype)
    image, steps = nearest(varying, observation, nsr, start, progress, predicts=rule == "given")
    return Outcome(
        image=observation.framed(image),
        strength=strength,
        rule=rule,
        fits_noise=settings.nsr is None,
        iterations=steps,
        choice=choice,
    )


def nearest(
    varying: PsfGrid,
    observation: Observation,
    nsr: Array,
    start: Array,
    progress: Progress = silent,
    *,
    predicts: bool = False,
) -> tuple[Array, int]:
    """Return the picture on the grid, from a start, under a noise-to-signal ratio per frequency, and the steps.

    Unknown data do not count, or are what the start predicts: a ratio that charges the mean as much as detail would
    make the picture dark where nothing is known.
    """
    blur, known = flow_on(varying, observation), known_share(observation.unknown, observation.data)
    data = known * observation.data
    if predicts and not observation.unknown.nothing:
        data += (1 - known) * blur.forward(start)
        known = np.ones_like(known)
    power = np.abs(observation.otf.full()) ** 2 + nsr
    precondition = by_frequency(1 / np.maximum(power, np.finfo(power.dtype).eps ** 2))
    return conjugate_gradients(
        normal_operator(blur, known, by_frequency(nsr)),
        blur.adjoint(data),
        start,
        precondition,
        steps=STEPS,
        tolerance=CHANGE * observation.span,
        progress=progress,
    )
