"""Whether a picture is restored at once or tile by tile: by what that takes, and by what was asked for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from deconv import pictures
from deconv.deblur.large.budget import allowed, needed_at_once
from deconv.deblur.request import DeblurRequest
from deconv.deblur.restoration import outliers_word, settings_for
from deconv.errors import UsageError, in_options
from deconv.inputs.kernel import Kernel
from deconv.inputs.large_light import LargeLight
from deconv.inputs.linear_light import LightPicture, read_light
from deconv.inputs.psf_files.psf_file import kernel_of_file
from deconv.inputs.volumes import has_depth
from deconv.pictures import Picture
from deconv.pictures.tiled.memory import MemorySource
from deconv.pictures.tiled.opening import open_source
from deconv.settings import PSF_WORDS, Reading
from restore.checks import Refusal
from restore.psf.family import FAMILIES
from restore.psf.optics.model import MODELS
from restore.tiles.preparation import job_of

#: Files of fewer bytes are read at once without a look at what they declare.
SMALL = 1 << 20


def opened(request: DeblurRequest, source: str) -> LightPicture | LargeLight:
    """Return a picture as light: all of it where its restoration fits into memory, else what reads its parts."""
    large = _in_parts(request, source)
    if large is not None and (request.resources.scheduler or not _fits(request, large)):
        reason = reason_for_the_whole(request, large)
        if reason is None:
            return _within_limit(large, request.reading, source)
        if _is_said(request) or _pixels(large.header) > request.reading.max_pixels:
            raise UsageError(f"{source}: {reason}")
    if large is None and request.resources.scheduler:
        raise UsageError(f"{source}: --scheduler is for TIFF, .npy and Zarr, which workers read in parts")
    light = read_light(source, request.reading)
    large = LargeLight(MemorySource(light.picture), light.light, request.destination.floating)
    if _fits(request, large):
        return light
    reason = reason_for_the_whole(request, large)
    if reason is not None and _is_said(request):
        raise UsageError(f"{source}: {reason}")
    return light if reason is not None else large


def _in_parts(request: DeblurRequest, source: str) -> LargeLight | None:
    path, reading = Path(source), request.reading
    if reading.channel is not None or not (path.is_dir() or (path.is_file() and path.stat().st_size >= SMALL)):
        return None
    parts = open_source(source, frame=reading.frame, axes=reading.axes)  # type: ignore[arg-type]
    if parts is None:
        return None
    light = pictures.light_of(parts.header) if reading.light == "auto" else reading.light
    return LargeLight(parts, light, request.destination.floating)


def _is_said(request: DeblurRequest) -> bool:
    """Return whether somebody asked for tiles."""
    return request.resources.memory is not None or request.resources.scheduler is not None


def _pixels(header: Picture) -> int:
    return max(header.planes, 1) * header.height * header.width


def _within_limit(large: LargeLight, reading: Reading, source: str) -> LargeLight:
    """Return what is read in parts, which has no limit but one that was said."""
    if reading.max_pixels != Reading.max_pixels and _pixels(large.header) > reading.max_pixels:
        raise UsageError(
            f"{source}: declares {_pixels(large.header)} pixels, more than the limit of {reading.max_pixels} "
            "(raise the limit with --max-pixels)"
        )
    return large


def _fits(request: DeblurRequest, large: LargeLight) -> bool:
    try:
        settings = tile_settings(request, large, Kernel(psf=np.ones((1, 1)), family=""))
        return needed_at_once(large, settings, _axes_of_psf(request, large)) <= allowed(request.resources)
    except Refusal:  # said where the whole picture is looked at
        return True


def _axes_of_psf(request: DeblurRequest, large: LargeLight) -> int:
    """Return how many axes the PSF has, as far as that is known before it is drawn."""
    name = request.psf.psf
    if not large.header.planes or request.psf.box is not None or name is None or name in FAMILIES:
        return 2
    if name in MODELS:
        return 3 if has_depth(large.header) else 2
    return 2 if name in PSF_WORDS else kernel_of_file(request.psf, PSF_WORDS, large.header).psf.ndim


def tile_settings(request: DeblurRequest, large: LargeLight, kernel: Kernel) -> dict[str, Any]:
    """Return the arguments of `restore.map_tiles` beside picture and PSF."""
    settings: dict[str, Any] = settings_for(request.method, large.outline, kernel)
    for name in ("channel_axis", "psf_spread", "extra_noise_var"):
        settings.pop(name, None)
    settings |= {"outliers": outliers_word(request, kernel), "banding": request.method.banding}
    if settings["method"] == "richardson_lucy":
        settings["acceleration"] = False
    return settings


def reason_for_the_whole(request: DeblurRequest, large: LargeLight) -> str | None:
    """Return what of a request needs the whole picture at once, and what to do, None where nothing does."""
    judging, unknown, header = request.judging, request.unknown, large.header
    options: Mapping[str, Any] = {
        "--card": judging.card,
        "--report": judging.page,
        "--diagnostics": judging.diagnostics,
        "--reference": judging.reference,
        "--clipped mask": unknown.clipped == "mask",
        "--weights": request.method.weights,
        "--keep-flat": request.method.keep_flat,
        "--subsampling": request.method.subsampling > 1,
        "--psf-grid": request.psf.grid,
    }
    option = next((name for name, value in options.items() if value), None)
    if option is not None:
        return f"{option} needs the whole picture at once (leave it out, or allow more with --memory)"
    if header.unknown is not None or header.weights is not None:
        return "samples that the file flags or weighs need the whole picture at once (allow more with --memory)"
    return _refusal(request, large)


def _refusal(request: DeblurRequest, large: LargeLight) -> str | None:
    """Return why a method does not go in tiles."""
    try:
        part = large.parts(_axes_of_psf(request, large))[0]
        kernel = Kernel(psf=np.ones((1, 1)), family="", error=request.psf.error or 0.0)
        job_of(part, np.ones((1,) * len(part.shape)), tile_settings(request, large, kernel))
    except Refusal as error:
        return in_options(str(error))
    return None


def with_light(large: LargeLight, light: str) -> LargeLight:
    """Return the same picture taken for another encoding of light."""
    return replace(large, light=light)
