"""The page works from a double click: nothing but its own files, no server, no network."""

import json
import re
from pathlib import Path

import pytest

PLAYGROUND = Path(__file__).resolve().parents[2] / "docs" / "playground"
FILES = sorted(path for path in PLAYGROUND.iterdir() if path.is_file())


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_no_file_points_outside_or_needs_a_server(path):
    text = path.read_text(encoding="utf-8").replace("http://www.w3.org/2000/svg", "")  # the name of a language
    assert not re.search(r"https?:|url\(|@import|//[a-z]+\.[a-z]", text)
    if path.suffix == ".js":
        assert not re.search(r"\b(import|export|fetch|XMLHttpRequest|WebSocket|localStorage|eval)\b", text)


def test_the_page_names_every_file_and_no_other():
    html = (PLAYGROUND / "index.html").read_text(encoding="utf-8")
    named = set(re.findall(r'(?:src|href)="([^"#:]+)"', html))
    assert named == {path.name for path in FILES} - {"index.html"}
    assert 'type="module"' not in html


def test_only_the_pages_own_files_are_asked_for(page):
    page.log("performance")
    page.open()
    page.set(blur="disk", picture="chart", position=8)
    page.element("best").click()
    events = [json.loads(entry["message"])["message"] for entry in page.log("performance")]
    asked = [e["params"]["request"]["url"] for e in events if e["method"] == "Network.requestWillBeSent"]
    assert {url for url in asked if not url.startswith("data:")} == {path.as_uri() for path in FILES}
