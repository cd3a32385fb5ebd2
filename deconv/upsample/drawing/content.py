"""What the figure of an enlargement shows: map and result, channels first."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from deconv.figures.notation import magnitudes
from deconv.upsample.feature_maps import FeatureMap
from deconv.upsample.geometry import Geometry
from upsample import Enlargement

Array = NDArray[Any]

#: Channels that are drawn.
CHANNELS = 4
#: Least magnitude of a largest number that is drawn as it is, and one over the greatest.
PLAIN = 1e-30


@dataclass(frozen=True, eq=False)
class Content:
    """What is drawn: the first map of a batch, channels first, and its enlargement."""

    name: str
    feature_map: FeatureMap
    enlargement: Enlargement
    geometry: Geometry
    kernel: str
    note: str = ""

    @classmethod
    def of(cls, name: str, feature_map: FeatureMap, enlargement: Enlargement, kernel: str) -> Content:
        """Return what is drawn of the enlargement of a map of that file name."""
        return cls(
            name=name,
            feature_map=feature_map,
            enlargement=enlargement,
            geometry=Geometry.of(feature_map, enlargement),
            kernel=kernel,
        )

    @property
    def unit(self) -> float:
        """Return the power of ten to draw the numbers in: 1, unless drawing would leave the range of numbers."""
        enlargement = self.enlargement
        parts = [part for array in (enlargement.map, enlargement.result) for part in (array.real, array.imag)]
        peak = max(float(np.abs(part).max()) for part in parts)
        return 1.0 if peak == 0 or PLAIN <= peak <= 1 / PLAIN else float(10.0 ** np.floor(np.log10(peak)))

    def in_units(self) -> Content:
        """Return the content with map and result in that unit."""
        unit, enlargement = self.unit, self.enlargement
        if unit == 1:
            return self
        scaled = replace(enlargement, map=enlargement.map / unit, result=enlargement.result / unit)
        return replace(self, enlargement=scaled, note=f"all in units of {unit:.0e}")

    @property
    def before(self) -> Array:
        """Return the map, channels first, without repeated edges."""
        one, two = (slice(line.edge, line.edge + line.samples) for line in self.geometry.lines)
        return magnitudes(self.enlargement.map.reshape(-1, *self.enlargement.map.shape[-3:])[0, :, one, two])

    @property
    def after(self) -> Array:
        """Return the result, channels first."""
        result = self.enlargement.result
        if self.feature_map.has_channels_last:
            result = np.moveaxis(result, -1, -3)
        channels = result.shape[-3] if result.ndim > 2 else 1
        return magnitudes(result.reshape(-1, channels, *result.shape[-2:])[0])

    @property
    def is_depthwise(self) -> bool:
        """Return whether every channel is enlarged by itself."""
        return self.enlargement.groups == len(self.enlargement.weight) and self.enlargement.weight.shape[1] == 1

    @property
    def channel(self) -> int:
        """Return the channel whose numbers are written: of those drawn, the first whose corner is not flat."""
        corners = self.before[:CHANNELS, :6, :6]
        busy = [i for i, corner in enumerate(corners) if corner.min() < corner.max()]
        return busy[0] if busy and self.is_depthwise else 0
