"""The figure of a picture that was restored in tiles: the part of it with the most detail, before and after."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from deconv.deblur.large.report import Tiled, facts_of
from deconv.deblur.large.window import liveliest, read_box
from deconv.figures.comparison import Panel, comparison
from deconv.figures.display import display
from deconv.inputs.large_light import LargeLight
from deconv.pictures.tiled.memory import MemorySink, MemorySource
from deconv.pictures.tiled.opening import open_result

#: Edge of the part that is shown.
SHOWN = 1200


def drawn(path: Path, tiled: Tiled) -> None:
    """Write the figure; the result is read from where it was written."""
    box = liveliest(tiled.large, SHOWN)
    sink = tiled.work.sink
    source = MemorySource(sink.picture) if isinstance(sink, MemorySink) else open_result(sink, tiled.large.result)
    result = LargeLight(source, tiled.large.light)
    x, y, width, height = box
    whole = (width, height) == (tiled.large.header.width, tiled.large.header.height)
    tiled.shown = None if whole else box
    title = "" if whole else f", {width} x {height} at {x}, {y}"
    panels = [
        Panel(image=display(read_box(large, box).picture), title=f"{name}{title}")
        for name, large in (("input", tiled.large), ("restored", result))
    ]
    name = f"{Path(tiled.source).name}: restored by {tiled.method.name} in {tiled.work.count} tiles"
    comparison(
        path, [replace(panel) for panel in panels], tiled.kernel.psf, name, facts_of(tiled), warnings=tiled.doubts
    )
