"""What of a picture's metadata a file of some format will not hold."""

from __future__ import annotations

from os import PathLike

from deconv.pictures.formats import FORMATS
from deconv.pictures.picture import COMMENT, Picture
from deconv.pictures.tone.stated import stated_tone
from deconv.pictures.writing import check_format

#: What a format keeps of a stack that holds its axes and scales in words of its own.
_AS_SCALES = frozenset({"arrangement", "density", "dpi", "ome_zarr"})


def losses(picture: Picture, path: str | PathLike[str], *, format: str | None = None) -> tuple[str, ...]:  # noqa: A002
    """Return one sentence about the metadata that `write` leaves out, none where it writes them all.

    Parameters
    ----------
    picture : Picture
        As it will be written.
    path, format
        As for `write`.

    Returns
    -------
    tuple of str
        One or none.
    """
    record = FORMATS[check_format(picture, path, format=format)]
    keeps = record.keeps | (_AS_SCALES if "scales" in record.keeps and picture.calibration.spacing else frozenset())
    lost = [words for kind, words in _metadata(picture).items() if kind not in keeps]
    if program := _said_anew(picture, keeps - record.keeps):
        lost.append(f"what {program} says beside axes, spacing and names of channels")
    if "arrangement" in record.keeps and picture.arrangement is not None and not picture.keeps_arrangement:
        lost += _arrangement(picture)
    return (f"{record.label} cannot hold {' and '.join(lost)} of the input: left out",) if lost else ()


def _said_anew(picture: Picture, kinds: frozenset[str]) -> str:
    """Return in whose words axes and scales were, where a format says them in words of its own."""
    if "ome_zarr" in kinds and picture.document is not None:
        return "OME-Zarr"
    return picture.arrangement.program if "arrangement" in kinds and picture.arrangement is not None else ""


def _metadata(picture: Picture) -> dict[str, str]:
    """Return what the picture has beside its samples, by the names in `Format.keeps`."""
    texts = [keyword for keyword, _ in picture.texts if keyword != COMMENT]
    tone = stated_tone(picture)
    kinds = {
        "icc": "the ICC profile" * bool(picture.icc),
        "exif": "EXIF" * bool(picture.exif),
        "xmp": "XMP" * bool(picture.xmp),
        "dpi": "the resolution" * bool(picture.dpi),
        "density": "the resolution" * bool(picture.density),
        "colour_chunks": f"the {tone.source}" if tone and tone.kind != "srgb" and "chunk" in tone.source else "",
        "comment": "the comment" * (len(texts) < len(picture.texts)),
        "texts": f"the texts {', '.join(texts)}" if texts else "",
    }
    if picture.document is not None:
        kinds |= {picture.document.kind: picture.document.words, **picture.document.others}
    if picture.arrangement is not None:
        kinds["arrangement"] = " and ".join(_arrangement(picture))
    return {kind: words for kind, words in kinds.items() if words}


def _arrangement(picture: Picture) -> list[str]:
    """Return the words for what is said of planes, where that is more than their number."""
    arrangement = picture.arrangement
    said = arrangement is not None and arrangement.says_more_than_shape
    return [f"the axes and scales of {arrangement.program}"] if arrangement is not None and said else []
