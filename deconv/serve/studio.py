"""What the page works with: the pictures of a session, those that are open, previews, the whole picture under way."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from io import BytesIO
from threading import Lock
from typing import Any

from deconv import process
from deconv.deblur.costs import run_costs
from deconv.deblur.request import DeblurRequest
from deconv.inputs.psf import given_kernel
from deconv.pictures.formats.npy import save_array
from deconv.serve.command import Command, request_for, words_of
from deconv.serve.request import ServeRequest
from deconv.serve.session import Kept, Shelf
from deconv.serve.work.findings_in_words import blur_of, facts
from deconv.serve.work.job import Job
from deconv.serve.work.looks import LOOKS, Look, box_of
from deconv.serve.work.opened import Opened
from deconv.serve.work.rendering import Shown, eight_bits, fitted
from deconv.serve.work.turns import Turn, Turns
from deconv.settings import PSFChoice, Reading

#: How many pictures are open at a time: each holds its samples, as stored and as light.
MOST_OPEN = 2
#: Any blur that a picture can tell.
ANY = PSFChoice(psf="auto", parameters={})


class Studio:
    """The work of a session. What takes long is called with a turn, on the thread of the previews."""

    def __init__(self, request: ServeRequest, shelf: Shelf) -> None:
        self.shelf, self.turns = shelf, Turns()
        self._program, self._max_pixels, self._threads = request.program, request.max_pixels, request.threads
        self._open: dict[tuple[str, str], Opened] = {}
        self._sizes: dict[tuple[str, str], tuple[tuple[int, int], int]] = {}
        self._opening = Lock()
        self._job: Job | None = None

    def describe(self, picture: Kept, settings: Mapping[str, Any]) -> dict[str, Any]:
        """Return what a picture is."""
        return facts(self._opened(picture, self._request(picture, settings)))

    def estimate(self, picture: Kept, settings: Mapping[str, Any]) -> dict[str, Any]:
        """Return what blur a picture shows."""
        opened = self._opened(picture, self._request(picture, settings))
        return blur_of(opened.estimate(ANY, opened.light))

    def first_look(self, picture: Kept, settings: Mapping[str, Any]) -> dict[str, Any]:
        """Return what blur a part of a large picture shows, nothing of one that is looked at soon itself."""
        guess = self._opened(picture, self._request(picture, settings)).guess(ANY)
        return {} if guess is None else blur_of(guess)

    def overview(self, picture: Kept, settings: Mapping[str, Any]) -> Shown:
        """Return the whole picture, fitted."""
        opened = self._opened(picture, self._request(picture, settings))
        return fitted(eight_bits(opened.shown, opened.range))

    def look(self, picture: Kept, content: Mapping[str, Any], turn: Turn) -> Shown:
        """Return what is shown of a part."""
        request = self._request(picture, content.get("settings"))
        opened, box = self._opened(picture, request), box_of(content.get("box"))
        turn.go_on()
        return LOOKS[content["show"]](Look(opened, request, box, turn, dark=content.get("dark") is True))

    def psf_file(self, picture: Kept, settings: Mapping[str, Any]) -> bytes:
        """Return the PSF as a .npy file."""
        request, buffer = self._request(picture, settings), BytesIO()
        save_array(buffer, self._opened(picture, request).kernel(request)[1].psf)
        return buffer.getvalue()

    def line(self, picture: Kept, settings: Mapping[str, Any]) -> str:
        """Return the command line that does the same."""
        return Command.on(picture.shown, words_of(settings)).line(self._program)

    def restore(self, picture: Kept, settings: Mapping[str, Any]) -> Job:
        """Begin to restore the whole picture; what was under way ends."""
        expected = self._seconds(picture, self._request(picture, settings))  # refuses what the program would
        self.cancel()
        limits = ["--max-pixels", str(self._max_pixels)]
        limits += [] if self._threads is None else ["--threads", str(self._threads)]
        self._job = Job(picture, Command.on(picture.path.name, words_of(settings)), limits, expected=expected)
        return self._job

    def _seconds(self, picture: Kept, request: DeblurRequest) -> float | None:
        """Return about how long a picture takes that was looked at."""
        size = self._sizes.get((picture.key, repr(request.reading)))
        if size is None:
            return None
        is_psf_known = request.psf.box is not None or given_kernel(request.psf, None) is not None
        return sum(run_costs(request, *size, is_psf_known=is_psf_known).values())

    def job(self, key: object) -> Job | None:
        """Return the job of a secret name."""
        return self._job if self._job is not None and self._job.key == key else None

    def cancel(self) -> None:
        """End the job that is under way."""
        if self._job is not None and self._job.is_running:
            self._job.close()

    @property
    def is_busy(self) -> bool:
        """Return whether a picture is being restored."""
        return self._job is not None and self._job.is_running

    def forget(self, picture: Kept) -> None:
        """Remove a picture."""
        if self._job is not None and self._job.picture.key == picture.key:
            self.cancel()
        for known in (self._open, self._sizes):
            for question in [question for question in [*known] if question[0] == picture.key]:
                known.pop(question, None)
        self.shelf.forget(picture.key)
        process.release_memory()

    def close(self) -> None:
        """End all that is under way."""
        self.cancel()
        self.turns.close()

    def _request(self, picture: Kept, settings: object) -> DeblurRequest:
        words = words_of(settings if isinstance(settings, dict) else {})
        request = request_for(Command.on(picture.path.name, words).words)
        reading = replace(request.reading, max_pixels=self._max_pixels)
        return replace(request, reading=reading, reporting=replace(request.reporting, quiet=True))

    def _opened(self, picture: Kept, request: DeblurRequest) -> Opened:
        question = picture.key, repr(request.reading)
        with self._opening:  # two threads ask, and a picture is read once
            opened = self._open.pop(question, None) or self._read(picture, request.reading)
            self._open[question] = opened  # the last one used is the last one to go
        return opened

    def _read(self, picture: Kept, reading: Reading) -> Opened:
        while len(self._open) >= MOST_OPEN:
            del self._open[next(iter(self._open))]
        process.release_memory()
        opened = Opened.read(str(picture.path), reading)
        self._sizes[picture.key, repr(reading)] = opened.size, opened.samples
        return opened
