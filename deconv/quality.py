"""How close to a reference: PSNR, SSIM and ISNR of the stored samples, as anyone comparing the files measures them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

import restore
from deconv import pictures
from deconv.pictures import Picture, PictureError

Array = NDArray[Any]


def check_alike(picture: Picture, reference: Picture) -> None:
    """Refuse a reference that cannot be compared with the picture."""
    sizes = reference.samples.shape, picture.samples.shape
    if sizes[0] != sizes[1]:
        raise PictureError(
            reference.path or "reference",
            f"has shape {sizes[0]}, the picture {sizes[1]}",
            "give a reference of the same size and channels",
        )


def compare(before: Picture, after: Picture, reference: Picture) -> dict[str, float]:
    """Return psnr_before, psnr_after, ssim_before, ssim_after and isnr = psnr_after - psnr_before, dB and 0..1."""
    check_alike(before, reference)
    sharp = _values(reference)
    values = [_values(before), _values(after)]
    span = 1.0 if reference.has_integer_samples else float(np.ptp(sharp)) or 1.0
    psnr = [restore.psnr(sharp, v, data_range=span) for v in values]
    ssim = [_ssim(reference, sharp, v, span) for v in values]
    return {
        "psnr_before": psnr[0],
        "psnr_after": psnr[1],
        "ssim_before": ssim[0],
        "ssim_after": ssim[1],
        "isnr": psnr[1] - psnr[0],
    }


def psnr_words(quality: Mapping[str, float], arrow: str = "->") -> str:
    """Return the closeness before and after in words."""
    return f"{quality['psnr_before']:.2f} {arrow} {quality['psnr_after']:.2f} dB"


def ssim_words(quality: Mapping[str, float], arrow: str = "->") -> str:
    """Return the likeness before and after in words."""
    return f"{quality['ssim_before']:.3f} {arrow} {quality['ssim_after']:.3f}"


def isnr_words(quality: Mapping[str, float]) -> str:
    """Return the gain in words."""
    return f"{quality['isnr']:+.2f} dB"


def _values(picture: Picture) -> Array:
    return pictures.to_float(picture, light="linear").astype(np.float64)


def _ssim(picture: Picture, sharp: Array, values: Array, span: float) -> float:
    planes = zip(sharp, values, strict=True) if picture.planes else [(sharp, values)]
    scores = [restore.ssim(a, b, data_range=span, channel_axis=picture.channel_axis) for a, b in planes]
    return float(np.mean(scores))
