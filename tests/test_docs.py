"""The guide in docs/ tells what is true: its code runs and prints what it says, its commands parse, its pages build."""

import doctest
import importlib.util
import re
import runpy
import shlex
import shutil
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote

import matplotlib.pyplot as plt
import pytest

import cli

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"
PAGES = [*sorted((DOCS / "guide").glob("*.rst")), DOCS / "house.rst", DOCS / "index.rst"]
EXAMPLES = sorted((DOCS / "examples").glob("*.py"))
TERMINAL = re.compile(r"^\.\. terminal:: (.+)$", re.MULTILINE)
COMMANDS = [command for page in PAGES for command in TERMINAL.findall(page.read_text("utf-8"))]


@pytest.fixture(autouse=True)
def _as_in_the_build(monkeypatch):
    """Draw without a screen, from the root of the project, with what the guide draws with; leave no figure open."""
    monkeypatch.setattr(plt, "show", lambda: None)
    monkeypatch.chdir(ROOT)
    monkeypatch.syspath_prepend(DOCS)
    monkeypatch.setattr("segmentation.STEPS", 5)  # the build trains longer than a test may
    with plt.rc_context({"figure.max_open_warning": 0}):
        plt.switch_backend("agg")
        yield
        plt.close("all")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_code_on_the_page_runs_and_prints_what_it_says(page):
    flags = doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS
    result = doctest.testfile(str(page), module_relative=False, optionflags=flags, encoding="utf-8")
    assert result.failed == 0
    if page.stem not in ("index", "deblurring", "own_pictures"):
        assert result.attempted >= 9


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.stem)
def test_example_of_the_gallery_runs(example):
    runpy.run_path(str(example))
    assert plt.get_fignums()


def test_there_are_examples():
    assert len(EXAMPLES) >= 8


@pytest.mark.parametrize("command", COMMANDS)
def test_command_of_the_page_parses(command):
    words = shlex.split(command)
    assert words[:2] == ["python", "cli.py"]
    assert cli.build_parser().parse_args(words[2:]).inputs


def test_every_public_name_is_named_in_the_template_by_its_package():
    reference = (DOCS / "reference.rst").read_text("utf-8")
    for package in ("restore", "restore.psf", "upsample", "deconv.pictures"):
        assert re.search(rf"^   {re.escape(package)}$", reference, re.MULTILINE)
    assert "autosummary_ignore_module_all = False" in (DOCS / "conf.py").read_text("utf-8")


class _Addresses(HTMLParser):
    """What a page loads and where its links lead."""

    def __init__(self):
        super().__init__()
        self.loaded, self.links, self.anchors = set(), set(), set()

    def handle_starttag(self, tag, attributes):
        found = dict(attributes)
        self.anchors.add(found.get("id"))
        if tag == "a" and "href" in found:
            self.links.add(found["href"])
        elif tag == "link" and found.get("rel") not in ("next", "prev", "index", "search", "genindex"):
            self.loaded.add(found["href"])
        elif tag in ("script", "img", "source", "iframe") and "src" in found:
            self.loaded.add(found["src"])


def _read(page):
    addresses = _Addresses()
    addresses.feed(page.read_text("utf-8"))
    return addresses


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """The guide, built without running its code, which the tests above do."""
    if importlib.util.find_spec("sphinx") is None:
        pytest.skip("Sphinx is absent: pip install -e '.[docs]'")
    folder = tmp_path_factory.mktemp("site")
    quick = ["-D", "plot_gallery=0", "-t", "quick"]
    shutil.copytree(DOCS, folder / "docs", ignore=shutil.ignore_patterns("_build", "api", "gallery"))
    shutil.copy(ROOT / "CHANGELOG.md", folder)
    places = [folder / "docs", folder / "html"]
    # No garbage is looked for: nearly all that is made stays to the end.
    build = "import gc, sys; from sphinx.cmd.build import main; gc.disable(); sys.exit(main(sys.argv[1:]))"
    command = [sys.executable, "-c", build, "-b", "html", "-W", "--keep-going", "-n", "-q", *quick, *places]
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    pages = sorted((folder / "html").rglob("*.html"))
    return {page: _read(page) for page in pages if "_static" not in page.parts}  # the theme keeps a template there


def test_the_site_loads_nothing_from_outside(site):
    for page, addresses in site.items():
        outside = {address for address in addresses.loaded if re.match(r"(https?:)?//", address)}
        assert not outside, page
    folder = next(page for page in site if page.name == "genindex.html").parent
    for sheet in folder.rglob("*.css"):
        assert not re.search(r"(url\(|@import)\s*['\"]?(https?:)?//", sheet.read_text("utf-8")), sheet


def test_every_link_within_the_site_leads_somewhere(site):
    for page, addresses in site.items():
        for link in addresses.links | addresses.loaded:
            path, _, anchor = unquote(link).partition("#")
            if re.match(r"[a-z]+:", link):
                continue
            target = (page.parent / path.partition("?")[0]).resolve() if path else page
            assert target.exists(), (page, link)
            if anchor and target in site:
                assert anchor in site[target].anchors, (page, link)
