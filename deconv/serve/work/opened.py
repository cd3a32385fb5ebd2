"""A picture that is looked at: read once, and what was found in it kept."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from deconv.deblur.request import DeblurRequest
from deconv.figures.display import busiest, display, display_range
from deconv.inputs.kernel import Kernel, fitting
from deconv.inputs.light_choice import CODES, likelier_light
from deconv.inputs.linear_light import LightPicture, read_light
from deconv.inputs.psf import estimate, estimated_kernel, given_kernel
from deconv.inputs.psf_from_box import measured_kernel
from deconv.pictures import Picture
from deconv.settings import PSFChoice, Reading
from restore import PSFEstimate
from restore.tiles.part import Findings

Array = NDArray[Any]
Box = tuple[int, int, int, int]  # x, y, width, height
Found = TypeVar("Found")

#: Edge of the window that tells noise, spectrum and strength.
WINDOW = 512
#: From so many pixels on a part is looked at first, and the edge of that.
LARGE, FIRST = 1_000_000, 640
#: How many answers about one picture are remembered.
MOST = 32


class Remembered:
    """What was found out, by the question; the oldest goes where there is too much."""

    def __init__(self) -> None:
        self._answers: dict[tuple[Hashable, ...], Any] = {}

    def __contains__(self, question: tuple[Hashable, ...]) -> bool:
        return question in self._answers

    def __call__(self, question: tuple[Hashable, ...], find: Callable[[], Found]) -> Found:
        """Return the answer to a question, found out once."""
        if question not in self._answers:
            self._answers[question] = find()
            while len(self._answers) > MOST:
                del self._answers[next(iter(self._answers))]
        return self._answers[question]

    def last(self, kind: Hashable) -> Any:
        """Return the newest answer to a question that begins so, None where there is none."""
        answers = (answer for question, answer in [*self._answers.items()] if question[:1] == (kind,))
        return next(reversed([*answers]), None)


@dataclass(eq=False)
class Opened:
    """A picture as it is read for the page: of several planes the first, with all that was found in it."""

    light: LightPicture
    samples: int = 0  # of all planes

    def __post_init__(self) -> None:
        self.remembered = Remembered()

    @classmethod
    def read(cls, path: str, reading: Reading) -> Opened:
        """Read a picture."""
        whole = read_light(path, reading)
        return cls(_first_plane(whole), whole.image.size)

    @property
    def size(self) -> tuple[int, int]:
        """Return width and height."""
        return self.light.picture.width, self.light.picture.height

    @cached_property
    def shown(self) -> Array:
        """Return the picture as a screen shows it, before the range is applied."""
        return display(self.light.picture)

    @cached_property
    def range(self) -> tuple[float, float]:
        """Return what is black and what is white, of this picture and of all that is made of it."""
        return display_range([self.shown])

    @cached_property
    def compression_var(self) -> float:
        """Return the variance of a JPEG's rounding."""
        return self.light.compression_var()

    @cached_property
    def window(self) -> Box:
        """Return where the picture is looked at for all of it: where there is most to see."""
        width, height = self.size
        step = max(1, min(width, height) // WINDOW)
        picture = self.light.picture
        rows, columns = busiest(display(replace(picture, samples=picture.samples[::step, ::step], alpha=None)))
        x, y = (step * (part.start + part.stop) // 2 for part in (columns, rows))
        return within((x - WINDOW // 2, y - WINDOW // 2, WINDOW, WINDOW), width, height)

    @cached_property
    def span(self) -> float:
        """Return the range of light in the window from its 0.5 to its 99.5 percentile."""
        low, high = np.percentile(self.part(self.window).image, [0.5, 99.5])
        return float(high - low)

    def part(self, box: Box) -> LightPicture:
        """Return a part of the picture."""
        x, y, width, height = box
        rows, columns = slice(y, y + height), slice(x, x + width)
        picture = self.light.picture
        alpha = None if picture.alpha is None else picture.alpha[rows, columns]
        return replace(
            self.light,
            picture=replace(picture, samples=picture.samples[rows, columns], alpha=alpha),
            image=np.ascontiguousarray(self.light.image[rows, columns]),
            opacity=None if self.light.opacity is None else self.light.opacity[rows, columns],
        )

    def kernel(self, request: DeblurRequest) -> tuple[Opened, Kernel]:
        """Return the PSF, given, measured or estimated, and the picture in the light that suits it."""
        question = ("kernel", repr(request.psf), repr(request.reading), self._is_guessed(request.psf))
        return self.remembered(question, lambda: self._kernel(request))

    def estimate(self, choice: PSFChoice, light: LightPicture) -> PSFEstimate:
        """Return the blur that the picture shows, looked for once."""
        return self.remembered(_estimate_of(choice), lambda: estimate(choice, light))

    def guess(self, choice: PSFChoice) -> PSFEstimate | None:
        """Return the blur that a part of a large picture shows, None of a picture that is looked at soon itself."""
        width, height = self.size
        if width * height < LARGE:
            return None
        x, y, wide, high = self.window
        middle = (x + wide // 2 - FIRST // 2, y + high // 2 - FIRST // 2)
        part = self.part(within((*middle, FIRST, FIRST), width, height))
        return self.remembered(("guess", *_estimate_of(choice)), lambda: estimate(choice, part))

    def _likeliest(self, choice: PSFChoice, light: LightPicture) -> PSFEstimate:
        """Return the blur that the picture shows or, until it is found, that a part of it does."""
        if self._is_guessed(choice):
            return self.remembered(("guess", *_estimate_of(choice)), lambda: estimate(choice, light))
        return self.estimate(choice, light)

    def _is_guessed(self, choice: PSFChoice) -> bool:
        question = _estimate_of(choice)
        return ("guess", *question) in self.remembered and question not in self.remembered

    def _kernel(self, request: DeblurRequest) -> tuple[Opened, Kernel]:
        typed = None if request.psf.box is not None else given_kernel(request.psf, self.light)
        kernel = self._measured(request) if typed is None else typed
        opened, again = self, None if typed is not None else lambda light: self._in(light)._measured(request)

        def likelier() -> tuple[LightPicture, Kernel]:
            return likelier_light(self.light, kernel, request.reading, again)

        if kernel.error > 0:
            light, kernel = likelier()
            opened = self._in(light)
        elif (light := self.remembered(("likelier light", request.psf.psf), likelier)[0]) is not self.light:
            opened, kernel = self._in(light), kernel if again is None else again(light)  # for every size of a family
            kernel = replace(kernel, notes=(*kernel.notes, CODES))
        return opened, fitting(kernel, light.grid(2), light.picture.path.name if light.picture.path else "the picture")

    def _measured(self, request: DeblurRequest) -> Kernel:
        """Return the PSF that a box holds, or that is estimated."""
        if request.psf.box is not None:
            return measured_kernel(request.psf, self.light)
        return estimated_kernel(request.psf, self.light, request.reporting, self._likeliest)

    def _in(self, light: LightPicture) -> Opened:
        """Return the file in another light."""
        if light.light == self.light.light:
            return self
        return self.remembered(("light", light.light), lambda: Opened(light))

    def findings(
        self, method: Hashable, psf: Hashable, find: Callable[[], Findings], *, carried: bool
    ) -> tuple[Findings, bool]:
        """Return what the picture tells for a method and PSF, or with `carried` for the last PSF, and whether it is."""
        last = self.remembered.last(("findings", method)) if carried else None
        if last is not None:
            return last, True
        return self.remembered((("findings", method), psf), find), False


def _estimate_of(choice: PSFChoice) -> tuple[Hashable, ...]:
    return "estimate", choice.psf, repr(sorted(choice.parameters.items()))


def within(box: Box, width: int, height: int) -> Box:
    """Return a box moved into a picture, and cut where it is larger."""
    x, y, wide, high = box
    wide, high = min(wide, width), min(high, height)
    return min(max(x, 0), width - wide), min(max(y, 0), height - high), wide, high


def _first_plane(light: LightPicture) -> LightPicture:
    picture = light.picture
    if not picture.planes:
        return light
    alpha = None if picture.alpha is None else picture.alpha[0]
    first: Picture = replace(picture, samples=picture.samples[0], alpha=alpha, planes=0, plane_axes="", plane_shape=())
    opacity = None if light.opacity is None else light.opacity[0]
    return replace(light, picture=first, image=light.image[0], opacity=opacity)
