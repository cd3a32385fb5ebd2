"""Tiles on the workers of a dask.distributed cluster, which read the picture and write the result themselves.

Only what is noted of a tile comes back. A worker that ends takes its tiles with it: the scheduler gives them to others,
and a tile that was half written is written once more, in the same shards.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress
from typing import Any

from deconv.deblur.large.tile_work import Place, TileWork
from deconv.errors import UsageError

#: How often a tile may take its worker with it before the run ends: a machine that was taken away is no fault.
DEATHS = 10
#: Seconds to wait for the scheduler.
PATIENCE = 20


def done_by_workers(address: str, work: TileWork, places: Iterable[Place]) -> Iterator[dict[str, Any]]:
    """Yield what is to be noted of each tile as workers finish it."""
    try:
        import dask
        import distributed
        from distributed import KilledWorker
    except ImportError:
        raise UsageError("--scheduler needs distributed (install deconv[cluster])") from None
    with dask.config.set({"distributed.scheduler.allowed-failures": DEATHS}):
        library: Any = distributed
        try:
            client = library.Client(address, timeout=PATIENCE, set_as_default=False)
        except (OSError, ValueError) as error:
            raise UsageError(f"--scheduler {address}: no scheduler answers there ({error})") from None
        with client:
            _require_workers(client, address)
            # A task, not scattered data: these would be lost with the worker that holds them.
            shared = client.submit(_same, work, pure=False)
            tiles = client.map(_done, list(places), work=shared, pure=False, retries=1)
            try:
                for future in library.as_completed(tiles):
                    yield future.result()
                    future.release()
            except KilledWorker as error:
                raise UsageError(f"--scheduler {address}: {error} (do the workers have enough memory?)") from None
            finally:
                with suppress(Exception):
                    client.cancel([*tiles, shared])


def _require_workers(client: Any, address: str) -> None:
    try:
        client.wait_for_workers(1, timeout=PATIENCE)
    except TimeoutError:
        raise UsageError(f"--scheduler {address}: has no workers (start some)") from None


def _same(work: TileWork) -> TileWork:
    return work


def _done(place: Place, work: TileWork) -> dict[str, Any]:
    return work.done(place)
