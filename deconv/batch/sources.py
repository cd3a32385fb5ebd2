"""Which files the words of the command line name: files, the pictures of a folder, and what a pattern matches."""

from __future__ import annotations

import argparse
import glob
import os
from pathlib import Path

from deconv.errors import UsageError

#: What a folder that is one picture itself is called.
PICTURE_FOLDERS = (".zarr",)


def with_sources(arguments: argparse.Namespace, *, writes_beside: bool = True) -> argparse.Namespace:
    """Return the options with the files that the inputs stand for, and whether they may be any number (`many`).

    A shell that knows patterns has resolved them already; one that does not, or one that was kept from it by quotes,
    leaves them to this. What matches nothing stays as it is, and is refused as a file would be. Where results are
    written beside their inputs unless something else was said, a folder wants one for its results: else the next run
    would take these for inputs.
    """
    files: list[str] = []
    words = [word for word in arguments.inputs if not Path(word).is_file()]
    folders = [word for word in words if Path(word).is_dir() and not _is_picture(word)]
    patterns = [word for word in words if word not in folders and glob.has_magic(word)]
    if folders and writes_beside and arguments.output is None:
        raise UsageError(f"{folders[0]}: is a folder (say by -o DIR where its results shall go)")
    for word in arguments.inputs:
        if word in folders:
            files += _pictures_in(word)
        else:
            files += (word in patterns and sorted(filter(_is_picture, glob.glob(word, recursive=True)))) or [word]
    files = list(dict.fromkeys(files))
    many = len(files) > 1 or bool(folders or patterns)
    return argparse.Namespace(**{**vars(arguments), "inputs": files, "many": many})


def _is_picture(path: str) -> bool:
    """Return whether a name may be a picture's: a file's, or that of a folder that is one itself."""
    if not os.path.isdir(path):
        return os.path.isfile(path)
    from deconv.pictures.formats.ome_zarr.store import is_zarr

    return Path(path).suffix.lower() in PICTURE_FOLDERS or is_zarr(Path(path))


def _pictures_in(folder: str) -> list[str]:
    """Return the pictures of a folder by name, not those of folders in it; hidden files are none."""
    from deconv.pictures.formats import FORMATS, READ_ONLY

    suffixes = {suffix for record in (*FORMATS.values(), *READ_ONLY.values()) for suffix in record.suffixes}
    names = sorted(
        entry.name for entry in os.scandir(folder) if _is_picture(entry.path) and not entry.name.startswith(".")
    )
    pictures = [os.path.join(folder, name) for name in names if name.lower().endswith(tuple(suffixes))]
    if not pictures:
        raise UsageError(f"{folder}: no file in it has the name of a picture (name the files)")
    return pictures
