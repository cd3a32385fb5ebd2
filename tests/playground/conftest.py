"""The page in docs/playground, opened from its file as a double click does."""

from pathlib import Path

import pytest

ADDRESS = (Path(__file__).resolve().parents[2] / "docs" / "playground" / "index.html").as_uri()


@pytest.fixture
def page(visit):
    """The page, freshly opened on a desk's screen in light colours; a complaint in the console fails the test."""
    page = visit(ADDRESS)
    page.log("browser")
    page.open()
    yield page
    assert page.log("browser") == []


@pytest.fixture(scope="module")
def arithmetic(visit):
    """The page for its arithmetic alone: opened once, never touched."""
    page = visit(ADDRESS)
    page.open()
    return page
