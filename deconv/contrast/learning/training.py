"""The pictures that a layer is trained on: the others of the batch, so that it is judged on one that it never saw."""

from __future__ import annotations

from typing import Any

from numpy.typing import NDArray

from deconv.contrast.request import ContrastRequest
from deconv.contrast.scene import Scene, scene_of
from deconv.errors import UsageError
from deconv.inputs.linear_light import read_light
from deconv.pictures import PictureError

Array = NDArray[Any]

#: Pictures that a layer is trained on at most.
MOST = 12


def training_pictures(request: ContrastRequest, source: str, scene: Scene) -> list[tuple[str, Array]]:
    """Return the sharp pictures to train on, by name: those of the other inputs, or the scene where there is none.

    An input that cannot be read is passed over here: the batch names it when its own turn comes.
    """
    pictures: list[tuple[str, Array]] = []
    for other in dict.fromkeys(request.inputs):
        if other == source or len(pictures) == MOST:
            continue
        try:
            pictures.append((other, scene_of(request, read_light(other, request.reading), other).sharp))
        except (PictureError, UsageError):
            continue
    return pictures or [(source, scene.sharp)]
