"""The PSF sensitivity card: the restoration beside those with a smaller, a larger and a turned PSF, with scores."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any

from numpy.typing import NDArray

import restore
from deconv.deblur.work import Work
from deconv.errors import UsageError
from deconv.figures.display import display
from deconv.inputs.kernel import Kernel, unit_of
from deconv.inputs.linear_light import LightPicture
from restore import PSFTrial
from restore.psf.family import FAMILIES

Array = NDArray[Any]

#: The name of the PSF in use among its variants.
IN_USE = "in use"


@dataclass(frozen=True, eq=False)
class Variant:
    """One PSF of the card, what it makes of the picture and its scores."""

    name: str
    title: str
    image: Array
    misfit: float
    residual: float

    def record(self) -> dict[str, Any]:
        """Return the variant's part of the JSON report."""
        return {"psf": self.name, "misfit": self.misfit, "residual": self.residual}


def _refuse_unfit(light: LightPicture, kernel: Kernel) -> None:
    """Refuse what a card cannot show."""
    if light.picture.planes:
        raise UsageError("--card shows one plane (choose it with --frame N)")
    if kernel.psf.ndim != 2:
        raise UsageError("--card needs a 2-D PSF")


def try_variants(work: Work) -> list[Variant]:
    """Restore with the neighbours of the PSF in use as the picture was restored; in use is what was written."""
    _refuse_unfit(work.light, work.kernel)
    kernel, family = work.kernel, work.kernel.family if work.kernel.family in FAMILIES else None
    psfs = restore.psf_variants(kernel.psf, family=family, parameters=kernel.parameters if family else None)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", restore.StrengthWarning)  # said of the PSF in use already
        trials = _trials(work, list(psfs.values()))
    pictures = [work.light.stored(trial.restoration.image) for trial in trials]
    return [
        Variant(
            name=name,
            title=title(name, kernel, family),
            image=display(work.picture if name == IN_USE else picture),
            misfit=trial.misfit,
            residual=trial.residual,
        )
        for name, trial, picture in zip(psfs, trials, pictures, strict=True)
    ]


def _trials(work: Work, psfs: list[Array]) -> list[PSFTrial]:
    return restore.psf_sensitivity(work.light.image, psfs, mask=work.restored.mask, **work.restored.settings)


def title(name: str, kernel: Kernel, family: str | None) -> str:
    """Return what a person calls the variant: its parameter and how far it is from the one in use."""
    if family is None:
        return name.replace("-", chr(0x2212))
    if name == IN_USE:
        values = [f"{n} {v:.4g}" for n, v in kernel.parameters.items() if unit_of(n)]
        return f"in use: {', '.join(values)}"
    word, change = name.split(" ", 1)
    angle = FAMILIES[family].angle
    if word == "angle" and angle is not None:
        value = kernel.parameters.get(angle, 0.0) + float(change.split()[0])
        return f"{angle} {value % 180:.4g} deg ({change.replace('-', chr(0x2212))})"
    parameter = FAMILIES[family].size
    value = kernel.parameters[parameter] * (1 + float(change.split()[0]) / 100)
    return f"{parameter} {value:.4g} px ({change.replace('-', chr(0x2212))})"
