"""What can be asked for, and by which functions it is answered."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import unquote

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import Route

from deconv.serve.page.page import Page
from deconv.serve.server import bodies
from deconv.serve.server.refusals import explained, refused
from deconv.serve.session import Kept
from deconv.serve.studio import Studio
from deconv.serve.work.job import Job
from deconv.serve.work.looks import BESIDE, LOOKS
from deconv.serve.work.rendering import Shown
from deconv.serve.work.turns import Superseded, Turn

#: The name of a file that is sent, percent-encoded; longest one.
NAME, LONGEST_NAME = "X-Deconv-Name", 1000
#: Numbers about an image, as JSON in ASCII.
NUMBERS = "X-Deconv-Numbers"


class Answers:
    """The answers to all that can be asked for."""

    def __init__(self, studio: Studio, max_upload: int, *, debug: bool = False) -> None:
        self._studio, self._max_upload, self._debug, self._page = studio, max_upload, debug, Page()

    def application(self) -> Starlette:
        """Return what answers behind the door."""
        posted = {
            "/describe": self._describe,
            "/first-look": self._first_look,
            "/estimate": self._estimate,
            "/overview": self._overview,
            "/preview": self._look,
            "/psf": self._psf,
            "/command": self._command,
            "/restore": self._restore,
        }
        routes = [
            Route("/", self._front),
            Route("/pictures", self._list),
            Route("/picture", self._receive, methods=["PUT"]),
            Route("/picture/{key}", self._forget, methods=["DELETE"]),
            Route("/job/{key}", self._state, methods=["GET"]),
            Route("/job/{key}", self._cancel, methods=["DELETE"]),
            Route("/result/{key}/{what}", self._result),
            *(Route(path, answer, methods=["POST"]) for path, answer in posted.items()),
        ]
        return Starlette(
            routes=[self._explained(route) for route in routes], exception_handlers={HTTPException: refused}
        )

    def _explained(self, route: Route) -> Route:
        """Return a route that says what went wrong, whatever it is."""
        answer = route.endpoint

        async def answered(request: Request) -> Response:
            try:
                return await answer(request)
            except HTTPException:
                raise
            except Superseded:
                return JSONResponse({"superseded": True}, status_code=409)
            except Exception as error:
                return JSONResponse(*explained(error, self._studio.shelf.folder, debug=self._debug))

        return Route(route.path, answered, methods=route.methods)

    async def _front(self, _: Request) -> Response:
        return self._page.response()

    # Pictures

    async def _list(self, _: Request) -> Response:
        return JSONResponse({"pictures": [_about(picture) for picture in self._studio.shelf]})

    async def _receive(self, request: Request) -> Response:
        name = unquote(request.headers.get(NAME, ""), errors="replace")[:LONGEST_NAME]
        picture = self._studio.shelf.place("".join(c for c in name if c.isprintable()))
        try:
            await bodies.save(request, picture.path, self._max_upload)
        except BaseException:
            self._studio.shelf.discard(picture)
            raise
        self._studio.shelf.keep(picture)
        return JSONResponse(_about(picture), status_code=201)

    async def _forget(self, request: Request) -> Response:
        self._studio.forget(self._picture(request.path_params["key"]))
        return JSONResponse({})

    # What is seen of them

    async def _describe(self, request: Request) -> Response:
        return JSONResponse(await self._each(request, self._studio.describe))

    async def _first_look(self, request: Request) -> Response:
        return JSONResponse(await self._each(request, self._studio.first_look))

    async def _estimate(self, request: Request) -> Response:
        return JSONResponse(await self._each(request, self._studio.estimate, self._studio.turns.beside))

    async def _overview(self, request: Request) -> Response:
        return _image(await self._each(request, self._studio.overview, self._studio.turns.beside))

    async def _psf(self, request: Request) -> Response:
        content = await self._each(request, self._studio.psf_file)
        return Response(content, media_type="application/octet-stream", headers=_attached("psf.npy"))

    async def _look(self, request: Request) -> Response:
        content = await bodies.settings_of(request)
        picture, show = self._picture(content.get("id")), content.get("show")
        if not isinstance(show, str) or show not in LOOKS:
            raise HTTPException(400, "there is nothing of this name to look at (reload the page)")

        def work(turn: Turn) -> Shown:
            return self._studio.look(picture, content, turn)

        return _image(await (self._studio.turns.each if show in BESIDE else self._studio.turns.latest)(work))

    async def _command(self, request: Request) -> Response:
        content = await bodies.settings_of(request)
        return JSONResponse({"line": self._studio.line(self._picture(content.get("id")), _settings(content))})

    # The whole picture

    async def _restore(self, request: Request) -> Response:
        content = await bodies.settings_of(request)
        job = self._studio.restore(self._picture(content.get("id")), _settings(content))
        return JSONResponse({"job": job.key}, status_code=201)

    async def _state(self, request: Request) -> Response:
        return JSONResponse(self._job(request).state())

    async def _cancel(self, request: Request) -> Response:
        self._job(request).cancel()
        return JSONResponse({})

    async def _result(self, request: Request) -> Response:
        file = self._job(request).result(request.path_params["what"])
        if file is None:
            raise HTTPException(404, "there is no such result (restore the picture again)")
        return FileResponse(file, media_type="application/octet-stream", headers=_attached(file.name))

    # Found by their secret names

    async def _each(
        self, request: Request, work: Callable[[Kept, Mapping[str, Any]], Any], on: Callable[..., Any] | None = None
    ) -> Any:
        content = await bodies.settings_of(request)
        picture, settings = self._picture(content.get("id")), _settings(content)
        return await (on or self._studio.turns.each)(lambda _: work(picture, settings))

    def _picture(self, key: object) -> Kept:
        picture = self._studio.shelf.find(key)
        if picture is None:
            raise HTTPException(404, "this picture is not here any more (drop it again)")
        return picture

    def _job(self, request: Request) -> Job:
        job = self._studio.job(request.path_params["key"])
        if job is None:
            raise HTTPException(404, "this run is not here any more (start it again)")
        return job


def _about(picture: Kept) -> dict[str, str]:
    return {"id": picture.key, "name": picture.shown}


def _settings(content: Mapping[str, Any]) -> dict[str, Any]:
    settings = content.get("settings", {})
    if not isinstance(settings, dict):
        raise HTTPException(400, "the settings are no JSON object (reload the page)")
    return settings


def _image(shown: Shown) -> Response:
    return Response(shown.content, media_type=shown.kind, headers={NUMBERS: json.dumps(shown.numbers)})


def _attached(name: str) -> dict[str, str]:
    return {"Content-Disposition": f'attachment; filename="{name}"'}
