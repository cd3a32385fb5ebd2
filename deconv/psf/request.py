"""What a run of the psf command shall do: the options as small records, light to import."""

from __future__ import annotations

from dataclasses import dataclass

from deconv.settings import Destination, Reading, Reporting


@dataclass(frozen=True)
class PSFRequest:
    """What a run of the command shall do; lengths in the unit of the spacing, micrometres where the file has one."""

    inputs: tuple[str, ...]
    reading: Reading
    size: tuple[int, ...] | None
    bead: float
    spacing: tuple[float, ...] | None
    least: int
    subsampling: int  # samples of the PSF along a side of one of the picture
    family: str
    destination: Destination
    reporting: Reporting
