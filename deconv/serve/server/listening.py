"""The socket that is listened on, and how long."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable
from dataclasses import dataclass, field

import uvicorn
from starlette.types import ASGIApp

from deconv.errors import UsageError
from deconv.serve.server.connection import Connection

#: Connections at a time, and seconds that a request which is being answered may still take at the end.
MOST_CONNECTIONS, LAST_SECONDS = 200, 2


def listening(host: str, port: int) -> socket.socket:
    """Return a socket that listens on an address of this machine; port 0 takes a free one."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        listener = socket.socket(family, kind, protocol)
        try:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind(address)
            listener.listen()
        except OSError:
            listener.close()
            raise
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise UsageError(f"--host {host} --port {port}: {reason} (choose another port, or leave both out)") from error
    return listener


@dataclass
class Attendance:
    """When the page was last used, and what is under way for it."""

    idle: float
    is_busy: Callable[[], bool] = lambda: False
    _last: float = field(default_factory=time.monotonic)

    def visited(self) -> None:
        """Note that somebody is there."""
        self._last = time.monotonic()

    @property
    def is_over(self) -> bool:
        """Return whether nobody has been there for so long that the server may go."""
        if self.is_busy():
            self.visited()
        return time.monotonic() - self._last > self.idle


class _Server(uvicorn.Server):
    """A server that stops when nobody is there any more."""

    def __init__(self, config: uvicorn.Config, attendance: Attendance) -> None:
        super().__init__(config)
        self._attendance = attendance

    async def on_tick(self, counter: int) -> bool:
        """Return whether to stop; asked ten times a second."""
        return await super().on_tick(counter) or self._attendance.is_over


def answer(app: ASGIApp, listener: socket.socket, attendance: Attendance) -> None:
    """Answer requests until a signal comes, or nobody any more."""
    config = uvicorn.Config(
        app,
        http=Connection,
        ws="none",
        lifespan="off",
        log_config=None,
        log_level="error",  # what is no HTTP is nothing to tell the user of
        access_log=False,
        server_header=False,
        proxy_headers=False,
        limit_concurrency=MOST_CONNECTIONS,
        timeout_graceful_shutdown=LAST_SECONDS,
    )
    _Server(config, attendance).run([listener])
