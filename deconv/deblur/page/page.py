"""The page as a whole: the template, its style and script, and the pieces that they frame."""

from __future__ import annotations

import base64
import hashlib
import importlib.metadata
import json
from collections.abc import Iterable, Sequence
from dataclasses import replace
from html import escape
from pathlib import Path
from string import Template
from typing import Any

from deconv.deblur.page import numbers
from deconv.deblur.page.charts import charts
from deconv.deblur.page.pictures_inside import Shown, Viewed, psf_picture, viewed
from deconv.deblur.work import Work
from deconv.figures.comparison import Panel
from deconv.figures.views import shown_words
from deconv.inputs.linear_light import LightPicture
from deconv.pages.parts import part, shared
from deconv.report import Report, plain
from restore import Restoration

#: Where the pictures lie at first; further ones wait until they are chosen.
SIDES = ("left", "right")
#: Entries of the record that are files.
FILES = ("input", "output", "figure", "card", "report")


def write(path: Path, report: Report, panels: Sequence[Panel], work: Work) -> None:
    """Write the page of one restoration: `panels` are the input, the result and, where there is one, the reference."""
    name, record = Path(report.source).name, _without_folders(report.record)
    kernel = replace(work.kernel, family=record["psf"]["family"])
    pictures = viewed(panels)
    script = shared("theme.js") + shared("viewer.js")
    page = Template(part(__package__, "template.html")).substitute(
        name=escape(name),
        style=shared("style.css") + shared("viewer.css") + part(__package__, "report.css"),
        script=script,
        hash=base64.b64encode(hashlib.sha256(script.encode()).digest()).decode("ascii"),
        summary=escape(f"Method: {numbers.method(record)}. PSF: {kernel.describe()}."),
        warnings=_list("warnings", "What speaks against the result", record["warnings"]),
        **_viewer(pictures),
        about_display=escape(_about_display(pictures, work.light)),
        numbers="".join(_group(*group) for group in numbers.groups(record, work.light.describe())),
        psf=psf_picture(kernel.psf),
        psf_size=_times(kernel.psf.shape),
        psf_words=escape(kernel.describe()),
        notes=_list("notes", "Notes", record["notes"]),
        diagnostics=_diagnostics(work.restored.first),
        json=escape(json.dumps(plain(record), indent=2, ensure_ascii=False)),
        version=escape(_version()),
    )
    path.write_bytes(page.encode("utf-8", "replace"))  # a file name may hold bytes that are no text


def _without_folders(record: dict[str, Any]) -> dict[str, Any]:
    """Return the record with the bare names of its files: a page is passed on, its folders are not."""
    files = {key: Path(record[key]).name for key in FILES if record[key]}
    return record | files | {"psf": record["psf"] | {"family": Path(record["psf"]["family"]).name}}


def _version() -> str:
    try:
        return importlib.metadata.version("deconv")
    except importlib.metadata.PackageNotFoundError:
        return "from a source tree"


def _viewer(pictures: Viewed) -> dict[str, str]:
    """Return the pieces around the pictures: layers, their places and the choice between them."""
    sides = (*SIDES, *[""] * (len(pictures.pictures) - len(SIDES)))
    layers = [_layer(shown, side, pictures) for shown, side in zip(pictures.pictures, sides, strict=True)]
    names = [shown.name for shown in pictures.pictures]
    return {
        "layers": "".join(layers),
        "width": str(pictures.width),
        "height": str(pictures.height),
        "window": " ".join(map(str, pictures.window)),
        "choices": "".join(_choice(side, names, i) for i, side in enumerate(SIDES)) if names[2:] else "",
    }


def _layer(shown: Shown, side: str, pictures: Viewed) -> str:
    alternative = escape(f"{shown.name} picture")
    detail = ""
    if shown.detail:
        sizes = (pictures.width, pictures.height) * 2
        edges = zip(("left", "top", "width", "height"), pictures.window, sizes, strict=True)
        place = ";".join(f"{edge}:{100 * part / size:.6g}%" for edge, part, size in edges)
        detail = f'<img class="detail" style="{place}" alt="" draggable="false" src="{shown.detail}">'
    caption = f"<span>{escape(shown.caption)}</span>" if shown.caption else ""
    return (
        f'<div class="layer {side}" data-picture="{escape(shown.name)}"><div class="sheet">'
        f'<img class="whole" alt="{alternative}" draggable="false" src="{shown.whole}">{detail}</div>'
        f'<p class="tag"><b>{escape(shown.name)}</b>{caption}</p></div>\n'
    )


def _choice(side: str, names: Sequence[str], chosen: int) -> str:
    options = "".join(f"<option{' selected' * (i == chosen)}>{escape(name)}</option>" for i, name in enumerate(names))
    return f'<label>{side.capitalize()} <select id="{side}">{options}</select></label>'


def _about_display(pictures: Viewed, light: LightPicture) -> str:
    """Say how the pictures are shown where that is not sample by sample, black to white."""
    remarks = []
    if not pictures.exact:
        size, stored = _times((pictures.width, pictures.height)), _times(pictures.stored)
        shrunk = f"{size} pixels shrunk to {stored}" if size != stored else f"{size} pixels"
        remarks.append(
            f"The pictures in this page are JPEGs, {shrunk}; the dashed frame holds a detail without any loss."
        )
    if pictures.scale.words:
        root = f", and between them {pictures.scale.root} of the brightness is shown" if pictures.scale.root else ""
        remarks.append(f"Black is {pictures.scale.low:.4g} and white {pictures.scale.high:.4g}{root}.")
    if shown := shown_words(light.picture, along="Z"):
        remarks.append(f"Of {light.picture.planes} planes: {shown}.")
    return " ".join(remarks)


def _times(size: Sequence[int]) -> str:
    return " \N{MULTIPLICATION SIGN} ".join(map(str, size))


def _group(heading: str, rows: Iterable[numbers.Row]) -> str:
    lines = [f'<tbody>\n<tr><th scope="rowgroup" colspan="2">{escape(heading)}</th></tr>\n']
    for row in rows:
        meaning = f'<span class="note">{escape(row.meaning)}</span>' if row.meaning else ""
        lines.append(f'<tr><th scope="row">{escape(row.name)}</th><td>{escape(row.value)}{meaning}</td></tr>\n')
    return "".join([*lines, "</tbody>\n"])


def _list(name: str, heading: str, entries: Sequence[str]) -> str:
    if not entries:
        return ""
    items = "".join(f"<li>{escape(entry)}</li>" for entry in entries)
    return f'<aside class="{name}" aria-label="{heading}">\n<b>{heading}</b>\n<ul>{items}</ul>\n</aside>'


def _diagnostics(restoration: Restoration) -> str:
    if restoration.diagnosis is None:
        return ""
    figures = "".join(
        f"<figure>\n{chart.svg}<figcaption>{escape(chart.meaning)}</figcaption>\n</figure>\n"
        for chart in charts(restoration, restoration.diagnosis)
    )
    heading = '<h2 id="diagnostics-title">Diagnostics</h2>'
    return (
        f'<section aria-labelledby="diagnostics-title">\n{heading}\n<div class="charts">\n{figures}</div>\n</section>'
    )
