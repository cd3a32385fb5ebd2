"""A result on a grid finer than the picture's along rows and columns: what goes with it, and how a plane gets there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

import restore
from deconv.deblur.request import DeblurRequest
from deconv.errors import UsageError
from deconv.inputs.kernel import Kernel
from deconv.inputs.linear_light import LightPicture
from deconv.pictures import Picture, PictureError
from restore import Restoration
from restore.blur_identification.effective.core_fit import fit_core
from restore.methods.counts.chosen_psf import SAMPLED

Array = NDArray[Any]

METHOD = "richardson_lucy"
#: Arguments of a restoration that the finer grid has too.
_ALIKE = ("gain", "read_noise", "background", "damping", "tv_weight", "boundary", "channel_axis")


def check_finer(request: DeblurRequest) -> None:
    """Refuse what there is for pictures on one grid alone."""
    choice, judging = request.method, request.judging
    if choice.subsampling == 1:
        return
    if choice.name not in (None, METHOD):
        raise UsageError(f"--subsampling is for --method {METHOD}, got --method {choice.name} (leave one of them out)")
    options: Mapping[str, Any] = {
        "--card": judging.card,
        "--report": judging.page,
        "--reference": judging.reference,
        "--keep-flat": choice.keep_flat,
        "--psf-grid": request.psf.grid,
        "--clipped mask": request.unknown.clipped == "mask",
    }
    option = next((name for name, value in options.items() if value), None)
    if option is not None:
        raise UsageError(f"{option} is for results on the samples of the picture (leave it or --subsampling out)")


def check_picture(light: LightPicture, kernel: Kernel, step: int) -> None:
    """Refuse a picture whose result on a finer grid would lack something."""
    path = light.picture.path or "picture"
    if light.picture.alpha is not None:
        raise PictureError(path, "has alpha, which there is none of on a finer grid", "leave --subsampling out")
    if kernel.psf.ndim != 2:
        raise PictureError(
            path,
            "is restored as a volume, whose slices are not made finer",
            "leave --subsampling out, or give a PSF of two axes",
        )
    light.picture.made_finer(step)


def is_undersampled(psf: Array) -> bool:
    """Return whether samples do not hold a PSF's shape."""
    core = fit_core(psf, 0.0)
    return core is None or bool(core.fwhm.min() < SAMPLED)


def coarse_target(target: float, step: int) -> float:
    """Return the width for the picture's own samples, in them, where a run on these says when to stop."""
    return max(target / step, SAMPLED)


@dataclass(frozen=True, eq=False)
class FinerGrid:
    """A grid finer by `step`, with the PSF on it, the width to restore to in its samples, and how much those count."""

    step: int
    psf: Array
    target: float | None
    weights: Array | None

    def restored(
        self, image: Array, plane: Restoration, settings: Mapping[str, Any], mask: Array | None
    ) -> Restoration:
        """Return a plane restored again, after as many iterations, without what is wrong in it.

        A finer sample is as bright as one of the picture would be: the mean over those in one is its light.
        """
        restored = restore.richardson_lucy(
            image,
            self.psf,
            **{name: settings[name] for name in _ALIKE if name in settings},
            iterations=plane.iterations,
            subsampling=self.step,
            target=self.target,
            weights=self.weights,
            mask=_unknown(image, plane, mask, settings["white_level"]),
        )
        return replace(plane, image=restored, target=self.target)


def _unknown(image: Array, plane: Restoration, mask: Array | None, white: float) -> Array | None:
    """Return what is masked, contradicts the PSF or is clipped; None where all is known."""
    wrong = np.zeros(image.shape, bool) if not np.isfinite(white) else np.asarray(image >= white)
    if plane.contradictions is not None:
        wrong |= np.asarray(plane.contradictions.wrong)
    if mask is not None:
        wrong |= mask if mask.ndim == wrong.ndim else mask[..., None]
    return wrong if wrong.any() else None


def magnified(picture: Picture, step: int) -> Picture:
    """Return a picture whose samples are drawn as squares of the finer grid."""
    rows, unknown = 1 if picture.planes else 0, picture.unknown

    def repeated(values: Array) -> Array:
        return np.repeat(np.repeat(values, step, rows), step, rows + 1)

    finer = replace(picture, samples=repeated(picture.samples)).made_finer(step)
    return finer if unknown is None else replace(finer, unknown=repeated(unknown))
