"""The page as one answer: template, style and scripts in it, and nothing of it that a stranger could have put there."""

from __future__ import annotations

import secrets
from importlib import resources
from string import Template

from starlette.responses import HTMLResponse

POLICY = (
    "default-src 'none'; script-src 'nonce-{nonce}'; style-src 'nonce-{nonce}'; img-src 'self' blob:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


def _part(name: str) -> str:
    return (resources.files(__package__) / name).read_text(encoding="utf-8")


class Page:
    """The page, put together once; every answer marks its own script and style by a number that nobody knows."""

    def __init__(self) -> None:
        self._template = Template(_part("template.html"))

    def response(self) -> HTMLResponse:
        """Return the page."""
        nonce = secrets.token_urlsafe(16)
        content = self._template.substitute(nonce=nonce)
        return HTMLResponse(content, headers={"Content-Security-Policy": POLICY.format(nonce=nonce)})
