"""Words of the command line as people write them: in any case, with any hyphens, cut short, or by their initials."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterable

#: Letters from which on the beginning of a name stands for it.
BEGINNING = 3


def meant(word: str, names: Collection[str]) -> str:
    """Return the one name that a word can mean, or the word as it is where there is none or more than one."""
    for reads in (_same, _initials, _begins):
        matches = [name for name in names if reads(word, name)]
        if matches:
            return matches[0] if len(matches) == 1 else word
    return word


def suggestion(word: str, names: Collection[str]) -> str:
    """Return what to write instead of a word that is no name: the nearest ones, or all."""
    begun = [name for name in names if _begins(word, name)]
    plain = {_plain(name): name for name in names}
    near = begun or [plain[match] for match in difflib.get_close_matches(_plain(word), plain)]
    return f"did you mean {_either(near)}?" if near else f"choose from {', '.join(names)}"


def _either(names: Iterable[str]) -> str:
    *others, last = names
    return f"{', '.join(others)} or {last}" if others else last


def _same(word: str, name: str) -> bool:
    return _plain(word) == _plain(name)


def _initials(word: str, name: str) -> bool:
    parts = name.split("_")
    return len(parts) > 1 and _plain(word) == "".join(part[0] for part in parts)


def _begins(word: str, name: str) -> bool:
    return len(_plain(word)) >= BEGINNING and _plain(name).startswith(_plain(word))


def _plain(word: str) -> str:
    return word.casefold().translate(str.maketrans("", "", "-_ "))
