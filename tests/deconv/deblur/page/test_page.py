"""`deblur --report` writes one page that holds everything, names nothing outside and is written whole or not at all."""

import base64
import hashlib
import html
import io
import json
import os
import re
import sys
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from PIL import Image

import restore
from deconv.deblur.page import pictures_inside

SHARP = Path(__file__).resolve().parents[4] / "samples" / "sharp.png"
#: As a path, the folder and the file together, this is an element; the file's name alone is half of one.
NASTY = "<script>alert(1)<", "script>&\"'$name<b>.png"
VOID = {"meta", "link", "img", "br", "input", "path", "use", "rect", "image"}


class Page(HTMLParser):
    """What a parser finds: elements with their attributes, the words in each, and whether all are closed in order."""

    def __init__(self, path):
        super().__init__()
        self.source = path.read_text(encoding="utf-8")
        self.elements, self.words, self.open = [], {}, []
        self.feed(self.source)
        self.close()

    def handle_starttag(self, tag, attributes):
        self.elements.append((tag, dict(attributes)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.elements.append((tag, dict(attributes)))

    def handle_endtag(self, tag):
        if tag not in VOID:
            assert self.open.pop() == tag

    def handle_data(self, data):
        where = self.open[-1] if self.open else ""
        self.words[where] = self.words.get(where, "") + data

    def all(self, tag, **wanted):
        wanted = {name.rstrip("_"): value for name, value in wanted.items()}
        return [a for t, a in self.elements if t == tag and all(a.get(n) == v for n, v in wanted.items())]

    def numbers(self):
        """Return the rows of the table: name -> value."""
        rows = re.findall(r'<th scope="row">(.*?)</th><td>(.*?)(?:<span|</td>)', self.source)
        return {html.unescape(name): html.unescape(value) for name, value in rows}

    def record(self):
        return json.loads(html.unescape(re.search(r"<pre>(.*?)</pre>", self.source, re.DOTALL)[1]))


def pixels(uri):
    kind, data = re.fullmatch(r"data:image/(png|jpeg);base64,([A-Za-z0-9+/=]+)", uri).groups()
    with Image.open(io.BytesIO(base64.b64decode(data))) as image:
        assert image.format.lower() == kind
        return np.asarray(image)


def blurred(path, *, size=96, name="photo.png", seed=0):
    """Write the lower right corner of the sample, where it is not plain, blurred."""
    with Image.open(SHARP) as picture:
        values = np.asarray(picture.convert("RGB"), float)[-size:, -size:] / 255
    observed = restore.degrade(values, restore.psf.disk(2.5), noise_sigma=0.004, rng=seed, channel_axis=-1)
    file = path / name
    Image.fromarray(np.uint8(255 * np.clip(observed, 0, 1) + 0.5)).save(file, "png")
    return file


@pytest.fixture(scope="module")
def report(run):
    """Deblur a file, by a quick method unless words say which, and return the page of the run."""

    def write(folder, file, *words):
        page = folder / "page.html"
        options = ["--psf", "disk", "--radius", "2.5", "--method", "wiener", "--no-figure", "--force", "--quiet"]
        assert run("deblur", file, *options, *words, "-o", folder / "out.png", "--report", page) == 0
        return Page(page)

    return write


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("report")


@pytest.fixture(scope="module")
def page(report, folder):
    with Image.open(SHARP) as picture:
        picture.crop((picture.width - 96, picture.height - 96, *picture.size)).save(folder / "sharp.png")
    return report(folder, blurred(folder), "--reference", folder / "sharp.png", "--method", "cls")


# --- what it holds ---------------------------------------------------------------------------------------------------


def test_the_page_is_well_formed_and_has_an_outline(page):
    assert page.open == []
    assert page.words["h1"] == "photo.png"
    assert page.words["h2"] == "Before and afterNumbersDiagnostics"
    names = [a["id"] for _, a in page.elements if "id" in a]
    assert len(names) == len(set(names))
    referred = re.findall(r'(?:href="#|url\(#|aria-(?:labelledby|describedby)=")([^")]+)', page.source)
    assert set(referred) <= set(names)
    assert len(referred) > 20


def test_the_pictures_are_the_files_sample_by_sample(page, folder):
    shown = {a["alt"]: pixels(a["src"]) for a in page.all("img", class_="whole")}
    files = {"input picture": "photo.png", "restored picture": "out.png", "reference picture": "sharp.png"}
    assert list(shown) == list(files)
    for name, file in files.items():
        with Image.open(folder / file) as picture:
            assert_array_equal(shown[name], np.asarray(picture))


def test_every_picture_and_chart_says_what_it_is(page):
    assert all("alt" in a for a in page.all("img"))
    charts = page.all("svg")
    assert len(charts) == 4
    assert all(a["role"] == "img" and len(a["aria-label"]) > 60 for a in charts)
    assert len({a["aria-label"] for a in charts}) == 4
    sentences = re.findall(r"<figcaption>(.*?)</figcaption>", page.source.partition("diagnostics-title")[2])
    for sentence, chart in zip(sentences, charts, strict=True):
        assert chart["aria-label"].endswith(html.unescape(sentence))
        assert re.fullmatch(r"[A-Z][^.]+\.", sentence)


def test_the_table_has_the_numbers_of_the_json_object(page):
    record, numbers = page.record(), page.numbers()
    assert record["method"] == "cls"
    assert numbers["Method"] == "constrained least squares"
    assert numbers["Strength"].startswith(f"{record['parameter']:.4g} ")
    assert numbers["Rule"] == record["rule"].replace("_", " ")
    assert numbers["Noise"] == f"{record['noise_sigma']:.4g}"
    assert numbers["Boundary"] == record["boundary"]
    assert numbers["PSNR"] == f"{record['psnr_before']:.2f} → {record['psnr_after']:.2f} dB"
    assert numbers["SSIM"].endswith(f"{record['ssim_after']:.3f}")
    assert numbers["ISNR"] == f"{record['isnr']:+.2f} dB"
    assert numbers["Family"] == "disk"
    assert numbers["Radius"] == "2.5 px"
    assert numbers["Whiteness"] == f"{record['whiteness']:.2f}"
    assert numbers["Residual"].startswith(f"{record['residual_sigma']:.4g}")
    assert {"Check", "Clipped input", "Clipped output", "Masked", "Time", "Input", "Output"} <= set(numbers)


def test_the_record_is_the_one_that_json_prints(report, folder, capsys):
    file = blurred(folder, name="again.png", size=64)
    page = report(folder, file, "--json")
    printed = json.loads(capsys.readouterr().out)
    bare = {name: Path(printed[name]).name for name in ("input", "output", "report")}
    assert page.record() == printed | bare
    assert printed["report"] == str(folder / "page.html")


def test_other_methods_have_other_strengths(report, folder):
    file = blurred(folder, name="small.png", size=48)
    counted = report(folder, file, "--method", "richardson_lucy", "--iterations", 7).numbers()
    assert (counted["Method"], counted["Iterations"], counted["Rule"]) == ("Richardson-Lucy", "7", "given")
    assert "Strength" not in counted
    unchecked = report(folder, file, "--method", "inverse").numbers()
    assert unchecked["Method"] == "inverse filter"
    assert not {"Strength", "Iterations", "Rule"} & set(unchecked)


@pytest.mark.parametrize(("method", "count"), [("landweber", 50), ("van_cittert", 10)])
def test_a_count_is_no_weight_and_was_not_found_in_the_picture(report, folder, method, count):
    """More iterations are sharper and noisier, and the usual number is nobody's finding."""
    page = report(folder, blurred(folder, name="small.png", size=48), "--method", method)
    told = page.numbers()
    assert told["Iterations"] == str(count)
    assert "Strength" not in told
    assert told["Rule"] == "usual"
    assert "more is sharper and noisier" in page.source
    assert "More is smoother" not in page.source
    assert "How the strength was found in the picture" not in page.source
    assert "nothing was found in the picture" in page.source


def test_what_was_estimated_has_its_uncertainty_and_what_is_doubted_is_said(run, folder):
    file = blurred(folder, name="large.png", size=112)
    page = folder / "doubted.html"
    words = ["--method", "wiener", "--no-figure", "--quiet", "-o", folder / "doubted.png"]
    assert run("deblur", file, "--psf", "disk", *words, "--report", page) == 0
    found = Page(page)
    psf = found.record()["psf"]
    assert found.numbers()["Radius"] == f"{psf['radius']:.4g} ± {psf['uncertainty']['radius']:.2g} px"
    assert found.numbers()["Confidence"] == psf["confidence"]
    assert found.numbers()["Origin"] == "radius estimated from the picture"

    assert run("deblur", file, "--psf", "disk", "--radius", 4.5, *words, "--force", "--report", page) == 0
    doubted = Page(page)
    assert doubted.record()["warnings"]
    assert all(html.escape(warning) in doubted.source.split("<pre>")[0] for warning in doubted.record()["warnings"])


def test_the_psf_is_drawn_as_it_is(page):
    (drawn,) = (pixels(a["src"]) for a in page.all("img") if a["alt"].startswith("The point-spread"))
    psf = restore.psf.disk(2.5)
    assert drawn.shape == (*psf.shape, 3)
    light = drawn.astype(int).sum(axis=-1)
    assert_array_equal(light == light.max(), psf > 0.999 * psf.max())
    assert_array_equal(light[psf == 0], light.min())


def test_an_oblong_psf_lies_in_the_middle_of_a_square():
    psf = np.full((2, 7), 1 / 14)
    drawn = pixels(pictures_inside.psf_picture(psf)).sum(axis=-1)
    assert drawn.shape == (7, 7)
    assert_array_equal((drawn > drawn.min()).sum(axis=1), [0, 0, 7, 7, 0, 0, 0])


# --- pictures that do not fit ----------------------------------------------------------------------------------------


def shown(*images):
    from deconv.figures.comparison import Panel

    return pictures_inside.viewed([Panel(image, f"picture {i}") for i, image in enumerate(images)])


def test_a_large_picture_is_shrunk_and_keeps_a_detail_without_loss():
    image = np.full((2000, 3000), 0.5)
    image[900:1000, 2100:2300] = np.random.default_rng(0).random((100, 200))
    found = shown(image, 1 - image)
    assert not found.exact
    assert found.stored == (1600, 1067)
    x, y, width, height = found.window
    assert (height, width) == pictures_inside.DETAIL
    assert x <= 2100 < 2300 <= x + width
    assert y <= 900 < 1000 <= y + height
    for one, values in zip(found.pictures, (image, 1 - image), strict=True):
        assert pixels(one.whole).shape == (1067, 1600)
        exact = np.rint(255 * values[y : y + height, x : x + width])
        assert_array_equal(pixels(one.detail), exact)


def test_a_detail_is_bounded():
    rows, columns = pictures_inside._cut((slice(0, 3000), slice(100, 4100)))
    assert (rows.stop - rows.start, columns.stop - columns.start) == pictures_inside.DETAIL
    assert (rows.start + rows.stop, columns.start + columns.stop) == (3000, 4200)


@pytest.mark.parametrize("shape", [(1, 40), (40, 1), (1, 1), (3, 4000), (20, 30, 3), (20, 30, 5)])
def test_every_shape_can_be_shown(shape):
    found = shown(np.random.default_rng(0).random(shape))
    x, y, width, height = found.window
    assert 0 < x + width <= found.width == shape[1]
    assert 0 < y + height <= found.height == shape[0]
    assert pixels(found.pictures[0].whole).shape[:2] == found.stored[::-1]


def test_what_a_screen_cannot_show_is_black_and_does_not_spoil_the_range():
    image = np.linspace(0, 1, 30).reshape(5, 6)
    image[2, 2] = np.nan
    found = shown(image)
    assert (found.scale.low, found.scale.high, found.scale.power) == (0, 1, 1)
    assert pixels(found.pictures[0].whole)[2, 2] == 0


def test_another_display_range_is_said(run, folder):
    np.save(folder / "counts.npy", 1000 * np.random.default_rng(0).random((40, 50)))
    words = ["--psf", "gaussian", "--sigma", 1, "--quiet", "--no-figure", "-o", folder / "counts.out.npy"]
    assert run("deblur", folder / "counts.npy", *words, "--report", folder / "counts.html") == 0
    assert re.search(r"Black is [\d.]+ and white \d+", Page(folder / "counts.html").source)


# --- one file, nothing outside ---------------------------------------------------------------------------------------


def test_nothing_outside_is_named(page):
    for tag, attributes in page.elements:
        assert tag not in {"iframe", "object", "embed", "base", "form", "audio", "video"}
        for name in ("src", "href", "srcset", "action", "poster", "data", "background"):
            assert re.match(r"data:|#", attributes.get(name) or "#"), (tag, name, attributes[name][:80])
        assert not any(name.startswith("on") for name in attributes)
    bare = re.sub(r'"data:image/[^"]*"', '""', page.source)
    assert not re.search(r"https?:|//\w+\.\w|@import|@font-face|\bfetch\(|XMLHttpRequest|WebSocket|localStorage", bare)


def test_only_the_pages_own_script_may_run(page):
    scripts = re.findall(r"<script>(.*?)</script>", page.source, re.DOTALL)
    assert len(scripts) == len(page.all("script")) == 1
    (policy,) = (a["content"] for a in page.all("meta") if a.get("http-equiv") == "Content-Security-Policy")
    digest = base64.b64encode(hashlib.sha256(scripts[0].encode()).digest()).decode()
    assert policy.startswith("default-src 'none'; img-src data:;")
    assert policy.endswith(f"script-src 'sha256-{digest}'")


def test_names_and_texts_are_escaped(report, tmp_path):
    folder, name = NASTY
    (tmp_path / folder).mkdir()
    file = blurred(tmp_path / folder, name=name, size=48)
    page = report(tmp_path, file)
    assert page.open == []
    assert len(page.all("script")) == 1
    assert page.words["h1"] == name
    assert page.words["title"] == f"{name}: deblurred"
    assert page.record()["input"] == name
    assert page.numbers()["Input"].startswith(name)
    assert "</script>&" not in page.source
    assert "<script>alert" not in page.source


@pytest.mark.skipif(sys.platform != "linux", reason="other systems refuse names that are no text")
def test_a_name_that_is_no_text_is_shown_as_far_as_it_is(report, tmp_path):
    page = report(tmp_path, blurred(tmp_path, name=os.fsdecode(b"caf\xe9.png"), size=48))
    assert page.words["h1"] == "caf?.png"


def test_a_page_to_pass_on_names_files_escaped_and_no_folder(run, tmp_path):
    psf = tmp_path / "<b>&.npy"
    np.save(psf, restore.psf.disk(2))
    file, page = blurred(tmp_path, size=48), tmp_path / "page.html"
    words = ["--psf", psf, "--quiet", "--no-figure", "--card", tmp_path / "card.png", "--method", "wiener"]
    assert run("deblur", file, *words, "-o", tmp_path / "out.png", "--report", page) == 0
    passed_on = Page(page)
    assert "<b>&.npy" not in passed_on.source
    assert str(tmp_path) not in passed_on.source
    assert passed_on.numbers()["Family"] == psf.name
    record = passed_on.record()
    assert [record[name] for name in ("input", "output", "card", "report")] == [
        "photo.png",
        "out.png",
        "card.png",
        "page.html",
    ]


def test_two_runs_differ_in_the_time_alone(report, tmp_path):
    file = blurred(tmp_path, size=48)

    def timeless():
        source = report(tmp_path, file, "--method", "auto").source
        return re.sub(r'(<th scope="row">Time</th><td>|&quot;seconds&quot;: )[\d.]+', r"\1", source)

    assert timeless() == timeless()


# --- whole or nothing ------------------------------------------------------------------------------------------------


def test_an_existing_page_needs_force(run, tmp_path, capsys):
    file, page = blurred(tmp_path, size=48), tmp_path / "page.html"
    page.write_text("mine")
    words = ["deblur", file, "--psf", "disk", "--radius", 2.5, "--no-figure", "-o", tmp_path / "out.png"]
    assert run(*words, "--report", page) == 2
    assert "exists already" in capsys.readouterr().err
    assert page.read_text() == "mine"
    assert not (tmp_path / "out.png").exists()
    assert run(*words, "--report", page, "--force") == 0
    assert page.read_text(encoding="utf-8").startswith("<!doctype html>")


def test_a_failure_leaves_nothing(run, tmp_path, monkeypatch, capsys):
    from deconv.deblur.page import page as report_page

    def broken(*_):
        raise RuntimeError("no charts today")

    monkeypatch.setattr(report_page, "charts", broken)
    file = blurred(tmp_path, size=48)
    words = ["--psf", "disk", "--radius", 2.5, "-o", tmp_path / "out.png", "--report", tmp_path / "page.html"]
    assert run("deblur", file, *words) == 1
    assert "no charts today" in capsys.readouterr().err
    assert [p.name for p in tmp_path.iterdir()] == [file.name]


REFUSED = {
    "two pictures": (["photo.png", "other.png", "--report", "p.html"], "--report names one file"),
    "no page's name": (["photo.png", "--report", "page.png"], ".html"),
    "no folder": (["photo.png", "--report", "nowhere/p.html"], "no folder"),
    "same as the output": (["photo.png", "-o", "p.html", "--report", "p.html"], "p.html"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_written_is_one_line(case, tmp_path, refused):
    words, expected = REFUSED[case]
    blurred(tmp_path, size=48)
    blurred(tmp_path, size=48, name="other.png")
    refused("deblur", *words, "--psf", "disk", "--radius", 2.5, "--no-figure", expected=expected)


def test_no_page_unless_asked_for(run, tmp_path, capsys):
    words = ["--psf", "disk", "--radius", 2.5, "--no-figure", "--json", "-o", tmp_path / "out.png"]
    assert run("deblur", blurred(tmp_path, size=48), *words) == 0
    assert json.loads(capsys.readouterr().out)["report"] is None
    assert not list(tmp_path.glob("*.html"))


def test_a_stack_says_what_of_it_is_shown(run, tmp_path):
    stack = restore.degrade(np.random.default_rng(0).random((3, 40, 40)), restore.psf.disk(1.5)[None], rng=0)
    np.save(tmp_path / "stack.npy", stack)
    words = ["--axes", "ZYX", "--frame", "all", "--psf", "disk", "--radius", 1.5, "--method", "wiener"]
    words += ["--no-figure", "--quiet"]
    page = tmp_path / "p.html"
    assert run("deblur", tmp_path / "stack.npy", *words, "-o", tmp_path / "o.npy", "--report", page) == 0
    assert "Of 3 planes: largest along Z." in page.read_text(encoding="utf-8")
