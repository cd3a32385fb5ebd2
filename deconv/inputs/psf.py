"""From --psf and its options to a point-spread function, estimated where the user does not know it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

import restore
from deconv.errors import UsageError
from deconv.inputs.kernel import Kernel
from deconv.inputs.linear_light import LightPicture, steps_of
from deconv.inputs.psf_files.psf_file import kernel_of_file
from deconv.inputs.psf_files.psf_grid_file import kernel_of_grid
from deconv.inputs.psf_of_optics import optical_kernel
from deconv.inputs.psf_of_shake import shake_kernel
from deconv.progress import progress
from deconv.settings import PSFChoice, Reporting
from restore.blur_identification.blur_estimate import description
from restore.noise.dark_ground import MOSTLY, dark_ground
from restore.operators.progress import watched
from restore.psf.family import FAMILIES, Family
from restore.psf.optics.model import MODELS

#: How much more of the misfit another family must take off to be mentioned.
CLEARLY = 0.02
WEAKLY = "the picture shows this blur weakly: see whether the result is better than the picture"

POINTS = (
    "it shows points on dark ground, which tell their own blur: the psf command makes a PSF of them, for --psf FILE"
)


def given_kernel(choice: PSFChoice, light: LightPicture | None) -> Kernel | None:
    """Return the PSF if options and file determine it, None if something must be estimated from the picture.

    Without a picture, of whose voxels that would be, none of a microscope.
    """
    if choice.grid is not None:
        return kernel_of_grid(choice)
    name = choice.psf or ""
    if choice.sampling is not None and name in (*FAMILIES, *MODELS, "auto", "blind"):
        raise UsageError(f"--psf-sampling does not belong to --psf {name} (it is for a file with a measured PSF)")
    if name in MODELS and light is None:
        raise UsageError(f"--psf {name} is for stacks (give a PSF in pixels, for example --psf gaussian --sigma 2)")
    if name in MODELS and light is not None:
        _refuse_foreign(choice)
        return optical_kernel(choice, MODELS[name], light)
    if foreign := [*choice.optics, *["spacing"] * (choice.spacing is not None)]:
        raise UsageError(f"--{foreign[0].lower()} does not belong to --psf {name} (it is for {', '.join(MODELS)})")
    if name != "blind" and choice.kernel_size is not None:
        raise UsageError(f"--psf-size does not belong to --psf {name} (it is the square that --psf blind searches)")
    if choice.kernel_size is not None and choice.kernel_size % 2 == 0:
        raise UsageError(f"--psf-size must be odd, got {choice.kernel_size} (a kernel has a middle)")
    if name == "auto":
        _refuse_foreign(choice, *(family for family in FAMILIES.values() if family.spectrum is not None))
        return None
    if name not in FAMILIES:
        _refuse_foreign(choice)
        return (
            None
            if name == "blind"
            else kernel_of_file(choice, (*FAMILIES, *MODELS), None if light is None else light.picture)
        )
    return _drawn(choice, FAMILIES[name])


def _drawn(choice: PSFChoice, family: Family) -> Kernel | None:
    """Return a PSF of a family; None where a missing parameter can be estimated."""
    _refuse_foreign(choice, family)
    values = {p.name: choice.parameters[p.name] for p in family.parameters if p.name in choice.parameters}
    missing = [p.name for p in family.parameters if p.required and p.name not in values]
    if not missing:
        return Kernel(psf=family.draw(**values), family=family.name, parameters=values)
    if family.spectrum is None:
        options = " and ".join(f"--{name}" for name in missing)
        raise UsageError(f"--psf {family.name} needs {options} (in pixels; degrees for an angle)")
    return None


#: Looks for a blur in a picture.
Estimate = Callable[[PSFChoice, LightPicture], restore.PSFEstimate]


def estimated_kernel(
    choice: PSFChoice, light: LightPicture, reporting: Reporting, look: Estimate | None = None
) -> Kernel:
    """Find the PSF's missing parameters in the picture, or a kernel of any shape.

    `look` is what estimates: `estimate`, or what remembers its answers.
    """
    if choice.psf == "blind":
        return shake_kernel(choice, light, reporting)
    look = look or estimate
    with progress(reporting, "estimating the blur") as advance, watched(advance):
        blur = look(choice, light)
        likelier = _of_another_family(choice, blur, light, look)
    if blur.confidence == "none":
        raise UsageError(f"{blur.verdict} ({_remedy(likelier)})")
    return Kernel(
        psf=blur.psf,
        family=blur.family,
        parameters={name: float(value) for name, value in blur.parameters.items()},
        estimated={name: float(value) for name, value in blur.uncertainty.items() if value > 0},
        confidence=blur.confidence,
        notes=_wide(blur) + _rivals(blur, likelier) + _weak(blur) + _points(light),
    )


def _of_another_family(
    choice: PSFChoice, blur: restore.PSFEstimate, light: LightPicture, look: Estimate
) -> restore.PSFEstimate | None:
    """Return the likeliest blur where it is of another family than the one asked for, and clearly likelier."""
    if choice.psf == "auto" or choice.parameters:
        return None
    likeliest = look(replace(choice, psf="auto"), light)
    if likeliest.family == blur.family or likeliest.confidence == "none":
        return None
    return likeliest if blur.confidence == "none" or likeliest.drop > blur.drop + CLEARLY else None


def _remedy(likelier: restore.PSFEstimate | None) -> str:
    """Return what to try where a blur was not found."""
    if likelier is not None:
        return f"it looks like {blur_in_words(likelier)}: try --psf {likelier.family}"
    return "a shaken camera? try --psf blind; if you see a blur, give it, for example --psf gaussian --sigma 2"


def _weak(blur: restore.PSFEstimate) -> tuple[str, ...]:
    """Return a warning where the picture hardly tells its blur: such a restoration may be worse than the picture."""
    return (WEAKLY,) if blur.confidence == "weak" else ()


def _points(light: LightPicture) -> tuple[str, ...]:
    """Return what to do where points on dark ground tell a PSF better than any spectrum, which knows three families."""
    if light.channel_axis is not None or light.light != "linear":
        return ()
    ground = dark_ground(_finite(light)[0 if light.picture.planes else slice(None)][..., None])
    return (POINTS,) if ground is not None and ground.even >= MOSTLY else ()


def _wide(blur: restore.PSFEstimate) -> tuple[str, ...]:
    """Return in which copy of the picture a wide blur showed."""
    return (f"the blur is wide: it was seen in a copy of 1/{blur.reduction} of the size",) if blur.reduction > 1 else ()


def _rivals(blur: restore.PSFEstimate, likelier: restore.PSFEstimate | None) -> tuple[str, ...]:
    """Return what else the picture may be blurred by."""
    if likelier is not None:
        return (f"{blur_in_words(likelier)} explains the picture better: try --psf {likelier.family}",)
    return tuple(f"{words} fits nearly as well: try --psf {family}" for family, words in blur.rivals.items())


def blur_in_words(blur: restore.PSFEstimate) -> str:
    """Return a blur by its family and parameters, with their errors."""
    return description(blur.family, blur.parameters, blur.uncertainty)


def estimate(choice: PSFChoice, light: LightPicture) -> restore.PSFEstimate:
    """Look for a blur of the family asked for, keeping the parameters that the user gave.

    The file's quantization table is used; a picture that was a JPEG once and is none now is recognised by its blocks.
    """
    clipped, first = light.clipped(), 0 if light.picture.planes else slice(None)
    hidden = clipped if light.unknown is None else clipped | light.unknown
    return restore.estimate_psf(
        _finite(light)[first],
        family=choice.psf or "auto",
        channel_axis=light.channel_axis,
        given=choice.parameters or None,
        jpeg=steps_of(light.picture),
        mask=hidden[first],
    )


def _finite(light: LightPicture) -> NDArray[Any]:
    """Return a picture whose unknown samples are like half of the others."""
    image, unknown = light.image, light.unknown
    return image if unknown is None else np.where(unknown, np.median(image[~unknown]), image).astype(image.dtype)


def _refuse_foreign(choice: PSFChoice, *families: Family) -> None:
    own = {parameter.name for family in families for parameter in family.parameters}
    for name in choice.parameters:
        if name not in own:
            raise UsageError(f"--{name} does not belong to --psf {choice.psf} (leave it out, or name another family)")
