"""What the options say, as small records: below a command's `run`, nobody sees the words of the command line.

Light to import: the parser makes these before anything scientific is loaded.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

#: Every option that belongs to some PSF family.
PSF_PARAMETERS = ("sigma", "radius", "length", "angle", "size", "fwhm", "beta", "obstruction")
#: Models of microscopes, and every option that belongs to some of them.
PSF_MODELS = ("born_wolf", "gibson_lanni", "richards_wolf", "confocal")
PSF_OPTICS = ("NA", "wavelength", "excitation", "ni", "ni0", "ns", "ng", "ng0", "tg", "tg0", "ti0", "pz", "pinhole")
#: What --psf may say beside a file: named here, since a parser must load nothing scientific.
PSF_WORDS = ("auto", "blind", "gaussian", "disk", "motion", "box", "airy", "moffat", "measured", *PSF_MODELS)

#: Suffixes of pictures that are read and not written; a result that would be named so is a PNG.
READ_ONLY = (".avif", ".jxl", ".jp2", ".j2k", ".jpf", ".jpx", ".j2c")

Box = tuple[int, int, int, int]  # x, y, width, height


@dataclass(frozen=True)
class Reading:
    """How input files are read."""

    light: str = "auto"  # "auto", "linear" or "srgb"
    frame: int | str | None = None
    channel: int | None = None
    axes: str | None = None
    max_pixels: int = 200_000_000
    nan: str = "refuse"  # or "mask"
    white: float | None = None  # the code from which light is clipped, None to look for it

    @classmethod
    def of(cls, arguments: argparse.Namespace) -> Reading:
        """Return what the options say."""
        return cls(
            light=arguments.light,
            frame="stack" if arguments.frame is None and "whole_stack" in vars(arguments) else arguments.frame,
            channel=vars(arguments).get("channel"),
            axes=arguments.axes,
            max_pixels=arguments.max_pixels,
            nan=vars(arguments).get("nan", "refuse"),  # options of deblur alone
            white=vars(arguments).get("white"),
        )


@dataclass(frozen=True)
class Destination:
    """Where results and figures go."""

    output: str | None = None
    figure: str | None = None
    no_figure: bool = False
    force: bool = False
    many: bool = False  # several inputs: the output is a folder
    floating: bool = False  # float32 samples instead of those of the input
    resume: bool = False  # results that are there already, and newer than what they are made of, stay

    @classmethod
    def of(cls, arguments: argparse.Namespace) -> Destination:
        """Return what the options say."""
        return cls(
            output=arguments.output,
            figure=arguments.figure,
            no_figure=arguments.no_figure,
            force=arguments.force,
            many=vars(arguments).get("many", len(arguments.inputs) > 1),
            floating=vars(arguments).get("float", False),
            resume=vars(arguments).get("resume", False),
        )

    @property
    def is_folder(self) -> bool:
        """Return whether results go into a folder, under the names of their inputs."""
        named = self.output
        if named is not None and named.rstrip("/\\").lower().endswith(".zarr"):  # a store is one output
            return False
        return named is not None and (self.many or named.endswith(("/", "\\")) or Path(named).is_dir())

    def result_of(self, source: str, word: str) -> Path:
        """Return where the result of one input goes: beside it, named after it, unless something else was said."""
        path = _outside_of_store(Path(source))
        if path.suffix.lower() in READ_ONLY:
            path = path.with_suffix(".png")
        if self.output is None:
            return path.with_name(f"{path.stem}.{word}{path.suffix}")
        return Path(self.output) / path.name if self.is_folder else Path(self.output)

    def figure_of(self, result: Path) -> Path | None:
        """Return where the figure of one result goes, None for no figure."""
        if self.no_figure:
            return None
        return result.with_name(f"{result.stem}.figure.png") if self.figure is None else Path(self.figure)


def _outside_of_store(path: Path) -> Path:
    """Return the name of an array or picture in a Zarr store as one that lies beside the store."""
    store = next((folder for folder in path.parents if folder.suffix.lower() == ".zarr"), None)
    if store is None:
        return path
    inner = ".".join(path.relative_to(store).parts)
    return store.with_name(f"{store.stem}.{inner}{store.suffix}")


@dataclass(frozen=True)
class Reporting:
    """How a run is reported, and how many threads and processes it takes."""

    json: bool = False
    quiet: bool = False
    debug: bool = False
    threads: int | None = None
    jobs: int = 1

    @classmethod
    def of(cls, arguments: argparse.Namespace) -> Reporting:
        """Return what the options say."""
        return cls(
            json=arguments.json,
            quiet=arguments.quiet,
            debug=arguments.debug,
            threads=arguments.threads,
            jobs=vars(arguments).get("jobs", 1),
        )


@dataclass(frozen=True)
class PSFChoice:
    """The PSF: a family or a file, its parameters, or the part of the picture where it is measured."""

    psf: str | None
    parameters: Mapping[str, float]
    kernel_size: int | None = None
    background: str | None = None
    center: bool | None = None  # None: what is usual for the kind of file
    sampling: int | None = None  # samples of a file's PSF along a side of one of the picture, None for what it says
    photo: bool = False  # a photograph of a point: its codes are decoded to light
    point: Box | None = None
    edge: Box | None = None
    error: float | None = None  # what the errors of one of any shape leave; None for those of its estimate
    optics: Mapping[str, tuple[float, ...]] = field(default_factory=dict)  # of a microscope, one for each channel
    spacing: tuple[float, ...] | None = None  # of its voxels, in micrometres
    grid: str | None = None  # a file of PSFs and their places

    @classmethod
    def of(cls, arguments: argparse.Namespace) -> PSFChoice:
        """Return what the options say; a command that lacks some of them has said nothing by them."""
        words = vars(arguments)
        return cls(
            psf=arguments.psf,
            parameters={name: words[name] for name in PSF_PARAMETERS if words.get(name) is not None},
            kernel_size=words.get("psf_size"),
            background=words.get("background"),
            center=words.get("center"),
            sampling=words.get("psf_sampling"),
            photo=words.get("psf_photo", False),
            point=words.get("psf_from_point"),
            edge=words.get("psf_from_edge"),
            error=words.get("psf_error"),
            optics={name: words[name] for name in PSF_OPTICS if words.get(name) is not None},
            spacing=words.get("spacing"),
            grid=words.get("psf_grid"),
        )

    @property
    def box(self) -> Box | None:
        """Return the part of the picture where the PSF is measured."""
        return self.edge if self.point is None else self.point

    @property
    def evidence(self) -> str:
        """Return what is in the box."""
        return "edge" if self.point is None else "point"


@dataclass(frozen=True)
class UnknownSamples:
    """Which samples are taken as unknown: under a mask file, clipped at the top, NaN, or at odds with the PSF."""

    mask: str | None = None
    clipped: str = "auto"  # "auto", "mask" or "keep"
    nan: str = "refuse"  # or "mask"
    outliers: str | None = None  # "auto" or "keep", None for what suits the PSF

    @classmethod
    def of(cls, arguments: argparse.Namespace) -> UnknownSamples:
        """Return what the options say."""
        return cls(mask=arguments.mask, clipped=arguments.clipped, nan=arguments.nan, outliers=arguments.outliers)
