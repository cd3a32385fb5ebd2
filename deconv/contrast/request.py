"""What a run of the contrast command shall do.

Light to import: the options make this record before anything scientific is loaded.
"""

from __future__ import annotations

from dataclasses import dataclass

from deconv.settings import Destination, PSFChoice, Reading, Reporting

#: Default noise, share of the full scale.
NOISE = 0.002
#: Default edge of a trained kernel.
TAPS = 17


@dataclass(frozen=True)
class ContrastRequest:
    """What a run of the command shall do."""

    inputs: tuple[str, ...]
    reading: Reading
    psf: PSFChoice
    noise_sigma: float | None
    seed: int
    regularization: float | None
    stride: int
    destination: Destination
    reporting: Reporting
    taps: int | None = None  # of a layer that is trained to restore; None for no training
