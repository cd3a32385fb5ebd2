"""How much the linear estimate shall weigh beside those of priors, read off the picture.

Priors on differences restore edges and even grounds decibels above a linear filter, and take fine texture for noise.
How much of a picture is texture shows in its differences d: the less they gather in few places, the nearer

    k = (mean |d|)^2 / mean d^2

is to the 2 / pi = 0.64 of a Gaussian; photographs of things lie below 0.2, fur and gravel at 0.4. The weight of the
linear estimate grows with k, less where the blur left most frequencies, for there all estimates hold to the data.

And where the priors remove more than the whole error that the linear filter expects of itself, they cannot be right: of
the best estimate there is, given the spectra, the mean squared difference from the linear one is at most that error. So
pictures that are smooth to their last detail, such as those of a microscope, stay with the linear estimate.

Reference: D. J. Field, Relations between the statistics of natural images and the response properties of cortical
cells, J. Opt. Soc. Am. A 4, 1987 (sparseness).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from restore.checks import Array
from restore.observation.boundary import Frame
from restore.observation.highlights import reached
from restore.observation.masks import known_in_some
from restore.operators.across_channels import across_channels
from restore.operators.differences import Group, mean_in_frame, mean_square_difference
from restore.parameter_choice.evidence import LinearEstimate

#: Over this range of k the weight of the linear estimate grows from 0 to its most, times the share of what the blur
#: took. Fitted on seven pictures that no figure is quoted from; between 0.15 and 0.35 it hardly matters.
SPARSE, TEXTURED, MOST = 0.2, 0.3, 0.8
#: Over this range of the difference, relative to the linear filter's expected error, the priors are refuted.
BELIEVED, REFUTED = 1.2, 2.0


def textured(linear: LinearEstimate, planes: list[Array]) -> float:
    """Return the weight that the texture of an estimate asks for."""
    observation = linear.observation
    even = evenness(planes, observation.frame, known_in_some(observation.mask))
    return MOST * (1 - linear.kept_share) * _ramp(even, SPARSE, TEXTURED)


def refuted(linear: LinearEstimate, flat: Sequence[Array], image: Sequence[Array]) -> float:
    """Return from 0 to 1 how far the frames of an estimate lie from the linear ones, `flat`, beyond what can be right.

    Both by channels. Where what lies outside of the frame errs by much more than the noise, so does the filter, and
    refutes nothing.
    """
    if linear.is_astray:
        return 0.0
    observation, far = linear.observation, None
    mask = observation.mask
    if mask is not None:  # what is guessed may differ much, and what it reaches
        far = ~reached(across_channels(np.maximum, mask) > 0, observation.psf)
    removed = np.mean([mean_square_difference(*planes, far) for planes in zip(flat, image, strict=True)])
    expected = linear.error_var()
    if not removed > 0:
        return 0.0
    ratio = removed / expected if expected > 0 else np.inf
    return _ramp(np.log(ratio), np.log(BELIEVED), np.log(REFUTED))


def evenness(planes: list[Array], frame: Frame, known: Array | None = None) -> float:
    """Return k of all differences in the frame, or of its known samples, 0 of a flat picture."""

    def energies(groups: list[Group]) -> list[Array]:
        return [d**2 for group in groups for d in group]

    def sizes(groups: list[Group]) -> list[Array]:
        return [np.abs(d) for group in groups for d in group]

    count = len(planes) * planes[0].ndim
    energy, size = (mean_in_frame(planes, frame, costs, known) / count for costs in (energies, sizes))
    return size**2 / energy if energy > 0 else 0.0


def _ramp(value: float, start: float, end: float) -> float:
    return float(np.clip((value - start) / (end - start), 0, 1))
