"""The settings of an enlargement, line by line, beside map and result."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

import numpy as np

from deconv.upsample.drawing.content import Content
from deconv.upsample.geometry import pair_text, size_text

#: Letters: the names of the facts, and a line of what they say.
NAME, LINE = 10, 32


def facts_text(content: Content, limits: Sequence[tuple[float, float]]) -> str:
    """Return the settings, and the ranges in which map and result are displayed."""
    enlargement, geometry = content.enlargement, content.geometry
    lines = {
        "kernel": f"{content.kernel}, {size_text(enlargement.weight.shape[2:])} taps",
        "stride": pair_text(enlargement.stride),
        "crop": geometry.crop_text(),
        "dilation": "" if max(enlargement.dilation) == 1 else pair_text(enlargement.dilation),
        "outside": _outside(content),
        "channels": _channels(content),
        "batch": _batch(content),
        "numbers": content.note,
        "display": _display(limits) + " (magnitudes)" * np.iscomplexobj(enlargement.map),
    }
    formulas = [line.partition(": ")[2] for line in enlargement.explanation.splitlines()[-2:]]
    lines |= {"rows": formulas[0], "columns": formulas[1]}
    return "\n".join(_line(name, text) for name, text in lines.items() if text)


def _display(limits: Sequence[tuple[float, float]]) -> str:
    before, after = ("{:.4g} to {:.4g}".format(*pair) for pair in limits)
    return f"{before} for both" if before == after else f"map {before}, enlarged {after}"


def _line(name: str, text: str) -> str:
    return f"{name:<{NAME}s}" + textwrap.fill(text, LINE).replace("\n", "\n" + " " * NAME)


def _outside(content: Content) -> str:
    repeated = content.geometry.sizes.get("edge_repeated", ())
    return f"edge repeated to {size_text(repeated)}, cropped again" if repeated else "zeros"


def _channels(content: Content) -> str:
    groups = content.enlargement.groups
    text = f"{len(content.before)} -> {len(content.after)}, {groups} group{'s' * (groups > 1)}"
    return "" if text == "1 -> 1, 1 group" else text


def _batch(content: Content) -> str:
    maps = content.enlargement.map
    return f"first of {len(maps)} maps shown" if maps.ndim == 4 and len(maps) > 1 else ""
