"""How close to a reference: PSNR, SSIM and ISNR of the stored samples, as anyone comparing the files measures them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from deconv import pictures
from deconv.pictures import Picture, PictureError

Array = NDArray[Any]
Metric = Callable[..., Any]


def compare(before: Picture, after: Picture, reference: Picture) -> dict[str, float]:
    """Return psnr_before, psnr_after, ssim_before, ssim_after and isnr = psnr_after - psnr_before, dB and 0..1."""
    from skimage.metrics import peak_signal_noise_ratio, structural_similarity

    sharp = _values(reference)
    values = [_values(before), _values(after)]
    if any(v.shape != sharp.shape for v in values):
        raise PictureError(
            reference.path or "reference",
            f"has shape {sharp.shape}, the picture {values[0].shape}",
            "give a reference of the same size and channels",
        )
    span = 1.0 if reference.has_integer_samples else float(np.ptp(sharp)) or 1.0
    psnr = [_psnr(peak_signal_noise_ratio, sharp, v, span) for v in values]
    ssim = [_ssim(structural_similarity, reference, sharp, v, span) for v in values]
    return {
        "psnr_before": psnr[0],
        "psnr_after": psnr[1],
        "ssim_before": ssim[0],
        "ssim_after": ssim[1],
        "isnr": psnr[1] - psnr[0],
    }


def _values(picture: Picture) -> Array:
    return pictures.to_float(picture, light="linear").astype(np.float64)


def _psnr(metric: Metric, sharp: Array, values: Array, span: float) -> float:
    with np.errstate(divide="ignore"):
        return float(metric(sharp, values, data_range=span))


def _ssim(metric: Metric, picture: Picture, sharp: Array, values: Array, span: float) -> float:
    window = min(7, *sharp.shape[1 if picture.planes else 0 :][:2])
    window -= 1 - window % 2
    if window < 3:
        return float("nan")
    planes = zip(sharp, values, strict=True) if picture.planes else [(sharp, values)]
    scores = [metric(a, b, data_range=span, win_size=window, channel_axis=picture.channel_axis) for a, b in planes]
    return float(np.mean(scores))
