"""The serve command: open the page and answer it until it is not needed any more."""

from __future__ import annotations

import secrets
import socket
import webbrowser
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from starlette.types import ASGIApp

from deconv import process
from deconv.console import tell
from deconv.serve.request import ServeRequest
from deconv.serve.server.door import Door, Keys
from deconv.serve.server.listening import Attendance, answer, listening
from deconv.serve.server.routes import Answers
from deconv.serve.session import Shelf, session_folder
from deconv.serve.studio import Studio


@dataclass(frozen=True)
class Service:
    """The page, ready to be asked for."""

    app: ASGIApp
    listener: socket.socket
    attendance: Attendance
    link: str
    once: str  # the link that a browser is started with

    def answer(self) -> None:
        """Answer until a signal comes, or nobody any more."""
        answer(self.app, self.listener, self.attendance)


def run(request: ServeRequest) -> int:
    """Serve the page."""
    process.live_long()
    with service(request) as page:
        _announce(request, page)
        page.answer()
    return 0


@contextmanager
def service(request: ServeRequest) -> Iterator[Service]:
    """Give the page with the pictures to begin with; nothing is left of it at the end."""
    with session_folder() as folder, listening(request.host, request.port) as listener:
        shelf = Shelf(folder)
        for source in request.pictures:
            shelf.adopt(source)
        studio = Studio(request, shelf)
        port, attendance = listener.getsockname()[1], Attendance(request.idle, lambda: studio.is_busy)
        keys = Keys.of(secrets.token_urlsafe(32), port, *([request.host] if request.allow_remote else []))
        answers = Answers(studio, request.max_upload, debug=request.debug)
        app = Door(answers.application(), keys, attendance.visited)
        host = f"[{request.host}]" if ":" in request.host else request.host
        try:
            start = f"http://{host}:{port}/#"
            yield Service(app, listener, attendance, start + keys.token, f"{start}once={keys.ticket.text}")
        finally:
            studio.close()


def _announce(request: ServeRequest, page: Service) -> None:
    """Say where the page is, and open it."""
    if request.allow_remote:
        tell("warning: other machines reach this page; whoever has the link may use it, and nothing is encrypted")
    tell(f"The page: {page.link}")
    tell(f"Ctrl-C stops it; it stops by itself {request.idle / 60:g} minutes after its last use.")
    if request.opens_browser:
        webbrowser.open(page.once)
