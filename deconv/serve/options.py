"""Options of the serve command, and what they ask for."""

from __future__ import annotations

import argparse
import ipaddress
from typing import Any

from deconv import options
from deconv.errors import UsageError
from deconv.serve.request import ServeRequest

EXAMPLES = """examples:
  %(prog)s                       # opens the page; drop a picture on it
  %(prog)s photo.jpg             # with a picture
  %(prog)s --no-browser          # prints the address only
"""

DESCRIPTION = """Open a page in the browser to deblur one's own pictures: look, move, choose, save.

The page comes from this machine and is for this machine: it listens on 127.0.0.1, and nothing leaves.
Every result is what the command line that the page shows would write. Ctrl-C stops it.
"""

REMEDY = "the page needs two packages more: pip install '.[web]' in the clone, or pip install starlette uvicorn"


def add_parser(commands: Any) -> None:
    """Add the command and its options."""
    parser = commands.add_parser(
        "serve",
        help="deblur in the browser, on a page of this machine",
        description=DESCRIPTION,
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("inputs", nargs="*", metavar="PICTURE", help="pictures to begin with")
    parser.add_argument("--no-browser", action="store_true", help="print the address, open nothing")
    _add_network(parser)
    _add_limits(parser)
    options.add_threads(parser)
    parser.add_argument("--debug", action="store_true", help="show the traceback of an error")
    parser.set_defaults(run=_run, program=parser.prog)


def _add_network(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("network")
    group.add_argument("--port", type=_port, default=0, metavar="N", help="port (default: a free one)")
    group.add_argument("--host", default="127.0.0.1", metavar="ADDRESS", help="address to listen on (127.0.0.1)")
    group.add_argument(
        "--allow-remote",
        action="store_true",
        help="let --host be an address that other machines reach: whoever has the link may use the page, unencrypted",
    )


def _add_limits(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("limits")
    most = options.whole(1)
    group.add_argument("--max-upload", type=most, default=512, metavar="MB", help="refuse larger files (512)")
    group.add_argument(
        "--max-pixels", type=most, default=100_000_000, metavar="N", help="refuse larger pictures (100 million)"
    )
    group.add_argument("--idle", type=most, default=60, metavar="MIN", help="stop when nothing was asked for (60)")


def _port(text: str) -> int:
    port = options.whole(0)(text)
    if port > 65535:
        raise argparse.ArgumentTypeError(f"must be at most 65535, got {text!r}")
    return port


def request_of(arguments: argparse.Namespace) -> ServeRequest:
    """Return what the options ask for; refuse an address that other machines reach unless that is allowed."""
    if not arguments.allow_remote and not _is_loopback(arguments.host):
        raise UsageError(
            f"--host {arguments.host}: other machines reach this address (leave it out, or add --allow-remote)"
        )
    if _is_every_address(arguments.host):
        raise UsageError(f"--host {arguments.host}: is no address of its own (name the one that others shall use)")
    return ServeRequest(
        pictures=tuple(arguments.inputs),
        program=arguments.program.rpartition(" ")[0],
        host=arguments.host,
        port=arguments.port,
        allow_remote=arguments.allow_remote,
        opens_browser=not arguments.no_browser,
        max_upload=arguments.max_upload * 1_000_000,
        max_pixels=arguments.max_pixels,
        idle=60.0 * arguments.idle,
        threads=arguments.threads,
        debug=arguments.debug,
    )


def _is_loopback(host: str) -> bool:
    address = _address(host)
    return host == "localhost" or (address is not None and address.is_loopback)


def _is_every_address(host: str) -> bool:
    address = _address(host)
    return address is not None and address.is_unspecified


def _address(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:  # a name
        return None


def _run(arguments: argparse.Namespace) -> int:
    request = request_of(arguments)
    try:
        from deconv.serve.run import run
    except ModuleNotFoundError as error:
        if error.name not in ("starlette", "uvicorn", "anyio", "h11"):
            raise
        raise UsageError(f"{error.name} is missing: {REMEDY}") from error
    return run(request)
