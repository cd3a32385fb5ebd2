"""What a run of the blur command shall do: the options as small records, light to import."""

from __future__ import annotations

from dataclasses import dataclass

from deconv.settings import Destination, PSFChoice, Reading, Reporting


@dataclass(frozen=True)
class Noise:
    """The noise that is added, in linear light of full scale 1."""

    sigma: float | None = None
    bsnr: float | None = None
    photons: float | None = None
    seed: int = 0


@dataclass(frozen=True)
class BlurRequest:
    """What a run of the command shall do."""

    inputs: tuple[str, ...]
    reading: Reading
    psf: PSFChoice
    noise: Noise
    boundary: str
    destination: Destination
    reporting: Reporting
