"""What a run of the deblur command shall do: the options as small records, light to import."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from deconv.settings import Destination, PSFChoice, Reading, Reporting, UnknownSamples

#: Options that are a method's own arguments under the same name.
OWN = (
    *("nsr", "regularization", "rule", "strength", "iterations", "gain", "read_noise", "operator"),
    *("damping", "tv_weight", "target"),
)
#: Of these, what is an amount of light.
AMOUNTS = ("gain", "read_noise")


@dataclass(frozen=True)
class MethodChoice:
    """The method, None for the one that a quality pays for, with those of its own arguments that were given.

    `smoothness` is a factor on its strength. `psf_spread` is the relative error of the PSF's size, None for that of its
    estimate.
    """

    name: str | None
    arguments: Mapping[str, Any]
    boundary: str = "unknown"
    banding: str = "auto"  # or "keep"
    quality: str | None = None
    smoothness: float = 1.0
    psf_spread: float | None = None
    keep_flat: float = 0.0  # local contrast, in units of the noise, below which the file stays
    in_counts: bool = False  # amounts of light are in the numbers of the file
    sky: str | None = None  # "auto", or a number of the file
    weights: str | None = None  # a file
    subsampling: int = 1  # samples of the result along a side of one of the picture

    @property
    def is_unnamed(self) -> bool:
        """Return whether nothing says which method restores."""
        return (self.name, self.quality) == (None, None) and "nsr" not in self.arguments

    @classmethod
    def of(cls, arguments: argparse.Namespace) -> MethodChoice:
        """Return what the options say."""
        words = vars(arguments)
        own = {name: words[name] for name in OWN if words[name] is not None}
        if arguments.noise is not None:
            own["noise_var"] = arguments.noise**2
        sharper = 1.0 if arguments.sharper is None else arguments.sharper
        return cls(
            name=None if arguments.method == "auto" else arguments.method,
            arguments=own,
            boundary=arguments.boundary,
            banding=arguments.banding,
            quality=arguments.quality,
            smoothness=1 / sharper if arguments.smoother is None else arguments.smoother,
            psf_spread=arguments.psf_spread,
            keep_flat=arguments.keep_flat,
            in_counts=arguments.counts,
            sky=arguments.sky,
            weights=arguments.weights,
            subsampling=arguments.subsampling,
        )


@dataclass(frozen=True)
class Judging:
    """What helps to judge the result: files beside it, more in the figure, a reference."""

    card: str | None = None
    page: str | None = None
    diagnostics: bool = False
    reference: str | None = None


@dataclass(frozen=True)
class Resources:
    """What a run may take of the machine, or which other ones: what decides whether it goes in tiles."""

    memory: int | None = None  # bytes; None for a share of the machine's
    resume: bool = False
    scheduler: str | None = None  # of a dask.distributed cluster
    jobs: int = 1

    @classmethod
    def of(cls, arguments: argparse.Namespace) -> Resources:
        """Return what the options say."""
        return cls(memory=arguments.memory, resume=arguments.resume, scheduler=arguments.scheduler, jobs=arguments.jobs)


@dataclass(frozen=True)
class DeblurRequest:
    """What a run of the command shall do."""

    inputs: tuple[str, ...]
    reading: Reading
    psf: PSFChoice
    method: MethodChoice
    unknown: UnknownSamples
    judging: Judging
    destination: Destination
    reporting: Reporting
    resources: Resources = Resources()
