"""What is sent: its size is known before it is read, it comes in time, and ids are no paths."""

import time

import pytest

from deconv.serve.server import bodies, connection
from deconv.serve.server.listening import MOST_CONNECTIONS

MB = 1_000_000


@pytest.fixture(scope="module")
def page(serving, tmp_path_factory):
    """A page that is impatient, and takes one megabyte."""
    with pytest.MonkeyPatch.context() as patch, serving(max_upload=MB) as client:
        patch.setattr(bodies, "SILENCE", 0.3)
        patch.setattr(connection, "HEAD", 0.3)
        yield client


def pictures(page):
    return page.ask("GET", "/pictures").json["pictures"]


@pytest.mark.parametrize(
    ("lines", "status"),
    [
        (["Transfer-Encoding: chunked"], 411),
        (["Transfer-Encoding: chunked", "Content-Length: 5"], 411),
        ([], 411),
        (["Content-Length: 5", "Content-Length: 6"], 400),
        (["Content-Length: -5"], 400),
        (["Content-Length: 1000001"], 413),
        (["Content-Length: 99999999999999999999"], 413),
    ],
)
def test_the_length_is_known_and_small_before_anything_is_read(page, lines, status):
    started, before = time.monotonic(), pictures(page)
    answer = page.raw(page.head("PUT", "/picture", "X-Deconv-Name: a.png", *lines))
    assert answer.startswith(b"HTTP/1.1 %d " % status)
    assert time.monotonic() - started < 5
    assert pictures(page) == before


def test_a_body_that_stops_crawls_or_ends_early_is_given_up(page, monkeypatch):
    head = page.head("PUT", "/picture", "X-Deconv-Name: a.png", "Content-Length: 1000")
    assert page.raw(head, b"x" * 10).startswith(b"HTTP/1.1 408 ")
    started = time.monotonic()
    with page.connect() as crawling:
        crawling.sendall(head)
        crawling.settimeout(0.1)
        answer = b""
        while not answer and time.monotonic() - started < 10:
            crawling.sendall(b"x")
            try:
                answer = crawling.recv(100)
            except TimeoutError:
                continue
    assert answer.startswith(b"HTTP/1.1 408 ")
    assert time.monotonic() - started < 2
    with page.connect() as leaving:
        leaving.sendall(head + b"x" * 10)
    assert pictures(page) == []


def test_a_head_that_does_not_end_is_given_up(page):
    for start in (b"", b"G", b"GET / HTTP/1.1\r\nHost: x\r\nX-Slow: "):
        started = time.monotonic()
        assert page.raw(start) == b""
        assert time.monotonic() - started < 2


def test_a_second_request_on_a_connection_is_given_up_too(page):
    with page.connect() as connection:
        connection.sendall(page.head("GET", "/pictures").replace(b"Connection: close\r\n", b""))
        assert connection.recv(1 << 16).startswith(b"HTTP/1.1 200 ")
        connection.sendall(b"GET ")
        started = time.monotonic()
        while connection.recv(1 << 16):
            pass
        assert time.monotonic() - started < 2


def test_a_file_is_kept_under_a_name_that_is_no_path(serving, tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with serving() as page:
        for name in ("../../../etc/passwd.png", "%2e%2e%2f%2e%2e%2fx.png", "a%00b%0a.png", "", "%ff%fe", "x" * 900):
            assert page.ask("PUT", "/picture", f"X-Deconv-Name: {name}", body=b"x").status == 201
        files = [path for path in tmp_path.rglob("*") if path.is_file() and path.name != "lock"]
        assert sorted(path.name for path in files) == sorted(
            ["passwd.png", "x.png", "ab.png", "picture", "picture", "x" * 80]
        )
        (folder,) = tmp_path.iterdir()
        assert folder.stat().st_mode & 0o777 == 0o700
        assert {path.parent.parent for path in files} == {folder}
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("key", ["..", "%2e%2e", "..%2f..%2fetc%2fpasswd", "0" * 32, "a/b", "%00", "lock"])
def test_an_id_that_is_a_path_or_a_guess_is_none(page, key):
    assert page.ask("DELETE", f"/picture/{key}").status == 404


def test_the_oldest_of_many_pictures_goes(page):
    keys = [page.ask("PUT", "/picture", body=b"%d" % n).json["id"] for n in range(9)]
    assert [each["id"] for each in pictures(page)] == keys[1:]
    assert len(set(keys)) == 9
    assert all(len(key) == 32 for key in keys)
    for key in keys[1:]:
        assert page.ask("DELETE", f"/picture/{key}").status == 200


def test_idle_connections_in_numbers_leave_room_again(page):
    idle = [page.connect() for _ in range(MOST_CONNECTIONS + 20)]
    time.sleep(0.8)  # they are given up
    assert page.ask("GET", "/").status == 200
    for each in idle:
        each.close()
