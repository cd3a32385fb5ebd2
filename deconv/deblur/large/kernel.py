"""The PSF of a large picture: as given, from a box in it, or estimated from the part of it with the most detail."""

from __future__ import annotations

from dataclasses import replace

from deconv.deblur.large.route import with_light
from deconv.deblur.large.window import liveliest, measured_in, read_box
from deconv.deblur.request import DeblurRequest
from deconv.inputs.kernel import Kernel, fitted_to, with_errors
from deconv.inputs.large_light import LargeLight
from deconv.inputs.light_choice import likelier_light
from deconv.inputs.linear_light import LightPicture
from deconv.inputs.psf import estimated_kernel, given_kernel


def kernel_of(request: DeblurRequest, large: LargeLight, source: str) -> tuple[LargeLight, Kernel]:
    """Return the PSF, and the picture in the light that suits it."""
    outline = large.outline
    typed = None if request.psf.box is not None else given_kernel(request.psf, outline)

    def look(light: LightPicture) -> Kernel:
        inside = with_light(large, light.light)
        return measured_in(request.psf, inside) if request.psf.box is not None else _estimated(request, inside)

    kernel = with_errors(look(outline) if typed is None else typed, request.psf.error)
    if large.light != "linear":
        part = read_box(large, liveliest(large))
        light, kernel = likelier_light(part, kernel, request.reading, look if typed is None else None)
        large = with_light(large, light.light)
    return large, fitted_to(kernel, outline, source)


def _estimated(request: DeblurRequest, large: LargeLight) -> Kernel:
    box = liveliest(large)
    light = read_box(large, box)
    kernel = estimated_kernel(request.psf, light, request.reporting)
    x, y, width, height = box
    if (width, height) == (large.header.width, large.header.height):
        return kernel
    note = f"the blur was looked for in a part of {width} x {height} pixels at {x}, {y}"
    return replace(kernel, notes=(*kernel.notes, note))
