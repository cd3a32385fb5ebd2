"""What is sent: how large it may be, how slow it may come, and where it goes."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request

#: Seconds without a byte after which the sender is given up, and bytes per second below which it is too slow.
SILENCE, SLOWEST = 30.0, 200_000
#: Largest body of a request that holds settings.
SETTINGS = 64_000


def length_of(request: Request, most: int) -> int:
    """Return how long the body will be, before any of it is read; refuse one that does not say so or is too large."""
    if "transfer-encoding" in request.headers or not request.headers.get("content-length", "").isdecimal():
        raise HTTPException(411, "the length of what is sent must be known (send a Content-Length)")
    length = int(request.headers["content-length"])
    if length > most:
        remedy = "crop the picture, or start the program with a larger --max-upload"
        raise HTTPException(413, f"{length / 1e6:.0f} MB are more than the {most / 1e6:g} MB that are taken ({remedy})")
    return length


async def pieces(request: Request, length: int) -> AsyncIterator[bytes]:
    """Yield the body as it comes; refuse one that stops, crawls or ends early."""
    loop, stream, received = asyncio.get_running_loop(), aiter(request.stream()), 0
    begun = loop.time()
    while True:
        patience = min(SILENCE, begun + SILENCE + length / SLOWEST - loop.time())
        try:
            piece = await asyncio.wait_for(anext(stream), max(patience, 0))
        except StopAsyncIteration:
            break
        except (TimeoutError, ClientDisconnect) as error:
            raise HTTPException(408, "the file came too slowly, or not to its end (send it again)") from error
        received += len(piece)
        yield piece
    if received != length:
        raise HTTPException(400, "the file did not come to its end (send it again)")


async def save(request: Request, path: Path, most: int) -> int:
    """Write the body to a file and return its length; leave nothing of one that is refused."""
    length = length_of(request, most)
    try:
        with path.open("xb") as file:
            async for piece in pieces(request, length):
                file.write(piece)
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    return length


async def settings_of(request: Request) -> dict[str, Any]:
    """Return the body as a JSON object."""
    length = length_of(request, SETTINGS)
    body = b"".join([piece async for piece in pieces(request, length)])
    try:
        content = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise HTTPException(400, "what was sent is no JSON") from error
    if not isinstance(content, dict):
        raise HTTPException(400, "what was sent is no JSON object")
    return content
