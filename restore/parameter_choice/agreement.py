"""What the parts of a picture agree upon: noise, spectrum and filter, found in windows spread over it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from restore.checks import Array
from restore.observation.components import counted
from restore.observation.observation import OF_THE_PICTURE, Observation
from restore.parameter_choice.fitted_filter import agreed_filter


@dataclass(frozen=True, eq=False)
class Survey:
    """Windows of a picture, each an observation, and all of them side by side, in the unit of the whole.

    What lies outside of the whole picture is `beside` as large a share of it as what lies outside of a window.
    """

    mosaic: Observation
    windows: Sequence[Observation]
    beside: float

    @cached_property
    def shown(self) -> Mapping[str, Any]:
        """Return what the windows show of noise and spectrum, as properties of an observation."""
        names = [*OF_THE_PICTURE, "border_strength"]
        return {name: getattr(self.mosaic, name) for name in names} | {"unsettled_var": self._everywhere}

    @cached_property
    def settled(self) -> Mapping[str, Any]:
        """Return the same with the filter that is for all of them; the windows, completed ones, are told."""
        extra = self._everywhere
        for window in self.windows:
            window.__dict__.update({name: value for name, value in self.shown.items() if name != "unsettled_var"})
        contradicted = float(np.mean([window.unsettled_var for window in self.windows])) - extra
        facts = {**self.shown, "unsettled_var": extra + self.beside * contradicted}
        self._tell(facts)
        facts["fit"] = replace(self.mosaic.fit, agreed=agreed_filter(self.windows))
        self._tell(facts)
        return facts

    @property
    def _everywhere(self) -> float:
        """Return the variance that counts as noise all over the picture, beside what it shows."""
        return self.mosaic.extra_noise_var + self.mosaic.misfit_var

    def turned(self, rows: Array, louder: float) -> Survey:
        """Return that of components of the channels, where noise that hides counts `louder` times."""
        mosaic, *windows = (counted(observation, rows, louder) for observation in (self.mosaic, *self.windows))
        return Survey(mosaic, windows, self.beside)

    def _tell(self, facts: Mapping[str, Any]) -> None:
        for window in self.windows:
            window.__dict__.update(facts)
