"""When to stop an iteration: where it predicts best what it was not shown.

A second run, or several, is kept from a share of the samples, drawn at random, by giving them no weight. How far its
estimate, once blurred, misses them falls as long as the iteration finds more of the picture, and rises again when it
fits noise, which no sample shares with another. The noise itself need not be known, and may depend on the light.

References: K. J. Coakley, A cross-validation procedure for stopping the EM algorithm and deconvolution of neutron depth
profiling spectra, IEEE Trans. Nucl. Sci. 38, 1991; K. M. Perry and S. J. Reeves, A practical stopping rule for
iterative signal restoration, IEEE Trans. Signal Process. 42, 1994.
"""

from __future__ import annotations

import math

import numpy as np

from restore.checks import Array

#: Share of the samples that the second run does not see (of a tenth and a fifth, at random or on a lattice, this lost
#: least on photographs and star fields), and the draw, always the same so that equal data give equal pictures.
SHARE = 0.2
SEED = 1991
#: One draw out of few samples foretells little: of planes with fewer than so many, this many draws are looked at (of
#: single samples, draws that share none), each by a run of its own. (On volumes three draws lost as much as one.)
FEW, DRAWS = 1 << 17, 3
#: Iterations to go on after the least error so far: so many, and this share of those that led to it.
PATIENCE, PATIENT_SHARE = 6, 0.25
#: So many where the noise is coloured: what falls again after that is noise wider than the blocks, or light that a JPEG
#: lost. (On JPEGs 3, 5, 8 and more lost as much, on what cameras make of light 3 lost least.)
LITTLE_PATIENCE = 3
#: Where neighbours share their noise, a sample is foretold by those around it: then blocks of this edge are drawn, one
#: in every cell, and tested without a rim. (Of edges from 3 to 12 in cells of 6 to 48 this lost least on JPEGs; on what
#: cameras make of light edges of 4 and 5 lost least.)
BLOCK, CELL, RIM = 4, 8, 1


def held_out(shape: tuple[int, ...]) -> list[Array]:
    """Return, for each further run, True for the samples that it shall not see; channels are last in `shape`."""
    drawn = np.random.default_rng(SEED).random(shape)
    return [(drawn >= SHARE * number) & (drawn < SHARE * (number + 1)) for number in range(_draws(shape))]


def held_out_blocks(shape: tuple[int, ...]) -> list[tuple[Array, Array]]:
    """Return, for each further run, True for the samples of the blocks that it shall not see, and for those it is
    tested by.

    `shape` has two spatial axes and the channels last, which share the blocks.
    """
    cells = [-(-n // CELL) for n in shape[:2]]
    places = np.random.default_rng(SEED).integers(CELL - BLOCK + 1, size=(_draws(shape), 2, *cells))
    return [(_blocks(starts, BLOCK, shape), _blocks(starts + RIM, BLOCK - 2 * RIM, shape)) for starts in places]


def _draws(shape: tuple[int, ...]) -> int:
    return DRAWS if len(shape) == 3 and math.prod(shape) < FEW else 1


def _blocks(starts: Array, edge: int, shape: tuple[int, ...]) -> Array:
    """Return True for a block in every cell; `starts` holds the first row and column of each in its cell."""
    within = np.arange(CELL)
    rows, columns = ((first[..., None] <= within) & (within < first[..., None] + edge) for first in starts)
    cells = rows[..., :, None] & columns[..., None, :]
    down, across = starts.shape[1:]
    plane = cells.swapaxes(1, 2).reshape(down * CELL, across * CELL)[: shape[0], : shape[1]]
    return np.broadcast_to(plane[..., None], shape)


class LeastError:
    """The least error that was met, and whether to go on looking for less."""

    def __init__(self, patience: int = PATIENCE, patient_share: float = PATIENT_SHARE) -> None:
        self.error, self.count, self._latest = np.inf, 0, 0
        self._patience, self._patient_share = patience, patient_share

    def improves(self, count: int, error: float) -> bool:
        """Take the error after `count` iterations; say whether it is the least so far."""
        self._latest = count
        if not error < self.error:
            return False
        self.error, self.count = error, count
        return True

    @property
    def settled(self) -> bool:
        """Return whether enough iterations have brought nothing better."""
        return self._latest >= self._last

    @property
    def nearness(self) -> float:
        """Return the iterations so far as a share of those after which it is settled if nothing better comes."""
        return self._latest / self._last

    @property
    def _last(self) -> int:
        return self.count + int(self._patience + self._patient_share * self.count) + 1
