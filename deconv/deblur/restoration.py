"""From light and PSF to a restored picture: plane by plane, with what the file says of its samples."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

import restore
from deconv.deblur.finer import METHOD, FinerGrid, coarse_target, is_undersampled
from deconv.deblur.request import AMOUNTS, DeblurRequest, MethodChoice
from deconv.errors import UsageError
from deconv.inputs.kernel import Kernel
from deconv.inputs.linear_light import LightPicture
from deconv.inputs.masks import CLIPPED, Hidden
from deconv.inputs.weights import sample_weights
from deconv.progress import progress
from restore import Restoration
from restore.checks import as_finite, one_of
from restore.deconvolution import method_for
from restore.methods.automatic import BESIDE_ERRORS, USUAL
from restore.methods.counts.settings import FOUND
from restore.methods.method import METHODS
from restore.methods.varying.varying_method import chosen_name
from restore.observation.boundary import BOUNDARIES
from restore.observation.highlights import reached, restored_around
from restore.operators.progress import Stages, watched

Array = NDArray[Any]

#: How much of a pass is reckoned for a second one, where that may be needed.
SECOND = 0.03
#: Standard errors of an estimate, relative or in degrees, that make no difference.
EXACT = 0.005


@dataclass(frozen=True, eq=False)
class Restored:
    """The restored light, a record per plane, what was taken as unknown and why, and the settings of every plane.

    `mask` may reach farther than what is `hidden` by itself: what very bright lights spread is unknown with them.
    """

    image: Array
    planes: tuple[Restoration, ...]
    mask: Array | None
    hidden: Hidden
    settings: Mapping[str, Any]
    is_weighted: bool = False  # by what the picture's own file says of its errors
    keep_flat: float = 0.0  # local contrast, in units of the noise, below which the file's samples stayed
    subsampling: int = 1  # samples of the result along a side of one of the picture

    @property
    def first(self) -> Restoration:
        """Return the record of the first plane."""
        return self.planes[0]

    @property
    def noise_sigma(self) -> float:
        """Return the largest noise of a plane."""
        return float(max(plane.noise_sigma for plane in self.planes))

    @property
    def noise_is_white(self) -> bool:
        """Return whether every plane's noise was taken for white."""
        return all(plane.noise_is_white for plane in self.planes)

    @property
    def dead_share(self) -> float:
        """Return the share of the samples, as a mean over the planes, where there is no picture."""
        return float(np.mean([0.0 if plane.dead is None else plane.dead.mean() for plane in self.planes]))

    @property
    def contradicting_share(self) -> float:
        """Return the share of the samples, as a mean over the planes, that contradict the PSF."""
        return float(np.mean([0.0 if p.contradictions is None else p.contradictions.share for p in self.planes]))

    @property
    def banding(self) -> float:
        """Return the strongest noise of rows or columns that was taken off a plane, relative to that of samples."""
        return max(plane.banding for plane in self.planes)

    @property
    def doubts(self) -> tuple[str, ...]:
        """Return what speaks against the result, each reason once."""
        return tuple(dict.fromkeys(doubt for plane in self.planes for doubt in plane.doubts))


def settings_for(choice: MethodChoice, light: LightPicture, kernel: Kernel) -> dict[str, Any]:
    """Return the arguments of `restore.deconvolve` beside picture, PSF and mask."""
    settings: dict[str, Any] = {
        "boundary": choice.boundary,
        "channel_axis": light.channel_axis,
        "extra_noise_var": light.compression_var,
        "method": choice.name or "auto",
        "smoothness": choice.smoothness,
        "psf_error": kernel.error,
    }
    if kernel.psf.ndim == 2:
        settings["psf_spread"] = _spread(choice, kernel)
    if choice.quality is not None:
        settings["quality"] = choice.quality
    if kernel.error > 0 and choice.is_unnamed:
        settings["method"] = BESIDE_ERRORS
    if choice.subsampling > 1:
        settings["method"] = METHOD
    return settings | _in_light(choice, light)


def _in_light(choice: MethodChoice, light: LightPicture) -> dict[str, Any]:
    """Return the method's own arguments, amounts of light in that of full scale 1."""
    own = dict(choice.arguments)
    if choice.in_counts or choice.sky is not None:
        light.require_counts()
    if choice.in_counts:
        own |= {name: own[name] / light.full_scale for name in AMOUNTS if name in own}
        own |= {name: own[name] / light.full_scale**2 for name in ("noise_var",) if name in own}
    if choice.sky is not None:
        own["background"] = choice.sky if choice.sky == FOUND else _number(choice.sky) / light.full_scale
    return own


def _takes_weights(choice: MethodChoice) -> bool:
    return choice.name in METHODS and "weights" in METHODS[choice.name].arguments


def _number(sky: str) -> float:
    try:
        return as_finite(float(sky), "sky")
    except ValueError:
        raise UsageError(f"--sky must be auto or a number, got {sky!r}") from None


def _spread(choice: MethodChoice, kernel: Kernel) -> float | tuple[float, float]:
    """Return how uncertain the PSF is: as was said, or by the standard errors of its estimate."""
    if choice.psf_spread is not None:
        return choice.psf_spread
    return kernel.spread if max(kernel.spread) > EXACT else 0.0


def check_words(choice: MethodChoice, light: LightPicture, *, varies: bool = False) -> None:
    """Refuse a method, its arguments or a boundary that cannot be, before anything is computed.

    `varies` says whether the PSF changes over the picture.
    """
    one_of(choice.boundary, BOUNDARIES, "boundary")
    words: dict[str, Any] = {"method": choice.name or "auto", "quality": choice.quality or USUAL}
    own = _in_light(choice, light) | ({} if choice.weights is None else {"weights": np.ones(1)})
    if varies:
        words = {"method": chosen_name(words["method"], words["quality"], own)}
    method_for(light.planes[0].shape[:2], own, **words, smoothness=choice.smoothness)


def restored(request: DeblurRequest, light: LightPicture, kernel: Kernel, hidden: Hidden) -> Restored:
    """Restore all planes of a picture, around lights far above the top code again."""
    settings = settings_for(request.method, light, kernel)
    outliers = outliers_word(request, kernel)
    is_least = outliers == "auto" and request.unknown.clipped == "auto"  # clipped samples say "at least that much"
    cut = light.clipped()
    settings["banding"] = request.method.banding
    settings |= {"outliers": outliers, "white_level": light.white_light(cut) if is_least and cut.any() else np.inf}
    weights = sample_weights(request.method.weights, light, are_taken=_takes_weights(request.method))
    run = _Run(light, kernel, settings, weights, keep_flat=request.method.keep_flat, step=request.method.subsampling)
    if CLIPPED in hidden.reasons:  # then a second pass may follow
        run.stages = Stages({1: 1.0, 2: SECOND})
    with progress(request.reporting, run.label) as advance, watched(advance):
        image, mask = _in_passes(run, request, hidden, cut, is_least=is_least)
    return _result(run, image, mask, hidden)


def outliers_word(request: DeblurRequest, kernel: Kernel) -> str:
    """Return what becomes of samples that contradict the PSF.

    Stars narrower than the samples contradict theirs wherever they lie between these: it is looked for on them.
    """
    is_narrow = request.method.subsampling > 1 and is_undersampled(kernel.psf)
    return request.unknown.outliers or ("keep" if kernel.error > 0 or is_narrow else "auto")


def _in_passes(
    run: _Run, request: DeblurRequest, hidden: Hidden, cut: Array, *, is_least: bool
) -> tuple[Array, Array | None]:
    """Return the restored light and the mask that was used, after as many passes as the lights ask for."""
    image = run.everywhere(hidden.but_for_clipped.mask if is_least else hidden.mask)
    mask = hidden.mask
    if CLIPPED in hidden.reasons and run.is_contradicted_by_lights_alone(cut):  # a wider mask is better to them
        run.settings = {**run.settings, "outliers": "keep", "white_level": np.inf}
        image = run.everywhere(mask)
    is_asked = request.unknown.clipped == "mask" or (request.unknown.clipped == "auto" and not run.is_resolved)
    if is_asked and run.step == 1:
        image, mask = _around_lights(run, image, mask, cut)
    return image, mask


def _around_lights(run: _Run, image: Array, mask: Array | None, cut: Array) -> tuple[Array, Array | None]:
    """Restore around masked lights far above the top code again, with a wider mask; return the mask used."""
    if mask is None or run.kernel.psf.ndim != 2:
        return image, mask
    channels, top = run.light.channel_axis is not None, run.light.white_light(cut)
    return restored_around(run.everywhere, image, mask, cut, run.kernel.psf, channels=channels, top=top)


def _result(run: _Run, image: Array, mask: Array | None, hidden: Hidden) -> Restored:
    return Restored(
        image=image,
        planes=tuple(run.planes),
        mask=mask,
        hidden=hidden,
        settings=run.settings,
        is_weighted=run.weights is not None,
        keep_flat=run.keep_flat,
        subsampling=run.step,
    )


@dataclass(eq=False)
class _Run:
    """The restoration of one picture under way; `planes` holds the records of its last pass."""

    light: LightPicture
    kernel: Kernel
    settings: Mapping[str, Any]
    weights: Array | None = None
    keep_flat: float = 0.0
    step: int = 1
    planes: list[Restoration] = field(default_factory=list)
    stages: Stages = field(default_factory=lambda: Stages({1: 1.0}))
    passes: int = 0

    def everywhere(self, mask: Array | None) -> Array:
        """Restore all planes, or the volumes of the stack where the PSF has three axes."""
        self.planes.clear()
        self.passes += 1
        with self.stages.stage(self.passes, cost=1.0):
            return self.light.mapped(self._plane, mask, self.weights, ndim=self.kernel.psf.ndim)

    @property
    def is_resolved(self) -> bool:
        """Return whether a robust estimate told how bright clipped light is, or which samples are wrong."""
        return any(p.contradictions is not None and p.contradictions.are_resolved for p in self.planes)

    def is_contradicted_by_lights_alone(self, cut: Array) -> bool:
        """Return whether all that contradicts the PSF lies where clipped light reaches, in a picture of one plane."""
        contradictions, psf = self.planes[0].contradictions, self.kernel.psf
        if contradictions is None or not self.is_resolved or len(self.planes) > 1 or psf.ndim != 2:
            return False
        wrong = contradictions.wrong
        return not np.any(wrong & ~reached(cut.reshape(wrong.shape), psf))

    @property
    def label(self) -> str:
        """Return what is being done."""
        method = str(self.settings["method"])
        return "restoring" if method == "auto" else method

    def _plane(self, image: Array, channel: int, mask: Array | None, weights: Array | None) -> Array:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", restore.StrengthWarning)  # said by the doubts
            self.planes.append(self._deconvolved(image, channel, mask, weights))
        return self._with_flat_ground(image, self.planes[-1], mask)

    def _deconvolved(self, image: Array, channel: int, mask: Array | None, weights: Array | None) -> Restoration:
        counting: dict[str, Any] = {} if weights is None else {"weights": weights}
        psf, settings, target = self.kernel.of_channel(channel), self.settings, self.settings.get("target")
        if self.step > 1 and target is not None:
            settings = {**settings, "target": coarse_target(target, self.step)}
        plane = restore.deconvolve(image, psf, mask=mask, **settings, **counting)
        if self.step == 1:
            return plane
        finer = FinerGrid(self.step, self.kernel.made_finer(self.step, channel), target, weights)
        return finer.restored(image, plane, settings, mask)

    def _with_flat_ground(self, image: Array, plane: Restoration, mask: Array | None) -> Array:
        """Return a restored plane, or what is flat in it as the file has it."""
        if self.keep_flat == 0:
            return plane.image
        return restore.blend_by_contrast(
            image,
            plane.image,
            noise_sigma=plane.noise_sigma,
            threshold=self.keep_flat,
            mask=mask,
            channel_axis=self.settings["channel_axis"],
        )
