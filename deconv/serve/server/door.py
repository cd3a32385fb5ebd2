"""Who may ask: every request passes here before anything else looks at it.

A page of this machine is reached by every other page that the browser shows. Some re-point their own name to
127.0.0.1 (DNS rebinding) and are then of one origin with it: only the names in `Host` tell them apart. Some send what
a form can send: only a header that no form can set, with a secret in it, tells them apart. What a browser itself says
of the origin is looked at too, and no answer ever allows another origin anything.
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

TOKEN = "X-Deconv-Token"
#: The one address that is answered without the token: the page, which holds no secret.
OPEN = "/"
#: Where the page of the link that a browser was started with changes the ticket in it for the token.
ENTRANCE = "/enter"
#: What browsers say of a request that the user or the page itself has made.
OWN_SITES = ("none", "same-origin")
#: Of every answer: nothing in it is run, framed, guessed at, kept or told to others.
PROTECTION = {
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-store",
}


class Ticket:
    """A secret that opens the door once: every user of the machine can read what a browser is started with."""

    def __init__(self) -> None:
        self.text = secrets.token_urlsafe(32)
        self._is_used = False

    def taken(self, text: str) -> bool:
        """Return whether a text is the ticket, which is used up by that."""
        if self._is_used or not hmac.compare_digest(text.encode(), self.text.encode()):
            return False
        self._is_used = True
        return True


@dataclass(frozen=True)
class Keys:
    """What opens the door: the secret, and the names under which the page may be asked for."""

    token: str
    hosts: frozenset[str]  # with port, lower case
    ticket: Ticket = field(default_factory=Ticket)

    @classmethod
    def of(cls, token: str, port: int, *more: str) -> Keys:
        """Return the keys of a page on a port of this machine, and of further addresses that it listens on."""
        names = ("127.0.0.1", "localhost", "[::1]", *(f"[{name}]" if ":" in name else name for name in more))
        return cls(token, frozenset(f"{name}:{port}".lower() for name in names))

    def refusal(self, path: str, headers: Headers) -> str | None:
        """Return why a request is not answered, None for one that is."""
        hosts, origin = headers.getlist("host"), headers.get("origin")
        if len(hosts) != 1 or hosts[0].lower() not in self.hosts:
            return "this address is not a name of the page (use the link that the program printed)"
        if headers.get("sec-fetch-site", "none") not in OWN_SITES:
            return "another site asks (use the link that the program printed)"
        if origin is not None and origin.lower() not in {f"http://{host}" for host in self.hosts}:
            return "another origin asks (use the link that the program printed)"
        if path == OPEN or self._opens(path, headers.get(TOKEN, "")):
            return None
        return "the secret of the link is missing, or was used before (open the link that the program printed)"

    def _opens(self, path: str, text: str) -> bool:
        is_token = hmac.compare_digest(text.encode(), self.token.encode())
        return is_token or (path == ENTRANCE and self.ticket.taken(text))


class Door:
    """The application behind the checks, its answers under protection."""

    def __init__(self, app: ASGIApp, keys: Keys, visited: Callable[[], None]) -> None:
        self._app, self._keys, self._visited = app, keys, visited

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            return

        async def protected(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in PROTECTION.items():
                    headers.setdefault(name, value)
            await send(message)

        refusal = self._keys.refusal(scope["path"], Headers(scope=scope))
        if refusal is not None:
            answer = JSONResponse({"error": refusal}, status_code=403, headers={"Connection": "close"})
            await answer(scope, receive, protected)
            return
        self._visited()
        if scope["path"] == ENTRANCE:
            await JSONResponse({"token": self._keys.token})(scope, receive, protected)
        else:
            await self._app(scope, receive, protected)
