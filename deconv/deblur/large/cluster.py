"""Tiles on the workers of a dask.distributed cluster, which read the picture and write the result themselves.

Only what is noted of a tile comes back. A worker that ends takes its tiles with it: the scheduler gives them to others,
and a tile that was half written is written once more, in the same shards.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Iterator
from contextlib import suppress
from typing import Any

from deconv.deblur.large.tile_work import Place, TileWork
from deconv.errors import UsageError

#: How often a tile is given out anew when the scheduler has given it up, for the workers that had it ended.
PATIENCE_WITH_TILES = 3
#: Seconds to wait for the scheduler.
PATIENCE = 20


def done_by_workers(address: str, work: TileWork, places: Iterable[Place]) -> Iterator[dict[str, Any]]:
    """Yield what is to be noted of each tile as workers finish it."""
    with _client(address) as client, client.as_current():
        _require_workers(client, address)
        # A task, not scattered data: these would be lost with the worker that holds them.
        shared = client.submit(_same, work, pure=False)
        tiles = {client.submit(_done, place, shared, pure=False): place for place in places}
        try:
            yield from _as_they_finish(client, address, shared, tiles)
        finally:
            with suppress(Exception):
                client.cancel([*tiles, shared])


def _client(address: str) -> Any:
    try:
        import distributed
    except ImportError:
        raise UsageError("--scheduler needs distributed: pip install './[cluster]' in a clone") from None
    library: Any = distributed
    warnings.filterwarnings("ignore", message="Sending large graph")  # what the tiles agree upon, sent once
    try:
        return library.Client(address, timeout=PATIENCE, set_as_default=False)
    except (OSError, ValueError) as error:
        raise UsageError(f"--scheduler {address}: no scheduler answers there ({error})") from None


def _as_they_finish(client: Any, address: str, shared: Any, tiles: dict[Any, Place]) -> Iterator[dict[str, Any]]:
    """Yield the results of tasks; those that were given up with their workers are given out once more."""
    import distributed

    library: Any = distributed
    finished, lost = library.as_completed(list(tiles)), dict.fromkeys(tiles.values(), 0)
    for future in finished:
        place = tiles.pop(future)
        try:
            yield future.result()
        except library.KilledWorker as error:
            lost[place] += 1
            if lost[place] > PATIENCE_WITH_TILES:
                words = "do the workers have enough memory?"
                raise UsageError(f"--scheduler {address}: {str(error).splitlines()[0]} ({words})") from None
            again = client.submit(_done, place, shared, pure=False)
            tiles[again] = place
            finished.add(again)


def _require_workers(client: Any, address: str) -> None:
    try:
        client.wait_for_workers(1, timeout=PATIENCE)
    except TimeoutError:
        raise UsageError(f"--scheduler {address}: has no workers (start some)") from None


def _same(work: TileWork) -> TileWork:
    return work


def _done(place: Place, work: TileWork) -> dict[str, Any]:
    return work.done(place)
