"""The PSF of a microscope from its numbers: those of the options, else those of the file, else the usual ones."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from deconv.errors import UsageError
from deconv.inputs.kernel import Kernel
from deconv.inputs.linear_light import LightPicture
from deconv.inputs.volumes import has_depth
from deconv.pictures import Picture
from deconv.settings import PSFChoice
from restore.psf.optics.aperture import usual_reach
from restore.psf.optics.model import Model

#: Decimals of micrometres and indices in what is said.
DIGITS = 4


@dataclass(frozen=True)
class _Numbers:
    """The numbers of a model: of every channel, and which of them came from the file."""

    channels: tuple[Mapping[str, float], ...]
    spacing: tuple[float, ...]
    of_file: tuple[str, ...]


def optical_kernel(choice: PSFChoice, model: Model, light: LightPicture) -> Kernel:
    """Return the PSF of a microscope on the voxels of a picture, one for each channel where they differ."""
    numbers = _numbers(choice, model, light)
    grid = light.grid(len(numbers.spacing))
    psfs = [
        model.draw(psf_shape(each, numbers.spacing, grid), spacing=numbers.spacing, **each) for each in numbers.channels
    ]
    return Kernel(
        psf=psfs[0],
        family=model.name,
        parameters=numbers.channels[0],
        channels=tuple(psfs) if len(psfs) > 1 else (),
        notes=_notes(model, numbers, light.picture),
        details={"spacing": list(numbers.spacing), "from_file": list(numbers.of_file)},
    )


def _numbers(choice: PSFChoice, model: Model, light: LightPicture) -> _Numbers:
    picture = light.picture
    axes = "ZYX" if has_depth(picture) else "YX"
    own = {parameter.name for parameter in model.parameters}
    if foreign := next((name for name in choice.optics if name not in own), None):
        raise UsageError(f"--{foreign.lower()} does not belong to --psf {model.name} (leave it out)")
    said = _said_by_file(picture)
    spacing = _spacing(choice, axes)
    of_file = [name for name in said if name in own and name not in choice.optics]
    if spacing is None:
        steps = [picture.calibration.spacing.get(axis) for axis in axes]
        spacing = None if None in steps else tuple(step for step in steps if step is not None)
        of_file += ["spacing"] if spacing is not None else []
    values = {name: value for name, value in said.items() if name in own} | dict(choice.optics)
    if light.channel is not None:  # of several numbers its own
        values = {name: value[light.channel : light.channel + 1] or value for name, value in values.items()}
    missing = [p.name for p in model.parameters if p.required and p.name not in values]
    _refuse_missing(model, missing, "" if spacing is not None else axes, picture)
    assert spacing is not None
    channels = _channels(values, light.channel_count)
    return _Numbers(channels=channels, spacing=spacing, of_file=tuple(of_file))


def _said_by_file(picture: Picture) -> dict[str, tuple[float, ...]]:
    """Return what the file says of lens and light; wavelengths only where every channel has its own."""
    calibration = picture.calibration
    single = {"NA": calibration.NA, "ni": calibration.index}
    said: dict[str, tuple[float, ...]] = {name: (value,) for name, value in single.items() if value is not None}
    for name, lengths in (("wavelength", calibration.emission), ("excitation", calibration.excitation)):
        known = tuple(length for length in lengths if length is not None)
        if known and len(known) == len(lengths):
            said[name] = known
    return said


def _spacing(choice: PSFChoice, axes: str) -> tuple[float, ...] | None:
    """Return the spacing that the options give, one number for each axis."""
    if choice.spacing is None or len(choice.spacing) == len(axes):
        return choice.spacing
    if len(choice.spacing) == 1:
        return choice.spacing * len(axes)
    if len(choice.spacing) > len(axes) == 2:
        return choice.spacing[-2:]
    raise UsageError(f"--spacing must be one number or {','.join(axes)}, got {len(choice.spacing)} numbers")


def _refuse_missing(model: Model, missing: list[str], axes: str, picture: Picture) -> None:
    """Refuse a PSF that is not determined, naming everything that is missing at once."""
    if not missing and not axes:
        return
    options = [f"--{name.lower()}" for name in missing] + ["--spacing"] * bool(axes)
    words = [*missing, *["the spacing"] * bool(axes)]
    source = picture.calibration.program
    silent = f"which the file's {source} does not say" if source else "which the file does not say"
    raise UsageError(f"--psf {model.name} needs {_and(words)}, {silent} (give {_and(options)})")


def _and(words: list[str]) -> str:
    *others, last = words
    return f"{', '.join(others)} and {last}" if others else last


def _channels(values: Mapping[str, tuple[float, ...]], count: int) -> tuple[Mapping[str, float], ...]:
    """Return the numbers of each channel, once where all are the same."""
    for name, several in values.items():
        if len(several) not in (1, count):
            raise UsageError(
                f"--{name.lower()} must be one number, or one for each of {count} channels, got {len(several)}"
            )
    each = [{name: v[min(channel, len(v) - 1)] for name, v in values.items()} for channel in range(count)]
    return tuple(each) if any(one != each[0] for one in each) else (each[0],)


def psf_shape(numbers: Mapping[str, float], spacing: tuple[float, ...], grid: tuple[int, ...]) -> tuple[int, ...]:
    """Return odd lengths: all slices of the stack, and as far across as the cone of light at its ends."""
    planes = [n - 1 + n % 2 for n in grid[:-2]]
    NA, index = numbers["NA"], numbers.get("ni", 1.515)
    slope = NA / np.sqrt(max(index**2 - NA**2, 1e-6))
    depth, across = usual_reach(NA, numbers["wavelength"], max(index, NA * 1.001))
    if planes:
        across += max(planes[0] // 2 * spacing[0] - depth, 0) * slope
    sides = [
        min(2 * int(np.ceil(across / step)) + 1, n - 1 + n % 2) for step, n in zip(spacing[-2:], grid[-2:], strict=True)
    ]
    return (*planes, *sides)


def _notes(model: Model, numbers: _Numbers, picture: Picture) -> tuple[str, ...]:
    """Say what was taken from the file, what is usual, and what differs between channels."""
    first, notes = numbers.channels[0], []
    values = {**first, "spacing": " x ".join(f"{step:.{DIGITS}g}" for step in numbers.spacing) + " um"}
    if numbers.of_file:
        taken = ", ".join(f"{n} {v if isinstance(v := values[n], str) else f'{v:.{DIGITS}g}'}" for n in numbers.of_file)
        notes.append(f"the PSF's {taken} are those of the file's {picture.calibration.program}")
    defaults = {name: p.default for name, p in inspect.signature(model.draw).parameters.items()}
    usual = [p.name for p in model.parameters if p.name not in first and defaults[p.name] is not None]
    if usual:
        words = ", ".join(f"{name} {defaults[name]:g}" for name in usual)
        notes.append(f"taken as usual, since neither file nor options say it: {words}")
    if len(numbers.channels) > 1:
        names = picture.calibration.names
        each = [
            f"{names[i] if i < len(names) and names[i] else i} {c['wavelength']:.{DIGITS}g} um"
            for i, c in enumerate(numbers.channels)
        ]
        notes.append(f"a PSF for each channel: {', '.join(each)}")
    return tuple(notes)
