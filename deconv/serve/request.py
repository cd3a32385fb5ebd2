"""What a run of the serve command shall do: the options as a small record, light to import."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class ServeRequest:
    """What a run of the command shall do; sizes in bytes and pixels, the idle time in seconds."""

    pictures: tuple[str, ...]
    program: str  # the words that start the program, for the command line that the page shows
    host: str
    port: int
    allow_remote: bool
    opens_browser: bool
    max_upload: int
    max_pixels: int
    idle: float
    threads: int | None
    debug: bool = False
