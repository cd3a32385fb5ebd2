"""Which inputs need no work: those whose results are there already, and those whose results would be another's."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from deconv.batch.outcome import Outcome
from deconv.errors import UsageError
from deconv.report import Report
from deconv.settings import Destination


@dataclass(frozen=True)
class Results:
    """The files that each input gives, the result first, and the files that every one of them is made of too."""

    of: Callable[[str], Sequence[Path]]
    made_of: Sequence[str | None] = ()
    resume: bool = False

    def files(self, source: str) -> Sequence[Path]:
        """Return the files of an input; none where its name is refused, which the work on it says better."""
        with suppress(UsageError):
            return self.of(source)
        return ()

    def without_work(self, sources: Iterable[str]) -> dict[str, Outcome]:
        """Return the outcomes of the inputs that are not to be worked on."""
        settled: dict[str, Outcome] = {}
        owners: dict[str, str] = {}
        for source in sources:
            files = self.files(source)
            other = next((owners[key] for key in map(_key, files) if key in owners), None)
            if other is not None:
                settled[source] = Outcome.refused(
                    source, f"its result {files[0]} is that of {other} too (give them different names or folders)"
                )
                continue
            owners |= {_key(path): source for path in files}
            if self.resume and files and self._is_finished(source, files):
                settled[source] = Outcome(source, _passed_over(source, files))
        return settled

    def _is_finished(self, source: str, files: Sequence[Path]) -> bool:
        """Return whether all files of an input are there, none older than what it is made of: as `make` has it."""
        parts = [source, *(name for name in self.made_of if name is not None and os.path.isfile(name))]
        try:
            newest = max(map(_changed, parts))
            return all(_changed(path) >= newest for path in files)
        except OSError:
            return False


def _changed(path: str | Path) -> int:
    """Return when a file was changed, or the last one of a folder."""
    inside = (part for part in Path(path).rglob("*") if part.is_file()) if os.path.isdir(path) else ()
    return max((os.stat(part).st_mtime_ns for part in inside), default=os.stat(path).st_mtime_ns)


def results_at(destination: Destination, word: str, *made_of: str | None) -> Results:
    """Return the results of a command that names them by a word, with their figures."""

    def files(source: str) -> list[Path]:
        result = destination.result_of(source, word)
        return [path for path in (result, destination.figure_of(result)) if path is not None]

    return Results(of=files, made_of=made_of, resume=destination.resume)


def _key(path: Path) -> str:
    return os.path.normcase(os.path.abspath(path))


def _passed_over(source: str, files: Sequence[Path]) -> Report:
    report = Report(source)
    report.say("there", f"{', '.join(map(str, files))}: passed over")
    report.record |= {"output": str(files[0]), "passed_over": True}
    return report
