"""A hundred hostile requests of all kinds, and it serves as before."""

import random
import socket

import pytest

LINES = (
    "GET /../../etc/passwd HTTP/1.1",
    "GET /%2e%2e/%2e%2e/etc/passwd HTTP/1.1",
    "GET //evil.example/ HTTP/1.1",
    "PUT /picture HTTP/1.1",
    "POST /preview HTTP/1.1",
    "POST /restore HTTP/1.0",
    "DELETE /picture/../.. HTTP/1.1",
    "OPTIONS * HTTP/1.1",
    "TRACE / HTTP/1.1",
    "CONNECT evil.example:443 HTTP/1.1",
    "GET /result/0/picture HTTP/1.1",
    "GET / HTTP/9.9",
    "\x00\x01\x02",
)
HEADERS = (
    "Host: {host}",
    "Host: evil.example",
    "X-Deconv-Token: {token}",
    "X-Deconv-Token: \xff\xfe",
    "X-Deconv-Name: %00%0d%0aSet-Cookie: a=b",
    "Content-Length: 10",
    "Content-Length: -1",
    "Content-Length: 1e9",
    "Transfer-Encoding: chunked",
    "Transfer-Encoding: identity, chunked",
    "Expect: 100-continue",
    "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==",
    "Origin: null",
    "Range: bytes=0-1000000000",
    "X-Long: " + "a" * 70_000,
)
BODIES = (b"", b"{}", b"x" * 100, b"5\r\nhello\r\n0\r\n\r\n", b"ffffffffffffffff\r\nx", b"\xff" * 2000)


def hostile(rng, page):
    lines = [rng.choice(LINES), *rng.sample(HEADERS, rng.randrange(6))]
    head = "\r\n".join([*lines, "", ""]).replace("{host}", page.host).replace("{token}", page.token)
    return head.encode("latin-1") + rng.choice(BODIES)


@pytest.mark.parametrize("seed", [0, 1])
def test_a_hundred_hostile_requests_leave_it_serving(page, seed, capfd):
    rng = random.Random(seed)
    for _ in range(100):
        with page.connect() as connection:
            connection.settimeout(0.05)
            try:
                connection.sendall(hostile(rng, page))
                connection.recv(1 << 16)
            except OSError:
                pass
    answer = page.ask("GET", "/")
    assert answer.status == 200
    assert page.ask("GET", "/pictures").status == 200
    assert "Traceback" not in capfd.readouterr().err


def test_a_body_behind_a_refusal_is_no_request(page):
    """What was to be a body is not taken for the next request on the connection."""
    smuggled = b"GET /pictures HTTP/1.1\r\nHost: %s\r\nX-Deconv-Token: %s\r\n\r\n" % (
        page.host.encode(),
        page.token.encode(),
    )
    head = page.head("PUT", "/picture", "Transfer-Encoding: chunked", f"Content-Length: {len(smuggled)}", token=False)
    answers = page.raw(head.replace(b"Connection: close\r\n", b""), smuggled)
    assert answers.count(b"HTTP/1.1 ") == 1
    assert b"pictures" not in answers


def test_half_open_connections_do_not_hold_it_up(page):
    half = [page.connect() for _ in range(20)]
    for each in half:
        each.sendall(page.head("PUT", "/picture", "Content-Length: 1000"))
        each.shutdown(socket.SHUT_WR)
    assert page.ask("GET", "/").status == 200
    for each in half:
        each.close()
