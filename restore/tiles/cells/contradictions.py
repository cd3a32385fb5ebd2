"""Samples of a large picture that contradict the PSF: found in cells, and what is predicted in their place.

Every cell is filtered by what a look at the whole picture says, as a tile would be, and its residual tells
whether it holds samples that no noise leaves. Few do: only there the robust estimate is asked, which tells what is
wrong with a cell from it and what lies around it. So all tiles read the same, wherever they lie.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np

from restore.checks import Array
from restore.diagnosis.residual import residual_of_filter
from restore.methods.method import METHODS
from restore.methods.robust.contradictions import holds_points, resolved, suspects
from restore.observation.boundary import UNKNOWN, valid_frame
from restore.observation.observation import Observation, observe
from restore.parameter_choice.fitted_filter import fitted_gain
from restore.tiles.border import Border
from restore.tiles.cells.division import around, cells, known_alone, sizes, with_surroundings
from restore.tiles.cells.filled import Filled
from restore.tiles.job import Agreement, Job, Look, at_once
from restore.tiles.plan import Box, grown, overlap, slices
from restore.tiles.reach import reach_of_residual
from restore.tiles.tile import finite, frame_of, observed

#: The filter that looks, and how what lies outside the frame is solved for.
LOOK, QUICK = "wiener", "unknown-fast"
#: The method for counted light.
COUNTS = "richardson_lucy"
#: How much of what is around a cell the filter looks at, at most, and the robust estimate.
SHARE = 0.5


class WithoutContradictions:
    """A picture as it is read, with predictions in the place of samples that contradict the PSF; these are held.

    `look` is what a look at the whole says of it, perhaps with wrong samples among the others: most of these may hide
    beside a few. Where it `is_thorough`, all of a cell is suspect that holds some, not what lies around these alone.
    """

    def __init__(self, picture: Any, job: Job, look: Look, *, is_thorough: bool = False) -> None:
        method, self._is_thorough = METHODS[LOOK], is_thorough
        self._picture, self._job, self._agreement = picture, job, Agreement(look.whole, method.settings())
        self._psf_is_wrong = look.psf_is_wrong
        boundary = QUICK if job.boundary in UNKNOWN else job.boundary
        self._look = replace(job, name=LOOK, settings=self._agreement.settings, boundary=boundary)
        self._known = Filled(picture.read, picture.hidden, job, self._agreement)
        halo = zip(reach_of_residual(self._look, look.whole, int(SHARE * around(job))), job.psf.shape, strict=True)
        self._halo = [h + k // 2 for h, k in halo]
        self._border = Border(self._known, self._look, self._halo, self._agreement, at_once)
        self._predicted = look.predicted

    def read(self, box: Box) -> Array:
        """Return the samples of a box, channels last."""
        parts = list(self._parts(box))
        data: Array = self._picture.read(box)  # last: of what was read last it is known where it is dead
        data = np.array(data) if parts else data
        for place, is_wrong, predicted in parts:
            np.copyto(data[place], predicted, where=is_wrong)
        return data

    def wrong(self, box: Box) -> Array | None:
        """Return which samples of a box contradict the PSF, channels last, None where none do."""
        parts = list(self._parts(box))
        wrong = np.zeros((*sizes(box), self._picture.channels), bool) if parts else None
        for place, is_wrong, _ in parts:
            assert wrong is not None
            wrong[place] = is_wrong
        return wrong

    def count(self, box: Box) -> int:
        """Return how many samples of a box do."""
        wrong = self.wrong(box)
        return 0 if wrong is None else int(np.count_nonzero(wrong))

    def _parts(self, box: Box) -> Iterator[tuple[tuple[slice, ...], Array, Array]]:
        """Yield the places in a box of each cell with wrong samples, which these are, and what is predicted."""
        for cell in cells(box, self._job.shape):
            those, both = self._of(cell), overlap(cell, box)
            assert both is not None
            if those is not None:
                is_wrong = np.zeros((*sizes(cell), self._picture.channels), bool)
                is_wrong.ravel()[those[0]] = True
                predicted = np.zeros(is_wrong.shape, those[1].dtype)
                predicted[is_wrong] = those[1]
                here = slices(both, cell)
                yield slices(both, box), is_wrong[here], predicted[here]

    def _of(self, cell: Box) -> tuple[Array, Array] | None:
        """Return the places of wrong samples in a cell, counted through, and what is predicted there; None of none."""
        if cell not in self._predicted:
            where = self._suspects(cell)
            self._predicted[cell] = None if where is None else self._resolved(cell, *where)
        return self._predicted[cell]

    def _suspects(self, cell: Box) -> tuple[Box, Array] | None:
        """Return which samples of a cell, or so near to it that the blur mixes them, are suspect; None where none."""
        block, shape, psf = grown(cell, self._halo), self._job.shape, self._job.psf
        inside = overlap(block, frame_of(shape))
        assert inside is not None
        pieces = self._border.near(block)
        observation = observed(block, [(inside, self._known(inside)), *pieces], self._agreement, self._look, None)
        where = suspects(observation, residual_of_filter(observation, fitted_gain(observation)), np.inf)
        if where is None or holds_points(observation, is_counted=self._job.name == COUNTS):
            return None  # a star is what the robust estimate takes for wrong
        valid = tuple((side.start, side.stop) for side in valid_frame(shape, psf.shape))
        near = overlap(grown(cell, [k // 2 for k in psf.shape]), valid)
        if near is None:
            return None
        where, hidden = where[slices(near, block)], self._picture.hidden(near)
        if hidden is not None:
            where = where & ~hidden.all(axis=-1)
        return (near, where) if where.any() else None

    def _resolved(self, cell: Box, close: Box, where: Array) -> tuple[Array, Array] | None:
        """Return the places of the samples in a cell that the robust estimate calls wrong, and what it predicts."""
        near = with_surroundings(cell, self._job, SHARE)
        look = self._observer(near)
        if look is None:
            return None
        places, both = np.full(sizes(near), self._is_thorough), overlap(close, near)
        assert both is not None
        places[slices(both, near)] |= where[slices(both, close)]
        before = look(completed=self._picture.hidden(near) is not None)  # what lies outside is not asked for
        observation, contradictions = resolved(look, before, np.inf, places, psf_is_wrong=self._psf_is_wrong)
        is_wrong = contradictions.wrong & contradictions.are_resolved
        if observation.dead is not None:  # painted over: what was there is a guess like others
            is_wrong = is_wrong | observation.dead[..., None]
        if before.mask is not None:
            is_wrong = is_wrong & (before.mask == 0)
        here = slices(cell, near)
        counted = np.flatnonzero(is_wrong[here])
        predicted = observation.data[observation.frame][here].ravel()[counted]
        return (counted.astype(np.uint32), observation.unit.outside(predicted)) if counted.size else None

    def _observer(self, near: Box) -> Callable[..., Observation] | None:
        """Return what makes an observation of a box as of a picture of its own, None where nothing is known of it."""
        job, data, hidden = self._job, self._picture.read(near), self._picture.hidden(near)
        if hidden is not None:
            data, hidden = known_alone(data, hidden)
            if hidden.all(axis=tuple(range(len(near)))).any():
                return None
        return partial(
            observe,
            finite(np.ascontiguousarray(data), near),
            job.psf,
            job.boundary if job.boundary in UNKNOWN else "unknown",
            len(near),
            hidden,
            job.extra_noise_var,
            psf_error=job.psf_error,
            whole=self._agreement.whole,
        )
