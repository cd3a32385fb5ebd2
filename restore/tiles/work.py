"""The one way from the samples of a large picture to its tiles, at once or as a graph of tasks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from restore.observation.masks import with_dead_as_given
from restore.tiles.border import Border
from restore.tiles.cells.filled import Filled
from restore.tiles.job import Caller, Job, Reader, at_once
from restore.tiles.plan import Box, Plan, overlap
from restore.tiles.tile import frame_of, restored_tile, solved_tile


def none_there(_: Box) -> None:
    """Return that no sample of a box is unknown, or dead."""


class Tiles:
    """The tiles of a plan, each of which may be asked for.

    `dead` says which samples of a box are none of a picture: they stay as they are. `wrong` says where something else
    was read than there is, for that contradicts the PSF.
    """

    def __init__(
        self,
        read: Reader,
        job: Job,
        plan: Plan,
        agreement: Any,
        call: Caller,
        hidden: Reader | None = None,
        dead: Reader = none_there,
        wrong: Reader = none_there,
    ) -> None:
        self._as_is, self._dead, self._wrong = read, dead, wrong
        self._read = read if hidden is None else Filled(read, hidden, job, agreement)
        self._hidden = hidden if hidden is not None and not job.tiling.completes else none_there
        self._job, self._plan, self._agreement, self._call = job, plan, agreement, call
        self._border = Border(self._read, job, plan.halo, agreement, call, lasts=call is not at_once)

    def tile(self, index: Sequence[int]) -> Any:
        """Return the core of a tile, restored, channels last."""
        image, core = self._call(restored_tile, *self._of(index)), self._plan.core(index)
        dead = self._dead(core)
        return image if dead is None else with_dead_as_given(image, dead, self._as_is(core), -1)

    def solved(self, index: Sequence[int]) -> Any:
        """Return the same as a `Part`, with the numbers that a report says."""
        part, core = self._call(solved_tile, *self._of(index)), self._plan.core(index)
        dead, part = self._dead(core), replace(part, wrong=self._wrong(core))
        if dead is None:
            return part
        return replace(part, image=with_dead_as_given(part.image, dead, self._as_is(core), -1), dead=dead)

    def _of(self, index: Sequence[int]) -> tuple[Any, ...]:
        """Return what a tile is made of."""
        block = self._plan.block(index)
        inside = overlap(block, frame_of(self._plan.shape))
        assert inside is not None
        near = self._border.near(block)
        data, hidden = self._read(inside), self._hidden(inside)  # last: what lies in it is known to be alive or not
        return index, self._plan, data, near, self._agreement, self._job, hidden
