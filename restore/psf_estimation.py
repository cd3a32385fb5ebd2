"""The PSF from one blurred picture: family and parameters by the trace of blur in the log power spectrum."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from restore._blur_models import MODELS, Parameters
from restore._blur_search import Candidate, search_size
from restore._checks import Array, as_image, as_positive, one_of
from restore._log_spectrum import log_spectrum
from restore._spectral_fit import SpectralModel

Confidence = Literal["confident", "weak", "none"]

FAMILIES = tuple(MODELS)
#: Pictures smaller than this say nothing.
SHORTEST_EDGE = 24
#: Drops of J below and above which an estimate is called weak and confident.
CONFIDENT_DROP = 0.06
#: A size less certain than this share of itself is no estimate.
VAGUE = 0.5


@dataclass(frozen=True)
class PSFEstimate:
    """What `estimate_psf` found.

    Attributes
    ----------
    psf : float64 array
        ``restore.psf.<family>(**parameters)``: what to restore with.
    family : str
        The family asked for, or the likeliest one.
    parameters : dict
        The family's parameters, in pixels and degrees, for example ``{"sigma": 2.03}``.
    uncertainty : dict
        About one standard deviation of each, 0 for the given ones.
    confidence : {"confident", "weak", "none"}
        "none": no blur of the families asked for is in the picture, and restoring with `psf` would do nothing
        good.
    drop : float
        By which share the blur lowers the misfit J of the spectrum: 0 for none, above 0.5 for a strong one.
    runner_up : tuple of (str, dict) or None
        The next likely family and its parameters; None when only one was tried.
    verdict : str
        One sentence for people.
    """

    psf: Array
    family: str
    parameters: Parameters
    uncertainty: Parameters
    confidence: Confidence
    drop: float
    runner_up: tuple[str, Parameters] | None
    verdict: str


def estimate_psf(
    image: ArrayLike,
    *,
    family: str = "gaussian",
    channel_axis: int | None = None,
    jpeg: bool = False,
    quantization: float | None = None,
) -> PSFEstimate:
    """Return the blur theta with the least misfit of log(S |H_theta|^2 + s^2) over all usual S and noise s^2.

    The log power spectrum of a sharp picture S is nearly a power law; what bends it, or rings in it, is the
    blur.

    Parameters
    ----------
    image : (H, W) float array, or with channels on `channel_axis`
        The blurred picture, in any unit, as it will be restored: a photograph in linear light. Samples that
        stem from 8-bit codes are recognised.
    family : {"gaussian"}
        Shape of the PSF.
    channel_axis : int, optional
        Axis of the colour channels; the estimate uses their luminance.
    jpeg : bool
        The samples were stored as JPEG at some time. Its errors then count as noise, and the lines of its
        blocks are left out. A sharp picture stays sharp either way, but a blurred JPEG misleads without it.
    quantization : float, optional
        Distance of two codes in the units of `image`, where the samples no longer show it (they were scaled
        or averaged).

    Returns
    -------
    estimate : PSFEstimate

    Raises
    ------
    TypeError
        The image is not float32 or float64.
    ValueError
        The image is not finite, has not two spatial axes or too few samples, or `family` is unknown.

    Notes
    -----
    One FFT of at most nine tiles of 512 x 512, then some thirty fits of seven numbers to some 8000 cells:
    about 0.1 s for a family, whatever the size of the picture. Of pictures larger than 1536 pixels the middle
    is taken.

    The lens's own softness is part of what is found, which is what one wants to undo. The picture must have
    texture of many sizes: drawings, text and repeated patterns can mislead. Blur that varies over the frame
    is averaged. Compare `uncertainty` with the +-10 % that a restoration forgives.

    References
    ----------
    A. Levin, Y. Weiss, F. Durand and W. T. Freeman, Understanding and evaluating blind deconvolution
    algorithms, CVPR 2009; M. Cannon, Blind deconvolution of spatially invariant image blurs with phase, IEEE
    Trans. ASSP 24, 1976.

    Examples
    --------
    >>> import numpy as np
    >>> from restore import blur, estimate_psf, psf
    >>> from skimage.data import camera
    >>> blurred = blur(camera() / 255.0, psf.gaussian(2.0))
    >>> estimate = estimate_psf(blurred, family="gaussian")
    >>> estimate.confidence, round(estimate.parameters["sigma"])
    ('confident', 2)
    """
    one_of(family, FAMILIES, "family")
    picture = as_image(image, channel_axis=channel_axis)
    if picture.ndim != (2 if channel_axis is None else 3):
        raise ValueError(
            f"image must have two spatial axes, got shape {picture.shape}: "
            "pass channel_axis for colour, or one plane of a stack"
        )
    step = None if quantization is None else as_positive(quantization, "quantization")
    if min(picture.shape[:2]) < SHORTEST_EDGE:
        raise ValueError(f"image must have {SHORTEST_EDGE} pixels or more per axis, got {picture.shape}")
    spectrum = log_spectrum(picture, jpeg=jpeg, step=step)
    spectral = SpectralModel(spectrum)
    sharp = spectral.fit(np.ones_like(spectrum.u), spectral.start())
    best = search_size(MODELS[family], spectral, sharp)
    return _judged(best, sharp.objective)


def _judged(best: Candidate, sharp_objective: float) -> PSFEstimate:
    size = best.parameters[best.model.size]
    drop = max(1 - best.objective / sharp_objective, 0.0)
    confidence: Confidence = "confident" if drop >= CONFIDENT_DROP else "weak"
    verdict = f"{confidence}: {_told(best)}"
    if best.uncertainty[best.model.size] > VAGUE * size:
        confidence, verdict = "none", "cannot tell: the picture has too little texture, or too much noise"
    if size < best.model.visible:
        confidence = "none"
        verdict = f"no {best.model.name} blur found: the picture looks sharp, or is blurred in another way"
    return PSFEstimate(
        psf=best.model.psf(**best.parameters),
        family=best.model.name,
        parameters=dict(best.parameters),
        uncertainty=dict(best.uncertainty),
        confidence=confidence,
        drop=drop,
        runner_up=None,
        verdict=verdict,
    )


def _told(best: Candidate) -> str:
    values = [
        f"{name} {value:.3g} +- {best.uncertainty[name]:.2g}" for name, value in best.parameters.items()
    ]
    return f"{best.model.name}, {', '.join(values)}"
