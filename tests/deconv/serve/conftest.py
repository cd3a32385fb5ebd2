"""The server in a thread of the tests, asked by plain sockets: nothing tidies up what is sent."""

import json
import re
import socket
import threading
from contextlib import contextmanager
from dataclasses import replace
from types import SimpleNamespace

import pytest

pytest.importorskip("starlette")
pytest.importorskip("uvicorn")

from deconv.main import build_parser
from deconv.serve.options import request_of
from deconv.serve.run import service


class Client:
    """Sends requests to a running page, with the secret unless it is told otherwise."""

    def __init__(self, link, once=""):
        self.link, self.once, self.token = link, once, link.partition("#")[2]
        self.port = int(re.search(r":(\d+)/", link)[1])
        self.host = f"127.0.0.1:{self.port}"

    def connect(self):
        connection = socket.create_connection(("127.0.0.1", self.port), timeout=20)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return connection

    def raw(self, *pieces):
        """Send bytes as they are, and return all that comes until the other side closes."""
        with self.connect() as connection:
            for piece in pieces:
                connection.sendall(piece)
            return received(connection)

    def head(self, method, path, *more, host=None, token=True):
        """Return the head of a request; `more` are further header lines."""
        lines = [f"{method} {path} HTTP/1.1", f"Host: {host or self.host}", "Connection: close", *more]
        lines += [f"X-Deconv-Token: {self.token}"] if token else []
        return "\r\n".join([*lines, "", ""]).encode()

    def ask(self, method, path, *more, body=None, **settings):
        """Return the answer to a request: status, headers, body and, where that is JSON, what it says."""
        content = json.dumps(body).encode() if isinstance(body, dict) else body
        length = [] if content is None else [f"Content-Length: {len(content)}"]
        return parsed(self.raw(self.head(method, path, *length, *more, **settings), content or b""))

    def put(self, path, name=None):
        """Send a picture file, and return its id."""
        answer = self.ask("PUT", "/picture", f"X-Deconv-Name: {name or path.name}", body=path.read_bytes())
        assert answer.status == 201
        return answer.json["id"]


def received(connection):
    pieces = []
    try:
        while piece := connection.recv(1 << 16):
            pieces.append(piece)
    except ConnectionResetError:  # closed while something was still being sent
        pass
    return b"".join(pieces)


def parsed(answer):
    head, _, body = answer.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    headers = {name.lower(): value for name, value in (line.split(": ", 1) for line in lines)}
    status = int(first.split()[1]) if first else 0
    content = json.loads(body) if headers.get("content-type") == "application/json" else None
    return SimpleNamespace(status=status, headers=headers, body=body, json=content)


@pytest.fixture(scope="session")
def serving():
    """Return a context in which the page is served by these words."""

    @contextmanager
    def serve(*words, **settings):
        arguments = build_parser().parse_args(["serve", "--no-browser", *map(str, words)])
        with service(replace(request_of(arguments), **settings)) as page:
            thread = threading.Thread(target=page.answer, daemon=True)
            thread.start()
            try:
                yield Client(page.link, page.once)
            finally:
                page.attendance.idle = -1.0
                thread.join(20)
                assert not thread.is_alive()

    return serve


@pytest.fixture(scope="module")
def page(serving):
    """The page, served while the tests of a file run."""
    with serving() as client:
        yield client
