"""How a picture and a PSF are put on axes."""

from __future__ import annotations

from typing import Any

from matplotlib.axes import Axes
from numpy.typing import NDArray

from deconv.figures.display import Scale, psf_core

Array = NDArray[Any]


def tall_of(across: float, height: int, width: int) -> float:
    """Return the height in inches of a picture drawn `across` inches wide, kept from extremes."""
    return min(max(across * height / width, 0.3 * across), 1.5 * across)


def show(axes: Axes, image: Array, scale: Scale, extent: tuple[float, float, float, float] | None = None) -> None:
    """Show a picture from black to white; with an `extent` its aspect is kept."""
    interpolation = "nearest" if max(image.shape[:2]) <= 400 else "antialiased"
    axes.imshow(scale.shades(image), cmap="gray", vmin=0, vmax=1, interpolation=interpolation, extent=extent)
    axes.set(xticks=[], yticks=[], aspect="auto" if extent is None else "equal")
    axes.set_anchor("N")


def show_psf(axes: Axes, psf: Array) -> None:
    """Show what is to be seen of a PSF, with the size of that and of all below."""
    core = psf_core(psf)
    axes.imshow(core, cmap="magma", interpolation="nearest", vmin=0)
    axes.set(xticks=[], yticks=[])
    axes.set_anchor("N")
    axes.set_title("PSF", fontsize=16)
    size = " x ".join(map(str, psf.shape)) + " px"
    part = f"middle {len(core)} x {len(core)} of " if len(core) < max(psf.shape[-2:]) else ""
    axes.set_xlabel(part + size, fontsize=14)
