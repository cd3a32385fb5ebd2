"""The one way from a picture to the tiles of its result, in this process or in another one."""

from __future__ import annotations

import hashlib
import pickle
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, TypeAlias

import numpy as np

from deconv.inputs.large_light import LargeLight
from deconv.pictures.tiled.source import Sink
from restore.checks import Array
from restore.tiles.preparation import Prepared
from restore.tiles.tile import Part
from restore.tiles.work import Tiles

#: The number of a part of a stack, and the place of a tile in it.
Place: TypeAlias = tuple[int, tuple[int, ...]]


@dataclass(frozen=True, eq=False)
class TileWork:
    """All that a process needs to restore any tile of a picture; `ndim` is that of the PSF."""

    large: LargeLight
    sink: Sink
    ndim: int
    prepared: tuple[Prepared, ...]  # one for each part

    def places(self) -> Iterator[Place]:
        """Yield all tiles."""
        for number, common in enumerate(self.prepared):
            for index in common.plan.indices():
                yield number, index

    @property
    def count(self) -> int:
        """Return the number of tiles."""
        return sum(1 for _ in self.places())

    def done(self, place: Place) -> dict[str, Any]:
        """Restore and write a tile, and return what is to be noted of it."""
        number, index = place
        part, common = self.large.parts(self.ndim)[number], self.prepared[number]
        tile = self._tiles(number).solved(index)
        core = common.plan.core(index)
        samples, clipped, low = part.stored(core, tile.image)
        hidden = part.hidden(core)
        if hidden is not None and tile.dead is not None:
            hidden = hidden & ~tile.dead[..., None]
        return {
            "part": number,
            "tile": list(index),
            "clipped": clipped,
            "clipped_low": low,
            "unknown": 0 if hidden is None else int(np.count_nonzero(hidden)),
            "dead": 0 if tile.dead is None else int(np.count_nonzero(tile.dead)) * part.channels,
            "wrong": 0 if tile.wrong is None else int(np.count_nonzero(tile.wrong)),
            "too_dark": _count_known(tile, hidden),
            "strength": float(tile.strength),
            "rule": tile.rule,
            "noise_sigma": float(tile.noise_sigma),
            "iterations": int(tile.iterations),
            "note": self.sink.write(*part.where(core), samples),
        }

    def _tiles(self, number: int) -> Tiles:
        """Return the tiles of a part, which remember the border of the last one."""
        if self._open.get("number") != number:
            self._open.update(number=number, tiles=self.prepared[number].tiles_of(self.large.parts(self.ndim)[number]))
        return self._open["tiles"]

    @cached_property
    def _open(self) -> dict[str, Any]:
        return {}

    def __getstate__(self) -> dict[str, Any]:
        """Return what another process is sent."""
        state = {name: value for name, value in self.__dict__.items() if name != "_open"}
        return state | {"prepared": tuple(replace(common, evidence=None) for common in self.prepared)}


def _count_known(tile: Part, hidden: Array | None) -> int:
    """Return how many samples are darker than light can be; what stands where nothing is known proves nothing."""
    dark = tile.too_dark
    if dark is None:
        return 0
    dark = dark if hidden is None else dark & ~hidden
    return int(np.count_nonzero(dark if tile.dead is None else dark & ~tile.dead[..., None]))


def digest(*values: Any) -> str:
    """Return a number for values; equal ones, made in the same way, have the same in every process."""
    return hashlib.blake2b(pickle.dumps(values, protocol=5), digest_size=16).hexdigest()
