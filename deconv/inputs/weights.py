"""How much each sample of a picture counts: from a file, or from what the picture's own file says of its errors."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import optimize

from deconv import pictures
from deconv.inputs.linear_light import LightPicture
from deconv.pictures import PictureError

Array = NDArray[Any]


def sample_weights(path: str | None, light: LightPicture, *, are_taken: bool) -> Array | None:
    """Return the weights of all samples, their median 1: those of a file, else, where a method takes weights, the own.

    None where all samples count alike.
    """
    shape = light.image.shape
    if path is not None:
        return _relative(_of_file(path, shape))
    stated = light.picture.weights
    if stated is None or not are_taken:
        return None
    stated = stated if stated.ndim == len(shape) else np.broadcast_to(stated[..., None], shape)
    known = np.where(np.zeros(shape, bool) if light.unknown is None else light.unknown, np.nan, light.image)
    if not light.picture.planes:
        return _relative(_beyond_photons(stated, known))
    return _relative(np.stack(list(map(_beyond_photons, stated, known))))


def _beyond_photons(weights: Array, image: Array) -> Array:
    """Return weights of 1 / variance without what the noise of counted light has in it.

    Counted light is more uncertain where there is more of it, and its method knows that: said twice, the cores of stars
    would hardly count, and lose light. Unknown samples are NaN. What is left is the variance by a line in the light,
    a + k g, over that stated.
    """
    known = (weights > 0) & np.isfinite(image)
    light = np.where(known, np.maximum(image, 0), 0).astype(np.float64)
    shares = np.stack([weights[known], weights[known] * light[known]])
    if shares.size == 0:
        return weights
    level, slope = optimize.nnls(shares @ shares.T, shares.sum(axis=1))[0]
    return np.where(known, weights * (level + slope * light), 0)


def _of_file(path: str, shape: tuple[int, ...]) -> Array:
    picture = pictures.read(path, frame="stack", axes=None if len(shape) == 2 else "QYX" if len(shape) == 3 else "QYXC")
    values = picture.samples.astype(np.float64)
    if values.shape not in (shape, shape[-2:]) or not np.isfinite(values).all() or values.min() < 0:
        raise PictureError(path, f"is {values.shape}, the picture {shape}", "give numbers >= 0 in the same shape")
    return np.broadcast_to(values, shape)


def _relative(weights: Array) -> Array:
    """Return weights by their median, which the light itself has no part in."""
    known = weights[weights > 0]
    return weights if known.size == 0 else weights / np.median(known)
