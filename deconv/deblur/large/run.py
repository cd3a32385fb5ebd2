"""Restore a picture tile by tile: the PSF, what all tiles agree upon, the tiles, and the files."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from functools import reduce
from pathlib import Path
from typing import Any

import numpy as np
import scipy

from deconv import __version__, process
from deconv.console import tell
from deconv.deblur.large import budget
from deconv.deblur.large.cluster import done_by_workers
from deconv.deblur.large.kernel import kernel_of
from deconv.deblur.large.report import Tiled, history_of, report_of
from deconv.deblur.large.route import tile_settings
from deconv.deblur.large.tile_work import Place, TileWork, digest
from deconv.deblur.large.unknown import with_unknown
from deconv.deblur.report import Files
from deconv.deblur.request import DeblurRequest
from deconv.errors import UsageError
from deconv.inputs.kernel import Kernel
from deconv.inputs.large_light import LargeLight
from deconv.inputs.linear_light import compression_variance, reserving
from deconv.pictures import check_format, write
from deconv.pictures.tiled.memory import MemorySink, MemorySource
from deconv.pictures.tiled.opening import ZARR_SUFFIX, can_write_in_parts, sink_for
from deconv.pictures.tiled.partial import Partial
from deconv.pictures.tiled.source import Sink
from deconv.report import Report
from restore.checks import InvalidValue
from restore.operators.progress import Stages, advance
from restore.tiles.plan import Plan
from restore.tiles.preparation import planned, prepared

#: How long the stages take beside each other.
LOOKING, TILES, WRITING = 1.0, 20.0, 0.5


@dataclass(eq=False)
class _Run:
    """One picture under way."""

    request: DeblurRequest
    source: str
    large: LargeLight
    files: Files
    kernel: Kernel
    settings: dict[str, Any]

    @property
    def ndim(self) -> int:
        """Return the number of axes of the PSF."""
        return self.kernel.psf.ndim


def deblur_large(request: DeblurRequest, source: str, large: LargeLight, files: Files, started: float) -> Report:
    """Restore one picture tile by tile, and return its report."""
    in_parts = _is_in_parts(request, large, files.output)
    if not in_parts:
        check_format(large.result, files.output)
    process.live_long()  # what a tile has taken is handed back, so that the next one does not take it beside
    stages = Stages({"looking": LOOKING, "tiles": TILES, "writing": WRITING})
    advance(0.0)
    with reserving(request.destination, source, request.psf.psf) as outputs, ExitStack() as work:
        figure = None if files.figure is None else outputs.reserve(files.figure)
        partial = work.enter_context(_partial(request, source, files.output)) if in_parts else None
        place = None if in_parts else outputs.reserve(files.output)
        with stages.stage("looking"):
            large, kernel = kernel_of(request, large, source)
            large = with_unknown(request, large)
            run = _Run(request, source, large, files, kernel, tile_settings(request, large, kernel))
            run.settings |= {"extra_noise_var": _compression(large), "mask": True if large.has_mask else None}
            tiled = _prepared(run, partial)
        with stages.stage("tiles"):
            _all_done(run, tiled, partial)
        with stages.stage("writing"):
            tiled.work.sink.finish([record["note"] for record in tiled.records])
            if place is not None:
                assert isinstance(tiled.work.sink, MemorySink)
                write(replace(tiled.work.sink.picture, history=history_of(tiled)), place)
            if figure is not None:
                from deconv.deblur.large.figure import drawn  # drawing is loaded where something is drawn

                drawn(figure, tiled)
        return report_of(tiled, files, time.perf_counter() - started)


def _is_in_parts(request: DeblurRequest, large: LargeLight, output: Path) -> bool:
    """Return whether the result is written a part at a time; refuse what then cannot be."""
    suffix = output.suffix.lower()
    if request.resources.scheduler is not None and suffix != ZARR_SUFFIX:
        raise UsageError(f"{output}: --scheduler writes Zarr, of which each worker writes its shards (name it .zarr)")
    if isinstance(large.source, MemorySource) and suffix != ZARR_SUFFIX:
        return False
    return can_write_in_parts(output)


def _partial(request: DeblurRequest, source: str, output: Path) -> Partial:
    if request.destination.is_folder:
        output.parent.mkdir(parents=True, exist_ok=True)
    inputs = [Path(source), *([Path(request.psf.psf)] if request.psf.psf else [])]
    return Partial(output, force=request.destination.force, resume=request.resources.resume, inputs=inputs)


def _compression(large: LargeLight) -> float:
    """Return the variance to count for a JPEG's rounding; 0 of what is read in parts, which is none."""
    return compression_variance(large.source.picture, large.light) if isinstance(large.source, MemorySource) else 0.0


def _prepared(run: _Run, partial: Partial | None) -> Tiled:
    """Return the tiles of a picture, looked at once, and the sink that takes them."""
    large, output = run.large, run.files.output
    path = output if partial is None else partial.path
    sink = _sink(run, path)
    multiple = sink.multiple[-run.ndim :]
    room = _room(run, sink)
    parts = large.parts(run.ndim)
    try:
        commons = [
            prepared(
                part, run.kernel.of_channel(part.channel), run.settings, memory=room, multiple=multiple, is_judged=True
            )
            for part in parts
        ]
        halo = tuple(map(max, *[c.plan.halo for c in commons])) if len(commons) > 1 else commons[0].plan.halo
        former = None if partial is None else partial.plan
        plan = planned(parts[0], commons[0].job, halo, room, multiple=multiple)
    except InvalidValue as error:
        raise _in_words(error, run) from error
    if former is not None and tuple(former["halo"]) == plan.halo:
        plan = Plan(plan.shape, tuple(former["tile"]), plan.halo)
    commons = [replace(common, plan=plan) for common in commons]
    work = TileWork(large, sink, run.ndim, tuple(commons))
    return Tiled(run.source, large, run.kernel, work, settings=run.settings)


def _sink(run: _Run, path: Path) -> Sink:
    if isinstance(run.large.source, MemorySource) and run.files.output.suffix.lower() != ZARR_SUFFIX:
        return MemorySink.of(run.large.result, run.large.source.picture.alpha)
    return sink_for(path, run.files.output, replace(run.large.result, history=()), run.large.source)


def _room(run: _Run, sink: Sink) -> float:
    """Return the bytes that a tile may take."""
    result = sink.picture.samples.nbytes if isinstance(sink, MemorySink) else 0
    return max(budget.allowed(run.request.resources) - budget.resident() - result - budget.BESIDE, 1.0)


def _in_words(error: InvalidValue, run: _Run) -> Exception:
    """Return what is wrong with the memory in the words of the command line."""
    text = str(error)
    if not text.startswith("memory must hold"):
        return error
    taken = budget.allowed(run.request.resources) - _room(run, _sink(run, run.files.output))
    needs = text.removeprefix("memory must hold ").partition(", got")[0]
    return UsageError(f"--memory must hold {needs}, beside {taken / 1e6:.0f} MB for all else (allow more)")


def _all_done(run: _Run, tiled: Tiled, partial: Partial | None) -> None:
    """Restore all tiles that are not done yet, noting each."""
    work = tiled.work
    plan = work.prepared[0].plan
    if partial is None:
        work.sink.create({})
        done: list[Any] = []
    elif partial.begin(_header(run, work, plan)):
        done = list(partial.done)
        work.sink.resume([record["note"] for record in done])
        tiled.resumed = len(done)
    else:
        work.sink.create(_edges(run, plan))
        done = []
    finished = {(record["part"], tuple(record["tile"])) for record in done}
    left = [place for place in work.places() if place not in finished]
    total = work.count
    tiled.records.extend(done)
    try:
        for record in _each(run, work, left):
            tiled.records.append(record)
            if partial is not None:
                partial.note(record)
            advance(len(tiled.records) / total)
    except (KeyboardInterrupt, SystemExit, OSError, MemoryError):
        if partial is not None and partial.done:
            tell(f"{run.files.output}: {len(partial.done)} of {total} tiles are done; --resume goes on with them")
        raise


def _each(run: _Run, work: TileWork, left: Sequence[Place]) -> Iterator[dict[str, Any]]:
    address = run.request.resources.scheduler
    if address is not None:
        yield from done_by_workers(address, work, left)
    else:
        yield from map(work.done, left)


def _edges(run: _Run, plan: Plan) -> dict[str, int]:
    """Return the edges of a tile by the letters of the axes."""
    rows, columns = plan.tile[-2:]
    edges = {"Y": rows, "X": columns}
    if len(plan.tile) == 3:
        edges[_depth(run)] = plan.tile[0]
    return edges


def _depth(run: _Run) -> str:
    """Return the letter of the axis that the slices of a volume lie along."""
    from deconv.inputs.volumes import volumes_of

    volumes = volumes_of(run.large.header, 3)
    assert volumes.depth is not None
    return volumes.axes[volumes.depth]


def _header(run: _Run, work: TileWork, plan: Plan) -> dict[str, Any]:
    """Return what must be the same for a run to be gone on with."""
    agreements = [(common.job.psf, common.job.settings, common.agreement, common.shared) for common in work.prepared]
    large = run.large
    own = large.floating, large.light, large.white, large.nan, large.drawn
    return {
        "input": _identity(Path(run.source)),
        "settings": digest(run.kernel.psf, sorted(map(repr, run.settings.items())), own),
        "plan": {"tile": list(plan.tile), "halo": list(plan.halo), "shape": list(plan.shape)},
        "picture": digest(agreements),
        "versions": [__version__, np.__version__, scipy.__version__],
    }


def _identity(path: Path) -> str:
    """Return what changes when a file does, or a file of a store."""
    files: Iterable[Path] = sorted(p for p in path.rglob("*") if p.is_file()) if path.is_dir() else [path]
    return reduce(lambda before, p: digest(before, str(p), p.stat().st_size, p.stat().st_mtime_ns), files, "")
