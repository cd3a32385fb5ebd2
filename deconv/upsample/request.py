"""What a run of the upsample command shall do.

Light to import: the options make these records before anything scientific is loaded.
"""

from __future__ import annotations

from dataclasses import dataclass

from deconv.settings import Destination, Reading, Reporting

KERNELS = ("bilinear", "nearest", "cubic", "learned")

PerAxis = int | tuple[int, ...]
Padding = str | PerAxis | list[tuple[int, ...]]


@dataclass(frozen=True)
class Layer:
    """The transposed convolution: its arguments, under the names of `upsample.enlarge`."""

    kernel: str = "bilinear"  # a name or a file
    stride: PerAxis = 2
    padding: Padding | None = None
    output_padding: PerAxis = 0
    output_size: PerAxis | None = None
    dilation: PerAxis = 1
    groups: int | None = None
    layout: str = "torch"
    border: str | None = None
    max_samples: int = 1 << 28

    @property
    def has_named_kernel(self) -> bool:
        """Return whether the kernel is one of those with a name, and no file."""
        return self.kernel in KERNELS


@dataclass(frozen=True)
class Teaching:
    """What the report says beyond the result."""

    explain: bool = False
    check: bool = False


@dataclass(frozen=True)
class Learning:
    """That a kernel is learned from the inputs, and how many taps it gets."""

    size: PerAxis = 8


@dataclass(frozen=True)
class UpsampleRequest:
    """What a run of the command shall do."""

    inputs: tuple[str, ...]
    reading: Reading
    layer: Layer
    teaching: Teaching
    destination: Destination
    reporting: Reporting
    learning: Learning | None = None
