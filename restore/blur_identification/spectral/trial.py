"""Does a restoration by the blur that the spectrum names leave noise over, or edges?

Tall towers before an even sky have a spectrum much like that of a motion along them: little of it is at the frequencies
that the motion would take away. But no light becomes these edges by such a blur, and so they are left over.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from restore.blur_identification.spectral.judgement import Judgement
from restore.blur_identification.spectral.samples import Samples, luminance
from restore.blur_identification.texture_window import textured_part
from restore.checks import Array
from restore.diagnosis.residual import residual_of_filter
from restore.diagnosis.unevenness import unevenness
from restore.observation.boundary import valid_frame
from restore.observation.observation import observe
from restore.parameter_choice.fitted_filter import fitted_gain

#: Unevenness of what is left over from which a PSF is not that of the picture. Of 113 that were found in blurred
#: pictures, half of them files of simulated cameras, 112 had less than 0.04 and a wrong one 0.16; those of a sharp
#: photograph of towers have 0.2 to 0.3.
CONTRADICTED = 0.1
#: The drop of the misfit from which no trial is needed: that of the towers is 0.11.
BEYOND_DOUBT = 0.25


def tried(judgement: Judgement, samples: Samples) -> Judgement:
    """Return the judgement on samples with the blurs that such a restoration contradicts behind the others."""
    for _ in judgement.candidates:
        if judgement.confidence == "none" or judgement.drop >= BEYOND_DOUBT or judgement.is_given:
            return judgement
        best, *others = judgement.candidates
        if not is_contradicted(samples, best.model.family.draw(**best.parameters)):
            return judgement
        judgement = replace(judgement, candidates=[*others, best])
    return replace(judgement, is_contradicted=True)


def is_contradicted(samples: Samples, psf: Array) -> bool:
    """Return whether a linear restoration of the most textured part leaves edges over."""
    plane = luminance(samples.image).astype(np.float32)
    part = textured_part(plane)
    hidden = None if samples.hidden is None else samples.hidden[part][..., None]
    if hidden is not None and hidden.all():
        hidden = None  # as the fit, which ignores such a mask
    observation = observe(plane[part][..., None], psf, "unknown-fast", -1, hidden)
    inside = valid_frame(observation.image_shape, psf.shape)
    rest = residual_of_filter(observation, fitted_gain(observation))
    left = unevenness(observation.picture[inside], rest, None if hidden is None else hidden[inside])
    return left > CONTRADICTED
