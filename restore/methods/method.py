"""What a method is: one record that says everything about it.

A method file ends with `register(Method(...))`. From then on `deconvolve`, the program's report, its JSON object, its
figure, its page and its card know the method: they read the record, and nothing else lists methods.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from restore.checks import Array, InvalidType, InvalidValue, as_positive
from restore.methods.tiling import Tiling
from restore.observation.observation import Observation
from restore.operators.fourier import Gain
from restore.operators.progress import Progress, silent
from restore.parameter_choice.rules import StrengthChoice


@dataclass(frozen=True, eq=False)
class Outcome:
    """A restored picture and how it came about.

    `image` is laid out like the picture as it was given. `strength` and `rule` say how strong and why. `choice` is
    what a rule of `restore.parameter_choice` saw, and `gain` that of a linear filter. `noise_sigma` is None where the
    method settled on no noise of its own: then it is that of the fit or, without `fits_noise`, what flat places show.
    `explained` is what the method expects of the data, channels last, where that is not the image blurred.
    """

    image: Array
    strength: float
    rule: str
    noise_sigma: float | None = None
    fits_noise: bool = False
    iterations: int = 0
    choice: StrengthChoice | None = None
    gain: Gain | None = None
    explained: Array | None = None


#: Restores an observation with the settings of a method, and tells how far it is.
Solver = Callable[[Observation, Any, Progress], Outcome]


def restored(solve: Solver, observation: Observation, settings: Any, progress: Progress = silent) -> Array:
    """Return the picture alone, in the unit in which the observed one was given, as the settings are."""
    unit = observation.unit
    return unit.result(solve(observation, unit.of_fields(settings), progress).image)


@dataclass(frozen=True)
class Settings:
    """What every method with a strength takes beside its own arguments: how much smoother than usual.

    A factor on the strength, given or found, or on the noise where that is the strength; iterations are divided by it.
    """

    smoothness: float = 1.0

    def __post_init__(self) -> None:
        as_positive(self.smoothness, "smoothness")

    def shortened(self, count: int) -> int:
        """Return how many iterations are left of a number of them."""
        return max(1, round(count / self.smoothness))


@dataclass(frozen=True)
class Strength:
    """What says how strong a method is.

    `argument` is its keyword, `name` what a report calls it, `symbol` what a figure does, and `meaning` what it is in
    words. A larger one makes the picture smoother, or sharper and noisier. `degree` is that of the unit of the picture
    which it has.
    """

    argument: str
    name: str
    symbol: str
    meaning: str
    larger: Literal["smoother", "sharper and noisier"] = "smoother"
    degree: int = 0

    @property
    def is_count(self) -> bool:
        """Return whether it is a number of iterations."""
        return self.argument == "iterations"


@dataclass(frozen=True)
class Method:
    """Everything that there is to know about a method.

    `settings` is the class of its own arguments, a frozen dataclass that checks itself and says by `AS_SAMPLES` or
    `AS_VARIANCE` which of them have units; `solve` restores an observation with an instance of it, both in the unit of
    the observation, and tells a callback how far it is. `strength` is None for a method that has none, and `tiling` for
    one that needs the whole picture at once. `effort` says how long it takes: of a photograph the observation takes 8.
    """

    name: str
    label: str
    strength: Strength | None
    settings: type[Any]
    solve: Solver
    tiling: Tiling | None = None
    effort: float = 5.0

    @property
    def arguments(self) -> dict[str, Any]:
        """Return the names of its own arguments, with the value that stands for not given."""
        return {field.name: field.default for field in dataclasses.fields(self.settings)}


#: All methods by name, in the order in which they were registered.
METHODS: dict[str, Method] = {}


def register(method: Method) -> Method:
    """Make a method known to the front door and to the program."""
    if method.name in METHODS:
        raise InvalidValue(f"a method named {method.name!r} is registered already")
    METHODS[method.name] = method
    return method


def settings_of(method: Method, arguments: Mapping[str, Any]) -> Any:
    """Return the settings of a method; refuse arguments of others, unless they only say what holds without them."""
    own = method.arguments
    for name, value in arguments.items():
        if name in own:
            continue
        defaults = [other.arguments[name] for other in METHODS.values() if name in other.arguments]
        if not defaults:
            raise InvalidType(f"no method has an argument {name!r}, got {value!r}")
        if value is not None and not any(isinstance(value, type(d)) and value == d for d in defaults):
            raise InvalidValue(f"{name} does not belong to method {method.name!r}, got {value!r}")
    return method.settings(**{name: value for name, value in arguments.items() if name in own})
