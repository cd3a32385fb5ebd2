"""What went wrong, as an answer: one sentence with its remedy, and a status."""

from __future__ import annotations

import re
import traceback
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from deconv.console import tell
from deconv.errors import internal_error, user_error


def refused(_: Request, error: Exception) -> Response:
    """Return the answer to a request that is none, or asks for too much; what is still being sent is not read."""
    assert isinstance(error, HTTPException)
    headers: Mapping[str, str] = {**(error.headers or {}), "Connection": "close"}
    return JSONResponse({"error": error.detail}, error.status_code, headers=headers)


def explained(error: Exception, folder: Path, *, debug: bool = False) -> tuple[dict[str, Any], int]:
    """Return what to answer to an error, and the status: the user's to mend, or a fault of the program.

    Files are called by their names: where in the `folder` of the session they lie is nobody's concern.
    """
    line = user_error(error)
    if line is not None:
        return {"error": re.sub(rf"{re.escape(str(folder))}/\w+/", "", line)}, 422
    if debug:
        traceback.print_exception(error)
    tell(internal_error(error))
    return {"error": internal_error(error)}, 500
