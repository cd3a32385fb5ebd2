"""The scene of the contrast: the sharp picture f, cut and shrunk to what a slide can show, its blur and its noise."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from deconv.contrast.request import NOISE, ContrastRequest
from deconv.errors import UsageError
from deconv.figures.display import shrunk
from deconv.inputs.kernel import Kernel, fitting
from deconv.inputs.linear_light import LightPicture
from deconv.inputs.psf import given_kernel
from deconv.settings import PSFChoice

Array = NDArray[Any]

#: Longest edge that is worked on, shortest edge, and how much longer one edge may be: what a slide can show.
LONGEST, SHORTEST, RATIO = 320, 8, 2
#: Default blur in pixels, and the share of the shorter edge it is at most.
SIGMA, SHARE = 2.0, 1 / 32
#: Least light, and one over the most: the squares of both are numbers to the last digit.
FAINTEST = 1e-100


@dataclass(frozen=True, eq=False)
class Scene:
    """The picture f that is worked on, how it differs from the file, the kernel and the noise that was named."""

    light: LightPicture
    sharp: Array
    changes: tuple[str, ...]
    kernel: Kernel
    named_noise: float | None

    @property
    def noise_sigma(self) -> float:
        """Return the noise: as named, or a share of the full scale."""
        return NOISE * self.span if self.named_noise is None else self.named_noise

    @property
    def span(self) -> float:
        """Return the full scale: 1 for integer files, else the range of the samples."""
        stored = self.light.picture.has_integer_samples
        return 1.0 if stored else float(self.sharp.max() - self.sharp.min()) or 1.0

    @property
    def size(self) -> str:
        """Return the size, and what was done to reach it."""
        rows, columns = self.sharp.shape[:2]
        return f"{columns} x {rows} pixels" + "".join(f", {change}" for change in self.changes)

    @property
    def notes(self) -> tuple[str, ...]:
        """Return what is to be said of file and kernel."""
        return (*self.light.picture.notes, *self.kernel.notes)


def scene_of(request: ContrastRequest, light: LightPicture, source: str) -> Scene:
    """Return the scene of one picture, or refuse what cannot be shown."""
    if light.picture.planes:
        raise UsageError(f"{source}: contrast shows one plane (choose it with --frame N)")
    sharp, changes = _fitted(light.image, request.stride)
    rows, columns = sharp.shape[:2]
    if min(rows, columns) < SHORTEST:
        size = f"{columns} x {rows} pixels, in multiples of --stride {request.stride}"
        raise UsageError(f"{source}: {size}, are too few to blur (at least {SHORTEST} x {SHORTEST})")
    peak = max(float(np.abs(sharp).max()), request.noise_sigma or 0.0)
    if peak and not FAINTEST <= peak <= 1 / FAINTEST:
        raise UsageError(f"{source}: no law can be checked on light or noise of {peak:.1e} (scale it to 0 to 1)")
    return Scene(
        light=light,
        sharp=sharp,
        changes=changes,
        kernel=fitting(_kernel(request.psf, min(rows, columns)), (rows, columns), source),
        named_noise=request.noise_sigma,
    )


def _fitted(image: Array, stride: int) -> tuple[Array, tuple[str, ...]]:
    """Return the picture in double precision, gray or RGB, cut and shrunk to what a slide can show."""
    changes = []
    picture = np.asarray(image, np.float64)
    if picture.ndim == 3 and picture.shape[2] != 3:
        picture = picture.mean(axis=2)
        changes.append("the mean of its channels")
    cut = _middle(picture, [min(n, RATIO * min(picture.shape[:2])) for n in picture.shape[:2]])
    small = shrunk(cut, LONGEST)
    fit = _middle(small, [n // stride * stride for n in small.shape[:2]])
    if cut.shape != picture.shape:
        changes.append("the middle of the picture")
    if small.shape != cut.shape:
        changes.append(f"shrunk to 1/{cut.shape[0] // small.shape[0]}")
    if fit.shape != small.shape:
        changes.append(f"cut to multiples of {stride}")
    return fit, tuple(changes)


def _middle(picture: Array, size: list[int]) -> Array:
    first = [(n - s) // 2 for n, s in zip(picture.shape, size, strict=False)]
    return picture[first[0] : first[0] + size[0], first[1] : first[1] + size[1]]


def _kernel(choice: PSFChoice, shorter: int) -> Kernel:
    """Return the PSF of the options; left out, a Gaussian that is seen on a picture of this size."""
    if choice.psf in (None, "gaussian"):
        sigma = min(SIGMA, max(0.5, SHARE * shorter))
        choice = replace(choice, psf="gaussian", parameters={"sigma": sigma, **choice.parameters})
    kernel = given_kernel(choice, None)
    if kernel is None:
        raise UsageError(f"--psf {choice.psf} needs its parameters to blur with (for example --psf disk --radius 3)")
    return kernel
