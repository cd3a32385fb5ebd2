"""The page as one answer: template, style and scripts in it, and nothing of it that a stranger could have put there."""

from __future__ import annotations

import secrets
from string import Template

from starlette.responses import HTMLResponse

from deconv.pages.parts import part, shared

POLICY = (
    "default-src 'none'; script-src 'nonce-{nonce}'; style-src 'nonce-{nonce}'; img-src 'self' blob:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


#: Scripts in the order in which they need each other.
SCRIPTS = ("server.js", "number.js", "settings.js", "overview.js", "preview.js", "results.js", "page.js")


def _plain(text: str) -> str:
    """Return text in which a template finds nothing to put in."""
    return text.replace("$", "$$")


class Page:
    """The page, put together once; every answer marks its own script and style by a number that nobody knows."""

    def __init__(self) -> None:
        scripts = [shared("theme.js"), shared("viewer.js"), *(part(__package__, name) for name in SCRIPTS)]
        style = shared("style.css") + shared("viewer.css") + part(__package__, "serve.css")
        template = Template(part(__package__, "template.html"))
        self._template = Template(template.safe_substitute(style=_plain(style), script=_plain("".join(scripts))))

    def response(self) -> HTMLResponse:
        """Return the page."""
        nonce = secrets.token_urlsafe(16)
        content = self._template.substitute(nonce=nonce)
        return HTMLResponse(content, headers={"Content-Security-Policy": POLICY.format(nonce=nonce)})
