"""What is asked for of a large picture, and what its parts have agreed upon."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from restore.checks import Array
from restore.methods.doubts import WRONG
from restore.methods.method import METHODS, Method
from restore.methods.tiling import Tiling
from restore.observation.boundary import UNKNOWN
from restore.observation.whole import Whole
from restore.tiles.plan import Box

#: Returns the samples of a box, channels last, or which of them are unknown, of one channel or of all.
Reader = Callable[[Box], Any]
#: Calls a function with arguments, or notes the call down to be made later.
Caller = Callable[..., Any]
#: Words for the boundary by which what lies outside depends on what is near it.
BOUNDARIES = (*UNKNOWN, "periodic", "reflect", "symmetric", "edge", "zero")


@dataclass(frozen=True, eq=False)
class Job:
    """A restoration of a picture of spatial `shape`, whose channels come last; settings are in its unit.

    `is_chosen` where no method was named and no strength given: then a result that cannot be is made smoother.
    `seeks_dead_areas` where areas that hold no picture are looked for, each time a part is read, and
    `seeks_contradictions` where samples are that contradict the PSF. `evens` where noise that rows or columns share is
    taken off, and `is_judged` where the result is.
    """

    shape: tuple[int, ...]
    psf: Array
    name: str
    settings: Any
    boundary: str
    extra_noise_var: float = 0.0
    is_chosen: bool = False
    psf_error: float = 0.0
    has_mask: bool = False
    seeks_dead_areas: bool = False
    seeks_contradictions: bool = False
    evens: bool = True
    is_judged: bool = False

    @property
    def method(self) -> Method:
        """Return the record of the method."""
        return METHODS[self.name]

    @property
    def tiling(self) -> Tiling:
        """Return how the method goes in tiles."""
        tiling = self.method.tiling
        assert tiling is not None
        return tiling

    @property
    def asks(self) -> bool:
        """Return whether the data are asked for more than noise and spectrum."""
        return self.tiling.asks(self.settings)

    @property
    def hides_the_outside(self) -> bool:
        """Return whether the method itself is told that the data outside the frame are unknown."""
        return self.boundary in UNKNOWN and not self.tiling.completes


@dataclass(frozen=True, eq=False)
class Agreement:
    """What holds for all parts of a picture; `settings` are in the unit of the whole, None to leave it as it is.

    Their strength was `raised` by this factor, because windows came out darker than can be.
    """

    whole: Whole
    settings: Any
    raised: float = 1.0


@dataclass(frozen=True, eq=False)
class Look:
    """What a look at a whole picture says of it, to find samples that contradict the PSF.

    `psf_looks` and `misfits` are what its spectrum says of the PSF, as `Diagnosis` has them. `predicted` grows: by
    cells, where wrong samples lie, counted through, and what is predicted there; None of cells without.
    """

    whole: Whole
    psf_looks: str
    misfits: Mapping[str, float]
    predicted: dict[Box, tuple[Array, Array] | None] = field(default_factory=dict)

    @property
    def psf_is_wrong(self) -> bool:
        """Return whether the spectrum speaks against the PSF: then it may be that rather than samples."""
        return self.psf_looks in WRONG


def at_once(function: Callable[..., Any], *arguments: Any) -> Any:
    """Call a function now."""
    return function(*arguments)
