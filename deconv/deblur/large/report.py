"""What is told of a picture that was restored in tiles: lines for people and the JSON object."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np

from deconv import __version__
from deconv.deblur.large.tile_work import TileWork
from deconv.deblur.report import Files, banding_words, contradiction_words, dead_words, hints_of, judgement
from deconv.inputs.kernel import Kernel
from deconv.inputs.large_light import LargeLight
from deconv.inputs.masks import CLIPPED
from deconv.pictures import losses
from deconv.report import Report, percent
from deconv.settings import Box
from restore.methods.doubts import Evidence
from restore.methods.method import METHODS, Method
from restore.tiles.preparation import Prepared

#: What is done for whole pictures alone.
WHY_DEAD = "wherever one looks or with edges that no blur leaves"
SPREAD = "the error of the PSF's estimate was not counted in tiles"
PLAIN_STEPS = "in tiles Richardson-Lucy goes without acceleration: as many iterations restore less"


@dataclass(eq=False)
class Tiled:
    """A picture, its tiles, and what was noted of those that are done."""

    source: str
    large: LargeLight
    kernel: Kernel
    work: TileWork
    settings: Mapping[str, Any]
    records: list[dict[str, Any]] = field(default_factory=list)
    resumed: int = 0  # tiles that an earlier run did
    shown: Box | None = None  # the part in the figure

    @property
    def method(self) -> Method:
        """Return the record of the method."""
        return METHODS[self.work.prepared[0].job.name]

    @property
    def first(self) -> Mapping[str, Any]:
        """Return what was noted of the first tile."""
        return min(self.records, key=lambda record: (record["part"], record["tile"]))

    @property
    def noise_sigma(self) -> float:
        """Return the largest noise of a part."""
        return max(record["noise_sigma"] for record in self.records)

    @property
    def size(self) -> int:
        """Return the number of samples."""
        return int(np.prod(self.large.header.samples.shape, dtype=object))

    def count(self, key: str) -> int:
        """Return a sum over the tiles."""
        return sum(record[key] for record in self.records)

    @property
    def gave_up(self) -> bool:
        """Return whether a part was left as it is."""
        return any(common.agreement.settings is None for common in self.work.prepared)

    @property
    def banding(self) -> float:
        """Return the strongest noise of rows or columns that was taken off a part, relative to that of samples."""
        return max(common.shared.strength for common in self.work.prepared)

    @cached_property
    def evidence(self) -> tuple[Evidence, ...]:
        """Return, once all tiles are done, what each part is judged by: windows, and what of its tiles is too dark."""
        dark: Counter[int] = Counter()
        for record in self.records:
            dark[record["part"]] += record["too_dark"]
        samples = self.size / len(self.work.prepared)
        return tuple(_judged(common, dark[n] / samples) for n, common in enumerate(self.work.prepared))

    @property
    def doubts(self) -> tuple[str, ...]:
        """Return what speaks against the result, each reason once."""
        return tuple(dict.fromkeys(doubt for evidence in self.evidence for doubt in evidence.doubts))

    @property
    def hints(self) -> tuple[str, ...]:
        """Return what to try where the PSF that was found does not suit the picture."""
        return hints_of(self.kernel, (evidence.diagnosis for evidence in self.evidence))

    @property
    def notes(self) -> tuple[str, ...]:
        """Return what is to be said of the file, of the PSF and of tiles."""
        stack = self.large.outline.stack_notes(self.work.ndim)
        own = []
        if max(self.kernel.spread) > 0:
            own.append(SPREAD)
        if self.method.name == "richardson_lucy":
            own.append(PLAIN_STEPS)
        if self.shown is not None:
            own.append("the figure shows a part of the picture: {2} x {3} at {0}, {1}".format(*self.shown))
        return (*self.large.header.notes, *self.kernel.notes, *stack, *own)

    @property
    def words(self) -> str:
        """Return how the picture was cut."""
        plan = self.work.prepared[0].plan
        edges, halo = (" x ".join(map(str, edges)) for edges in (plan.tile, plan.halo))
        before = f", {self.resumed} of them by an earlier run" if self.resumed else ""
        return f"{self.work.count} of {edges} with {halo} around{before}"


def _judged(common: Prepared, undershoot: float) -> Evidence:
    """Return what a part is judged by, with the share of all its samples that is darker than can be."""
    evidence = common.evidence
    assert evidence is not None
    assert evidence.diagnosis is not None
    return replace(evidence, diagnosis=replace(evidence.diagnosis, undershoot=undershoot))


def report_of(tiled: Tiled, files: Files, seconds: float) -> Report:
    """Return the report of one input."""
    report = Report(tiled.source)
    notes = (*tiled.notes, *losses(tiled.large.result, files.output))
    clipped = {
        "at the bottom": tiled.count("clipped_low"),
        "at the top": tiled.count("clipped") - tiled.count("clipped_low"),
    }
    report.say("picture", tiled.large.outline.describe())
    for note in notes:
        report.say("note", note)
    report.say("psf", tiled.kernel.describe())
    report.say("method", f"{_method(tiled)}, boundary {tiled.settings['boundary']}")
    report.say("tiles", tiled.words)
    if share := tiled.count("unknown") / tiled.size:
        report.say("unknown", f"{_reasons(tiled)}: {percent(share)} solved for")
    if wrong := tiled.count("wrong") / tiled.size:
        report.say("outliers", contradiction_words(wrong))
    if tiled.banding:
        report.say("banding", banding_words(tiled.banding))
    if dead := tiled.count("dead") / tiled.size:
        report.say("note", dead_words(dead, WHY_DEAD))
    report.say("noise", f"sigma {tiled.noise_sigma:.4g} in linear light")
    if any(clipped.values()):
        ends = [f"{percent(count / tiled.size)} {end}" for end, count in clipped.items() if count]
        report.say("clipped", f"{' and '.join(ends)}: samples of the result that the range of the file cut off")
    for doubt in tiled.doubts:
        report.say("warning", doubt)
    for hint in tiled.hints:
        report.say("hint", hint)
    report.say("written", f"{files} ({seconds:.1f} s)")
    report.record |= _record(tiled, files, notes, seconds)
    return report


def _reasons(tiled: Tiled) -> str:
    """Return why samples may be unknown."""
    large = tiled.large
    reasons = {CLIPPED: large.white is not None, "under the mask": large.drawn is not None, "NaN": large.nan}
    return ", ".join(reason for reason, holds in reasons.items() if holds)


def _record(tiled: Tiled, files: Files, notes: tuple[str, ...], seconds: float) -> dict[str, Any]:
    plan, first, evidence = tiled.work.prepared[0].plan, tiled.first, tiled.evidence
    return {
        "output": str(files.output),
        "figure": str(files.figure) if files.figure else None,
        "method": tiled.method.name,
        "smoothness": tiled.settings["smoothness"],
        "psf": tiled.kernel.record(),
        "noise_sigma": tiled.noise_sigma,
        "parameter": first["strength"],
        "rule": first["rule"],
        "iterations": first["iterations"],
        "boundary": tiled.settings["boundary"],
        **judgement(evidence[0].diagnosis),
        "light": tiled.large.light,
        "dead": tiled.count("dead") / tiled.size,
        "masked": tiled.count("unknown") / tiled.size,
        "banding": tiled.banding,
        "contradicting": tiled.count("wrong") / tiled.size,
        "raised": max(part.raised for part in evidence),
        "gave_up": tiled.gave_up,
        "tiles": {
            "count": tiled.work.count,
            "shape": list(plan.tile),
            "halo": list(plan.halo),
            "resumed": tiled.resumed,
        },
        "clipped_output": tiled.count("clipped") / tiled.size,
        "clipped_output_low": tiled.count("clipped_low") / tiled.size,
        "notes": [*notes, *tiled.hints],
        "warnings": list(tiled.doubts),
        "seconds": round(seconds, 3),
    }


def _method(tiled: Tiled) -> str:
    strength, first = tiled.method.strength, tiled.first
    words = [tiled.method.name]
    if strength is not None:
        words.append(f"{strength.name} {first['strength']:.3g} ({first['rule']})")
    return ", ".join(words)


def facts_of(tiled: Tiled) -> list[tuple[str, str]]:
    """Return the numbers beside the pictures of the figure."""
    return [
        ("PSF", tiled.kernel.describe()),
        ("method", _method(tiled)),
        ("noise", f"sigma {tiled.noise_sigma:.3g}"),
        ("boundary", str(tiled.settings["boundary"])),
        ("tiles", tiled.words),
    ]


def history_of(tiled: Tiled) -> tuple[str, ...]:
    """Return what a file that keeps its history is told of the restoration."""
    return (
        f"Deconv {__version__}: deconvolved, method {_method(tiled)}",
        f"PSF {tiled.kernel.describe()}",
        f"in tiles: {tiled.words}",
    )
