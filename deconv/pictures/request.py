"""What the caller of `read` asks of a file: which plane, which axes, how many pixels at most."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeAlias

from deconv.pictures.picture import PictureError

Frame: TypeAlias = int | Literal["all", "stack"] | None


@dataclass(frozen=True)
class Request:
    """The arguments of `read`, and the refusals that follow from them."""

    path: Path
    frame: Frame
    axes: str | None
    max_pixels: int

    def refuse(self, what: str, remedy: str) -> PictureError:
        """Return the error to raise about this file."""
        return PictureError(self.path, what, remedy)

    def check_pixels(self, pixels: int) -> None:
        """Refuse more pixels than allowed, before anything of that size is allocated."""
        if pixels > self.max_pixels:
            raise self.refuse(
                f"declares {pixels} pixels, more than the limit of {self.max_pixels}",
                "raise `max_pixels`, or crop the picture",
            )

    def plane(self, count: int) -> int | Literal["all"]:
        """Choose among `count` planes; a picture is never taken out of several without being asked for."""
        if self.frame is None and count > 1:
            raise self.refuse(
                f"holds {count} planes", f'choose one with `frame`, 0 to {count - 1}, or take `frame="all"`'
            )
        if self.frame is None or (self.frame in ("all", "stack") and count == 1):
            return 0
        if self.frame == "all" or self.frame == "stack":
            return "all"
        if 0 <= self.frame < count:
            return self.frame
        planes = f"{count} planes" if count > 1 else "one plane"
        raise self.refuse(f"has {planes}, no plane {self.frame}", f"use `frame=N` with N from 0 to {count - 1}")
