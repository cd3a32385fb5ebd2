"""What a run of the estimate command shall do: the options as small records, light to import."""

from __future__ import annotations

from dataclasses import dataclass

from deconv.settings import PSFChoice, Reading, Reporting


@dataclass(frozen=True)
class EstimateRequest:
    """What a run of the command shall do."""

    inputs: tuple[str, ...]
    reading: Reading
    psf: PSFChoice
    output: str | None
    force: bool
    reporting: Reporting
