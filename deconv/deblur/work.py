"""One input of the deblur command with all that was read, found and made of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from deconv.deblur.restoration import Restored
from deconv.inputs.kernel import Kernel
from deconv.inputs.linear_light import LightPicture
from deconv.pictures import Picture
from restore.methods.method import METHODS, Method


@dataclass(frozen=True, eq=False)
class Work:
    """What report, figure, page and card are made from."""

    source: str
    light: LightPicture
    kernel: Kernel
    restored: Restored
    picture: Picture  # the result as it is stored
    floating: bool  # whether it is written unrounded
    reference: Picture | None
    quality: Mapping[str, float]  # empty without a reference

    @property
    def method(self) -> Method:
        """Return the record of the method."""
        return METHODS[self.restored.first.method]

    @property
    def drawn(self) -> Picture:
        """Return the result as figures show it: where the file holds what a range of codes would cut off, with that."""
        if not self.floating or self.light.light != "linear" or self.light.opacity is not None:
            return self.picture
        return replace(self.picture, samples=self.restored.image)

    @property
    def notes(self) -> tuple[str, ...]:
        """Return what is to be said of the file, of the PSF and of what it was applied to."""
        stack = self.light.stack_notes(self.kernel.psf.ndim)
        return (*self.light.picture.notes, *self.kernel.notes, *stack, *self._weighing())

    def _weighing(self) -> tuple[str, ...]:
        """Return what became of the errors that the file states."""
        name = self.light.picture.weights_name
        if not name:
            return ()
        if self.restored.is_weighted:
            return (f"{name} counts: samples with larger errors are followed less",)
        return (f"{name} was not used: only --method richardson_lucy weighs samples",)
