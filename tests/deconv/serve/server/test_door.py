"""Who gets an answer: the right name, the secret, no other site; and what every answer says of itself."""

import re

import pytest
from starlette.datastructures import Headers

from deconv.serve.server.door import ENTRANCE, Keys


@pytest.mark.parametrize("host", ["127.0.0.1:{}", "localhost:{}", "LOCALHOST:{}", "[::1]:{}"])
def test_the_page_has_three_names(page, host):
    answer = page.ask("GET", "/", host=host.format(page.port), token=False)
    assert answer.status == 200
    assert answer.headers["content-type"] == "text/html; charset=utf-8"


@pytest.mark.parametrize(
    "host", ["evil.example:{}", "127.0.0.1", "localhost.:{}", "127.0.0.1:1", "127.0.0.1:{}.evil", "0.0.0.0:{}", "x@{}"]
)
def test_a_name_that_was_pointed_here_gets_nothing(page, host):
    """DNS rebinding: the name in the link of another site leads to this machine."""
    for path in ("/", "/pictures"):
        answer = page.ask("GET", path, host=host.format(page.port))
        assert answer.status == 403
        assert "link that the program printed" in answer.json["error"]


def test_no_name_and_two_names_get_nothing(page):
    assert b" 403 " in page.raw(b"GET / HTTP/1.0\r\n\r\n").partition(b"\r\n")[0]
    twice = page.head("GET", "/", f"Host: {page.host}")
    assert re.match(rb"HTTP/1.1 40[03] ", page.raw(twice))
    assert page.ask("GET", f"http://{page.host}/pictures", host="evil.example").status == 403


@pytest.mark.parametrize("token", ["", "X-Deconv-Token: wrong", "Cookie: X-Deconv-Token={}", "X-Deconv-Token: {}x"])
@pytest.mark.parametrize(
    ("method", "path"), [("GET", "/pictures"), ("PUT", "/picture"), ("GET", "/?x"), ("GET", "/no")]
)
def test_all_but_the_page_needs_the_secret(page, method, path, token):
    more = [token.format(page.token)] if token else []
    answer = page.ask(method, path, *more, token=False)
    assert answer.status == (200 if path == "/?x" else 403)


def test_a_ticket_opens_once():
    """What a browser is started with can be read by every user of the machine."""
    keys = Keys.of("the secret", 1)
    headers = Headers({"host": "localhost:1", "x-deconv-token": keys.ticket.text})
    assert keys.refusal("/pictures", headers) is not None
    assert keys.refusal(ENTRANCE, Headers({"host": "localhost:1"})) is not None
    assert keys.refusal(ENTRANCE, headers) is None
    assert "used before" in keys.refusal(ENTRANCE, headers)


def test_the_secret_is_long_and_in_no_answer(page):
    assert len(page.token) >= 43
    assert page.token.encode() not in page.ask("GET", "/").body


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "https://127.0.0.1:{}", "http://127.0.0.1:1"])
def test_another_origin_gets_nothing(page, origin):
    assert page.ask("GET", "/pictures", f"Origin: {origin.format(page.port)}").status == 403
    assert page.ask("GET", "/pictures", f"Origin: http://localhost:{page.port}").status == 200


@pytest.mark.parametrize(
    ("site", "status"), [("same-origin", 200), ("none", 200), ("cross-site", 403), ("same-site", 403)]
)
def test_what_the_browser_says_of_the_site_counts(page, site, status):
    assert page.ask("GET", "/", f"Sec-Fetch-Site: {site}").status == status
    assert page.ask("GET", "/pictures", f"Sec-Fetch-Site: {site}").status == status


def test_no_other_origin_is_ever_allowed_anything(page):
    """A header that no form can set makes browsers ask first, and they are never told yes."""
    asks = ("Access-Control-Request-Method: PUT", "Access-Control-Request-Headers: x-deconv-token")
    for answer in (
        page.ask("OPTIONS", "/picture", "Origin: http://evil.example", *asks, token=False),
        page.ask("OPTIONS", "/picture", *asks),
        page.ask("GET", "/pictures", f"Origin: http://{page.host}"),
    ):
        assert not [name for name in answer.headers if name.startswith("access-control")]


def test_every_answer_is_protected(page):
    answers = [page.ask("GET", "/"), page.ask("GET", "/pictures"), page.ask("GET", "/no"), page.ask("POST", "/picture")]
    answers += [page.ask("GET", "/pictures", token=False), page.ask("PUT", "/picture", "Content-Length: x")]
    assert [answer.status for answer in answers] == [200, 200, 404, 405, 403, 400]
    for answer in answers[:-1]:  # the last one was no HTTP
        policy = answer.headers["content-security-policy"]
        assert policy.startswith("default-src 'none'; ")
        assert "frame-ancestors 'none'" in policy
        assert "base-uri 'none'" in policy
        assert "unsafe" not in policy
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert answer.headers["cross-origin-resource-policy"] == "same-origin"
        assert answer.headers["cross-origin-opener-policy"] == "same-origin"
        assert answer.headers["cache-control"] == "no-store"
        assert "server" not in answer.headers


def test_script_and_style_are_known_by_a_number_of_this_answer(page):
    numbers = []
    for _ in range(2):
        answer = page.ask("GET", "/")
        (number,) = set(re.findall(r"'nonce-([\w-]+)'", answer.headers["content-security-policy"]))
        text = answer.body.decode()
        tags = re.findall(r"<(?:script|style)\b[^>]*>", text)
        assert tags
        assert all(f'nonce="{number}"' in tag for tag in tags)
        assert not re.search(r"\son\w+=|\sstyle=|javascript:|https?://(?!www\.w3\.org)", text)
        numbers.append(number)
    assert numbers[0] != numbers[1]
