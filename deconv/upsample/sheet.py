"""The sheet that the figure of an enlargement is drawn on, and what is drawn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from numpy.typing import NDArray

from deconv.upsample.cells import magnitudes
from deconv.upsample.stages import Geometry

if TYPE_CHECKING:
    from deconv.upsample.feature_maps import FeatureMap
    from upsample import Enlargement

Array = NDArray[Any]

#: Inches, and dots per inch: 1600 pixels wide.
WIDTH, DPI, MARGIN = 16.0, 100, 0.35
#: Channels that are drawn.
CHANNELS = 4


class Sheet:
    """A figure that is filled from the top; its height is known at the end, so panels are placed then."""

    def __init__(self) -> None:
        self.top = 0.0
        self.figure = Figure(figsize=(WIDTH, 1), dpi=DPI)
        FigureCanvasAgg(self.figure)
        self._axes: list[tuple[Axes, tuple[float, float, float, float]]] = []

    def axes(self, left: float, top: float, width: float, height: float) -> Axes:
        """Return axes at inches from the left and from the present position down."""
        axes = self.figure.add_axes((0, 0, 1, 1), label=str(len(self._axes)))
        self._axes.append((axes, (left, self.top + top, width, height)))
        return axes

    def text(self, left: float, top: float, text: str, **style: Any) -> None:
        """Write at inches from the left and from the present position down."""
        axes = self.axes(left, top, 1, 1)
        axes.set_axis_off()
        axes.text(0, 1, text, va=style.pop("va", "top"), **style)

    def save(self, path: Path) -> None:
        """Fix the height, place everything and write the file."""
        self.figure.set_size_inches(WIDTH, self.top)
        for axes, (left, top, width, height) in self._axes:
            axes.set_position((left / WIDTH, 1 - (top + height) / self.top, width / WIDTH, height / self.top))
        self.figure.savefig(path, format="png", metadata={"Software": None})


@dataclass(frozen=True)
class Content:
    """What is drawn: the first map of a batch, channels first, and its enlargement."""

    name: str
    given: FeatureMap
    done: Enlargement
    geometry: Geometry
    kernel: str

    @property
    def before(self) -> Array:
        """The map, channels first, without repeated edges."""
        one, two = (slice(line.edge, line.edge + line.given) for line in self.geometry.lines)
        return magnitudes(self.done.map.reshape(-1, *self.done.map.shape[-3:])[0, :, one, two])

    @property
    def after(self) -> Array:
        """The result, channels first."""
        result = self.done.result
        if self.given.values.ndim > 2 and self.given.layout not in ("torch", "onnx"):
            result = np.moveaxis(result, -1, -3)
        channels = result.shape[-3] if result.ndim > 2 else 1
        return magnitudes(result.reshape(-1, channels, *result.shape[-2:])[0])

    @property
    def is_depthwise(self) -> bool:
        """Whether every channel is enlarged by itself."""
        return self.done.groups == len(self.done.weight) and self.done.weight.shape[1] == 1

    @property
    def channel(self) -> int:
        """The channel whose numbers are written: of those drawn, the first whose corner is not flat."""
        corners = self.before[:CHANNELS, :6, :6]
        busy = [i for i, corner in enumerate(corners) if corner.min() < corner.max()]
        return busy[0] if busy and self.is_depthwise else 0


def size_text(sizes: Sequence[int]) -> str:
    """Return sizes as rows x columns."""
    return " x ".join(map(str, sizes))
