"""The PSF from one blurred picture: family and parameters by the trace of blur in the log power spectrum."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from restore.blur_identification.blur_estimate import FamilyEstimate
from restore.blur_identification.spectral.blur_models import BlurModel, Parameters, blur_models
from restore.blur_identification.spectral.blur_search import Candidate, search
from restore.blur_identification.spectral.judgement import Judgement, by_likelihood
from restore.blur_identification.spectral.log_spectrum import log_spectrum
from restore.blur_identification.spectral.samples import Samples
from restore.blur_identification.spectral.scales import deciding, reduced_sizes
from restore.blur_identification.spectral.spectral_fit import SpectralFit, SpectralModel
from restore.blur_identification.spectral.trial import tried
from restore.checks import Array, InvalidValue, as_finite, as_mask, as_planar_image, as_positive, one_of
from restore.observation.dead_areas import dead_areas
from restore.operators.progress import Stages, advance
from restore.operators.threads import on_one_thread
from restore.operators.unit import Unit
from restore.psf.families.gaussian import gaussian

__all__ = ["PSFEstimate", "estimate_psf"]

#: Pictures smaller than this say nothing.
SHORTEST_EDGE = 24
#: The largest PSF that is looked for, as a share of the shorter edge.
LARGEST_SHARE = 0.5
#: How much less J must be for the noise to count as coloured: it is 5 to 90 for white noise, with JPEG or without, and
#: 230 to 2500 for demosaiced, filtered and reduced pictures.
GATE = 150.0
#: Areas of equal samples hold no picture where their edges are sharper than this sigma leaves them.
LEAST_BLUR = 1.2


@dataclass(frozen=True, eq=False, kw_only=True)
class PSFEstimate(FamilyEstimate):
    """What `estimate_psf` found.

    Attributes
    ----------
    psf : float64 array
        ``restore.psf.<family>(**parameters)``: what to restore with.
    confidence : {"confident", "weak", "none"}
        "none": the picture shows no blur of the families asked for, and `psf` (the best guess all the same) should not
        be used. "weak": look at the result before you trust it.
    verdict : str
        One sentence for people.
    family : str
        The family asked for, or the likeliest one.
    parameters : dict
        The family's parameters, in pixels and degrees, for example ``{"sigma": 2.03}``.
    uncertainty : dict
        About one standard deviation of each parameter in the same units, 0 for the given ones.
    reduction : int
        How many times smaller than the picture the copy was in which the blur showed: 1 for the picture itself, 2, 4
        ... for one whose blur is too wide for it. The other fields are in pixels of the picture all the same.
    drop : float
        By which share the blur lowers the misfit of the spectrum: 0 for no blur, above 0.5 for a strong one.
    runner_up : tuple of (str, dict) or None
        The next likely family and its parameters; None when only one was tried.
    rivals : dict of str to str
        The families that fit nearly as well, in words.
    """

    reduction: int
    drop: float
    runner_up: tuple[str, dict[str, float]] | None
    rivals: dict[str, str]


@on_one_thread
def estimate_psf(
    image: ArrayLike,
    *,
    family: str = "auto",
    channel_axis: int | None = None,
    given: Mapping[str, float] | None = None,
    jpeg: bool | ArrayLike | None = None,
    quantization: float | None = None,
    mask: ArrayLike | None = None,
) -> PSFEstimate:
    """Return the blur theta with the least misfit of log(S |H_theta|^2 + s^2) over all usual S and noise s^2.

    The log power spectrum S of a sharp picture is nearly a power law; what bends it, or rings in it, is the blur.

    Parameters
    ----------
    image : (H, W) float array, or with channels on `channel_axis`
        The blurred picture, in any unit, as it will be restored: a photograph in linear light.
    family : {"auto", "gaussian", "disk", "motion"}
        Shape of the PSF, of these or another registered one with a spectrum; "auto" takes the one with the least
        misfit.
    channel_axis : int, optional
        Axis of the colour channels; the estimate uses their luminance.
    given : mapping of str to float, optional
        Parameters that are known and stay, for example ``{"angle": 11.0}``. With "auto", only families that have them
        all are tried.
    jpeg : bool or (8, 8) array, optional
        Whether the samples were ever stored as JPEG, or much better the luminance quantization table of that JPEG (row
        by row, vertical frequency first): with the table and the samples as they were decoded, cropped or not, the
        coefficients of the file tell what the compression kept and added at each frequency. Without, nothing is
        concluded where its steps usually empty the spectrum. None reads the table off the coefficients while the values
        are those that were decoded, else looks for the edges of the blocks, which sees quality 95 and below but may
        miss a higher one or a rescaled picture.
    quantization : float, optional
        Distance of two codes in the units of `image`. None finds it from the samples, evenly spaced or decoded from a
        gamma curve; say it when they were scaled or averaged since.
    mask : bool array, optional
        True where samples are not what the blur left: clipped lights above all, which look like sharp edges. Shape of
        the image, or of one channel. Ignored where it leaves next to nothing. Areas of exactly equal samples with edges
        sharper than any blur, such as letterbox bars, are not looked at in any case.

    Returns
    -------
    estimate : PSFEstimate

    Raises
    ------
    TypeError
        The image is not float32 or float64.
    ValueError
        The image is not finite, has not two spatial axes of 24 samples or more, `family` is unknown, `given` names a
        parameter the family does not have or a size that is not > 0, or `jpeg` is no table.

    Notes
    -----
    FFTs of nine tiles of 512 x 512 at most, then some forty fits of up to sixteen numbers to some 8000 cells: all three
    families together cost a few Wiener restorations of a 512 x 512 picture, and no more for a larger one. The noise may
    be coloured, as a camera's processing leaves it, where that explains the spectrum far better. Of pictures
    larger than 1536 pixels the part with most texture is taken.

    Wide blurs, and those of enlarged pictures, are found in copies of 1/2 to 1/16 of the size, as far as 60 pixels are
    left of the shorter edge: a blur counts where it measures 2 to 8 pixels (the radius of a disk, or twice sigma).
    `reduction` and `verdict` say in which copy. They are looked at where the picture has no detail in the upper half
    of its frequencies and no zeros fix a narrow blur already, which costs once to twice as much again; where no blur
    was found beside detail, or noise that looks like it, 1/4 and 1/16 are, which costs a third more.

    A blur that lowers the misfit by less than a quarter is tried on the most textured part, of 512 pixels at most:
    where a linear restoration by it leaves edges over in the place of noise, the next family is asked, and "none"
    follows where none stands. That takes 0.1 to 0.5 s.

    As sure as the picture is usual: one that was soft before the blur counts its softness in (which is what one wants
    to undo), and one with more fine detail than others makes a gaussian look up to a fifth too small. The zeros of a
    disk and of motion leave no such doubt: half a percent is usual, as long as JPEG and noise leave the zeros in sight;
    where they do not, a small disk and a gaussian are taken for one another. Drawings, text and repeated patterns can
    mislead. Blur that varies over the frame is averaged.

    Sizes below 0.6 (sigma), 1 (radius) or 3 pixels (length) are not told from a sharp picture. A shaken camera's
    crooked path looks like no family and gets the confidence "none" too.

    References
    ----------
    A. Levin, Y. Weiss, F. Durand and W. T. Freeman, Understanding and evaluating blind deconvolution algorithms, CVPR
    2009; M. Cannon, Blind deconvolution of spatially invariant image blurs with phase, IEEE Trans. ASSP 24, 1976.

    Examples
    --------
    >>> from restore import estimate_psf, psf
    >>> from scipy.signal import convolve
    >>> from skimage.data import camera
    >>> blurred = convolve(camera() / 255.0, psf.disk(4.0), mode="valid")
    >>> estimate = estimate_psf(blurred)
    >>> estimate.family, round(estimate.parameters["radius"], 1), estimate.confidence
    ('disk', 4.0, 'confident')
    """
    constants = dict(given or {})
    models = _models(family, constants)
    picture = as_planar_image(image, channel_axis=channel_axis)
    if min(picture.shape[:2]) < SHORTEST_EDGE:
        raise InvalidValue(f"image must have {SHORTEST_EDGE} pixels or more per axis, got {picture.shape[:2]}")
    unit = Unit.of(picture)
    picture = unit.inside(picture)
    step = None if quantization is None else unit.inside(as_positive(quantization, "quantization"))
    stages = Stages({"areas": 1.0, 1: 1.0, "smaller": 1.0})
    with stages.stage("areas"):
        hidden = _hidden(picture, mask, np.shape(image), channel_axis)
    samples = Samples.of(picture, jpeg=jpeg, step=step, hidden=hidden)

    def judged(samples: Samples) -> Judgement:
        with stages.stage(samples.factor, cost=1.0):
            return _judgement(samples, models, constants)

    return _psf_estimate(deciding(judged(samples), list(reduced_sizes(samples)), judged))


def _judgement(samples: Samples, models: list[BlurModel], constants: Parameters) -> Judgement:
    """Return the blurs that the samples show."""
    spectrum = log_spectrum(samples)
    largest = LARGEST_SHARE * min(samples.image.shape[:2])
    stages, searches = Stages({False: 1.0, True: 1.0}), []
    for word in (False, True):
        with stages.stage(word):
            searches.append(_Search.of(SpectralModel(spectrum, coloured=word), models, constants, largest))
    white, coloured = searches
    likelier = coloured if white.objective - coloured.objective > GATE else white
    sharp = likelier.sharp.objective
    judgement = Judgement(
        candidates=by_likelihood(likelier.candidates, sharp, constants),
        sharp=sharp,
        detail=likelier.detail,
        constants=constants,
        factor=samples.factor,
    )
    return tried(judgement, samples)


@dataclass(frozen=True, eq=False)
class _Search:
    """The fit without blur and the best blur of every family, all with noise of one kind."""

    sharp: SpectralFit
    detail: float
    candidates: list[Candidate]

    @classmethod
    def of(cls, spectral: SpectralModel, models: list[BlurModel], constants: Parameters, largest: float) -> _Search:
        """Search all families."""
        sharp = spectral.sharp()
        candidates = []
        for number, model in enumerate(models, 1):
            candidates.append(search(model, spectral, sharp, constants, largest))
            advance(number / len(models))
        return cls(sharp, spectral.detail(sharp), candidates)

    @property
    def objective(self) -> float:
        """Return the least J of all."""
        return min(self.sharp.objective, *(c.objective for c in self.candidates))


def _hidden(picture: Array, mask: ArrayLike | None, shape: tuple[int, ...], channel_axis: int | None) -> Array | None:
    """Return where a sample of any channel is hidden, or holds no picture; None where all are known."""
    given = None if mask is None else as_mask(mask, shape, channel_axis)
    hidden = np.zeros(picture.shape[:2], bool) if given is None else np.asarray(given.any(axis=-1))
    dead = dead_areas(picture, gaussian(LEAST_BLUR), given)
    if dead is not None:
        hidden = hidden | dead
    return hidden if hidden.any() else None


def _models(family: str, constants: Parameters) -> list[BlurModel]:
    """Return the models to try: those of the family that have all the given parameters."""
    models = blur_models()
    one_of(family, ("auto", *models), "family")
    candidates = list(models.values()) if family == "auto" else [models[family]]
    fitting = [model for model in candidates if set(constants) <= set(model.parameters)]
    if not fitting:
        known = ", ".join(dict.fromkeys(name for model in candidates for name in model.parameters))
        raise InvalidValue(f"given must name parameters of family {family} ({known}), got {', '.join(constants)}")
    sizes = {model.size for model in fitting}
    for name, value in constants.items():
        if name in sizes:
            as_positive(value, name)
        else:
            as_finite(value, name)
    return fitting


def _psf_estimate(judgement: Judgement) -> PSFEstimate:
    best, *others = (judgement.enlarged(candidate) for candidate in judgement.candidates)
    return PSFEstimate(
        psf=best.model.family.draw(**best.parameters),
        confidence=judgement.confidence,
        verdict=judgement.verdict,
        family=best.model.name,
        parameters=best.parameters,
        uncertainty=best.uncertainty,
        reduction=judgement.factor,
        drop=judgement.drop,
        runner_up=(others[0].model.name, others[0].parameters) if others else None,
        rivals=judgement.rivals,
    )
