"""What may be listened on, and what is said where the page cannot be."""

import builtins
import socket
import sys
import threading

import pytest

from deconv.errors import UsageError
from deconv.main import build_parser
from deconv.serve.options import request_of


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.4", "example.org", "127.1.example"])
def test_other_machines_are_let_in_only_where_that_is_said(host, run, capsys):
    assert run("serve", "--no-browser", "--host", host) == 2
    assert "--allow-remote" in capsys.readouterr().err


def test_where_they_are_the_page_has_one_address(run, capsys):
    words = ["serve", "--allow-remote", "--host"]
    assert request_of(build_parser().parse_args([*words, "192.168.1.4"])).allow_remote
    assert run(*words, "0.0.0.0") == 2
    assert "name the one" in capsys.readouterr().err


def test_nothing_but_this_machine_is_listened_on(serving):
    with serving() as page:
        others = {info[4][0] for info in socket.getaddrinfo(socket.gethostname(), None, socket.AF_INET)} | {"127.0.0.2"}
        for address in others - {"127.0.0.1"}:
            with pytest.raises(ConnectionRefusedError):
                socket.create_connection((address, page.port), timeout=1)


def test_a_remote_page_is_known_by_its_address_too(serving):
    with (
        serving("--host", "127.0.0.2", "--allow-remote") as page,
        socket.create_connection(("127.0.0.2", page.port), timeout=5) as connection,
    ):
        connection.sendall(page.head("GET", "/", host=f"127.0.0.2:{page.port}"))
        assert connection.recv(100).startswith(b"HTTP/1.1 200 ")


def test_a_port_that_is_taken_is_one_line(run, capsys):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        assert run("serve", "--no-browser", "--port", taken.getsockname()[1]) == 2
    err = capsys.readouterr().err
    assert err.count("\n") == 1
    assert "address already in use" in err
    assert run("serve", "--port", 65536) == 2


def test_a_picture_that_is_not_there_is_one_line(run, capsys):
    assert run("serve", "--no-browser", "nothing.png") == 2
    assert capsys.readouterr().err.startswith("error: nothing.png: no such file")


def test_without_the_packages_of_the_page_the_remedy_is_said(run, capsys, monkeypatch):
    loaded = [name for name in sys.modules if name.startswith(("deconv.serve.run", "deconv.serve.server", "starlette"))]
    for name in loaded:
        monkeypatch.delitem(sys.modules, name)
    real = builtins.__import__

    def missing(name, *rest):
        if name.partition(".")[0] == "starlette":
            raise ModuleNotFoundError(f"No module named {name!r}", name="starlette")
        return real(name, *rest)

    monkeypatch.setattr(builtins, "__import__", missing)
    assert run("serve", "--no-browser") == 2
    err = capsys.readouterr().err
    assert err.startswith("error: starlette is missing: ")
    assert "pip install" in err
    assert err.count("\n") == 1


def test_nobody_there_any_more_ends_it(serving):
    with serving(idle=0.3) as page:
        assert page.ask("GET", "/").status == 200
        assert any(thread.name != "MainThread" for thread in threading.enumerate())
        for _ in range(50):
            try:
                page.connect().close()
            except OSError:
                break
            threading.Event().wait(0.1)
        else:
            pytest.fail("it goes on")


def test_options_are_checked():
    for words in (["--idle", "0"], ["--max-upload", "x"]):
        with pytest.raises(UsageError):
            build_parser().parse_args(["serve", *words])
