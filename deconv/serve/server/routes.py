"""What can be asked for, and by which functions it is answered."""

from __future__ import annotations

from urllib.parse import unquote

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from deconv.serve.page.page import Page
from deconv.serve.request import ServeRequest
from deconv.serve.server import bodies
from deconv.serve.server.refusals import explained, refused
from deconv.serve.session import Kept, Shelf

#: The name of a file that is sent, percent-encoded; longest one.
NAME, LONGEST_NAME = "X-Deconv-Name", 1000


class Answers:
    """The answers to all that can be asked for."""

    def __init__(self, request: ServeRequest, shelf: Shelf) -> None:
        self._request, self._shelf, self._page = request, shelf, Page()

    def application(self) -> Starlette:
        """Return what answers behind the door."""
        routes = [
            Route("/", self._front),
            Route("/pictures", self._list),
            Route("/picture", self._receive, methods=["PUT"]),
            Route("/picture/{key}", self._forget, methods=["DELETE"]),
        ]
        return Starlette(routes=routes, exception_handlers={HTTPException: refused, Exception: self._explained})

    async def _explained(self, _: Request, error: Exception) -> Response:
        return JSONResponse(*explained(error))

    async def _front(self, _: Request) -> Response:
        return self._page.response()

    async def _list(self, _: Request) -> Response:
        return JSONResponse({"pictures": [_about(picture) for picture in self._shelf]})

    async def _receive(self, request: Request) -> Response:
        name = unquote(request.headers.get(NAME, ""), errors="replace")[:LONGEST_NAME]
        picture = self._shelf.place("".join(c for c in name if c.isprintable()))
        try:
            await bodies.save(request, picture.path, self._request.max_upload)
        except BaseException:
            self._shelf.discard(picture)
            raise
        self._shelf.keep(picture)
        return JSONResponse(_about(picture), status_code=201)

    async def _forget(self, request: Request) -> Response:
        self._shelf.forget(self._picture(request.path_params["key"]).key)
        return JSONResponse({})

    def _picture(self, key: object) -> Kept:
        picture = self._shelf.find(key)
        if picture is None:
            raise HTTPException(404, "this picture is not here any more (drop it again)")
        return picture


def _about(picture: Kept) -> dict[str, str]:
    return {"id": picture.key, "name": picture.shown}
