"""The page works from a double click: nothing but its own files, no server, no network."""

import json
import re
from pathlib import Path

import pytest

PLAYGROUND = Path(__file__).resolve().parents[2] / "docs" / "playground"
OWN = {path for path in PLAYGROUND.iterdir() if path.is_file()}
PAGE = PLAYGROUND / "index.html"
NAMED = {(PLAYGROUND / name).resolve() for name in re.findall(r'(?:src|href)="([^"#:]+)"', PAGE.read_text("utf-8"))}
FILES = sorted(OWN | NAMED)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_no_file_points_outside_or_needs_a_server(path):
    text = path.read_text(encoding="utf-8").replace("http://www.w3.org/2000/svg", "")  # the name of a language
    assert not re.search(r"https?:|url\(|@import|//[a-z]+\.[a-z]", text)
    if path.suffix == ".js":
        assert not re.search(r"\b(import|export|fetch|XMLHttpRequest|WebSocket|localStorage|eval)\b", text)


def test_the_page_names_every_file_and_no_other():
    assert OWN - {PAGE} <= NAMED
    assert {path.parent for path in NAMED - OWN} == {PLAYGROUND.parents[1] / "deconv" / "pages"}  # what all pages share
    assert 'type="module"' not in PAGE.read_text(encoding="utf-8")


def test_what_pages_share_stands_in_one_place():
    """Neither a rule of the shared style nor a function of the shared scripts has a second copy."""
    pages = PLAYGROUND.parents[1] / "deconv" / "pages"
    styles = [*PLAYGROUND.glob("*.css"), *PLAYGROUND.parents[1].glob("deconv/*/page/*.css")]
    shared = _rules(pages / "style.css") | _rules(pages / "viewer.css")
    assert {path.name: _rules(path) & shared for path in styles if _rules(path) & shared} == {}
    scripts = [path.read_text("utf-8") for path in [*PLAYGROUND.glob("*.js"), *pages.parent.glob("*/page/*.js")]]
    assert not [text for text in scripts if "prefers-color-scheme" in text]


def _rules(path):
    """Return the rules of a style sheet that set more than one thing."""
    rules = re.findall(r"([^{}]+)\{([^{}]+)\}", re.sub(r"/\*.*?\*/", "", path.read_text("utf-8"), flags=re.DOTALL))
    return {f"{' '.join(name.split())} {' '.join(body.split())}" for name, body in rules if body.count(";") > 1}


def test_only_the_pages_own_files_are_asked_for(page):
    page.log("performance")
    page.open()
    page.set(blur="disk", picture="chart", position=8)
    page.element("best").click()
    events = [json.loads(entry["message"])["message"] for entry in page.log("performance")]
    asked = [e["params"]["request"]["url"] for e in events if e["method"] == "Network.requestWillBeSent"]
    assert {url for url in asked if not url.startswith("data:")} == {path.as_uri() for path in FILES}
