"""Several inputs: one report each, and going on after a bad one."""

import io
import json
import os
from contextlib import redirect_stderr
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from deconv.batch.outcome import Outcome
from deconv.batch.run import run_batch
from deconv.batch.table import table
from deconv.progress import Count
from deconv.report import Report
from deconv.settings import Reporting

GAUSSIAN = ["--psf", "gaussian", "--sigma", "1.5"]


class Terminal(io.StringIO):
    def isatty(self):
        return True


def test_json_is_one_object_per_input_and_people_read_stderr(run, photo, tmp_path, capsys):
    second = tmp_path / "second.png"
    second.write_bytes(photo.read_bytes())
    assert run("deblur", photo, second, *GAUSSIAN, "--json", "--no-figure", "-o", tmp_path / "out") == 0
    out, err = capsys.readouterr()
    records = [json.loads(line) for line in out.splitlines()]
    assert [r["input"] for r in records] == [str(photo), str(second)]
    for key in ("output", "figure", "method", "psf", "noise_sigma", "parameter", "rule", "boundary", "seconds"):
        assert key in records[0]
    assert records[0]["psf"] == {"family": "gaussian", "sigma": 1.5, "estimated": []}
    assert "psf" in err
    assert "{" not in err


def test_a_batch_goes_on_after_a_bad_file(run, photo, tmp_path, capsys):
    bad = tmp_path / "bad.png"
    bad.write_bytes(b"no picture at all, but long enough for a header")
    out = tmp_path / "out"
    assert run("deblur", bad, photo, *GAUSSIAN, "-o", f"{out}{os.sep}", "--no-figure") == 2
    assert (out / "photo.png").exists()
    err = capsys.readouterr().err
    assert err.splitlines()[-1] == "1 of 2 pictures failed"
    assert "bad.png" in err.splitlines()[-2]


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_what_failed_is_an_object_too(run, photo, tmp_path, capsys, jobs):
    bad = tmp_path / "bad.png"
    bad.write_bytes(b"no picture at all, but long enough for a header")
    words = ("--psf", "gaussian", "--sigma", "1.5", "--method", "wiener", "--no-figure", "--json", "--jobs", jobs)
    assert run("deblur", bad, photo, *words, "-o", f"{tmp_path / 'out'}{os.sep}") == 2
    out, err = capsys.readouterr()
    done = {record["input"]: record for record in map(json.loads, out.splitlines())}
    assert set(done) == {str(bad), str(photo)}
    assert set(done[str(bad)]) == {"input", "error"}
    assert f"error: {done[str(bad)]['error']}" in err.splitlines()
    assert "error" not in done[str(photo)]


def test_one_that_failed_alone_is_an_object_too(run, tmp_path, capsys):
    bad = tmp_path / "bad.png"
    bad.write_bytes(b"no picture at all, but long enough for a header")
    assert run("deblur", bad, *GAUSSIAN, "--json") == 2
    out, err = capsys.readouterr()
    assert json.loads(out) == {"input": str(bad), "error": err.strip().removeprefix("error: ")}
    assert run("deblur", bad, *GAUSSIAN) == 2
    assert capsys.readouterr().out == ""


def test_a_fault_of_the_program_is_an_object_too(photo, capsys):
    def work(source):
        raise RuntimeError(f"no idea about {source}")

    with pytest.raises(RuntimeError):
        run_batch([str(photo)], work, Reporting(json=True, quiet=True))
    assert "internal error: RuntimeError: no idea" in json.loads(capsys.readouterr().out)["error"]
    assert run_batch([str(photo), "other"], work, Reporting(json=True, quiet=True)) == 1
    assert [json.loads(line)["input"] for line in capsys.readouterr().out.splitlines()] == [str(photo), "other"]


@pytest.fixture
def pictures(tmp_path, texture, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("in").mkdir()
    for name in "ab":
        Image.fromarray((255 * texture((24, 30), seed=ord(name))).astype(np.uint8)).save(f"in/{name}.png")
    return [os.path.join("in", "a.png"), os.path.join("in", "b.png")]


def records(capsys):
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_a_run_is_resumed_as_make_does(run, pictures, capsys):
    words = ("deblur", "in", *GAUSSIAN, "--method", "wiener", "--no-figure", "-o", "out", "--json", "--resume")
    assert run(*words) == 0
    assert [record.get("passed_over") for record in records(capsys)] == [None, None]
    before = Path("out/a.png").read_bytes()
    Path("out/b.png").unlink()
    assert run(*words) == 0
    done = {record["input"]: record for record in records(capsys)}
    assert done[pictures[0]] == {"input": pictures[0], "output": os.path.join("out", "a.png"), "passed_over": True}
    assert done[pictures[1]]["method"] == "wiener"
    later = Path("out/a.png").stat().st_mtime + 60
    os.utime("in/a.png", (later, later))
    assert run(*words) == 2  # an old result stays without --force
    assert Path("out/a.png").read_bytes() == before
    out, err = capsys.readouterr()
    done = {record["input"]: record for record in map(json.loads, out.splitlines())}
    assert "exists already" in done[pictures[0]]["error"]
    assert done[pictures[1]]["passed_over"]
    assert f"{os.path.join('out', 'a.png')}: exists already" in err
    assert run(*words, "--force") == 0
    assert [record.get("passed_over") for record in records(capsys)] == [True, None]  # what needs no work comes first
    assert run("deblur", pictures[1], *words[2:]) == 0  # one by itself too
    assert [record.get("passed_over") for record in records(capsys)] == [True]


def test_a_result_is_older_than_the_psf_it_was_made_with(run, pictures, capsys):
    np.save("psf.npy", np.full((3, 3), 1 / 9))
    words = ("deblur", "in", "--psf", "psf.npy", "--method", "wiener", "-o", "out", "--json", "--resume", "--force")
    assert run(*words) == run(*words) == 0
    assert [record.get("passed_over") for record in records(capsys)] == [None, None, True, True]
    Path("out/a.figure.png").unlink()  # one of its files is not there
    assert run(*words) == 0
    assert [record.get("passed_over") for record in records(capsys)] == [True, None]
    later = Path("out/a.png").stat().st_mtime + 60
    os.utime("psf.npy", (later, later))
    assert run(*words) == 0
    assert [record.get("passed_over") for record in records(capsys)] == [None, None]


def test_no_result_takes_the_place_of_another(run, pictures, capsys):
    Path("other").mkdir()
    Path("other/a.png").write_bytes(Path("in/b.png").read_bytes())
    words = (*GAUSSIAN, "--no-figure", "-o", "out", "--force")
    assert run("blur", "in", os.path.join("other", "a.png"), *words) == 2
    assert f"is that of {pictures[0]} too" in capsys.readouterr().err
    assert run("blur", pictures[0], *words[:-2], f"alone{os.sep}") == 0
    assert Path("alone/a.png").read_bytes() == Path("out/a.png").read_bytes()


def test_a_folder_and_a_pattern_stand_for_their_pictures(run, pictures, capsys):
    for name in (".hidden.png", "notes.txt"):
        Path("in", name).write_bytes(b"")
    Path("in/deeper").mkdir()
    Path("in/deeper/c.PNG").write_bytes(Path("in/a.png").read_bytes())
    assert run("estimate", "in", "--psf", "gaussian", "--json") == 0
    assert [record["input"] for record in records(capsys)] == pictures
    words = (*GAUSSIAN, "--method", "wiener", "--no-figure", "--json", "-o")
    assert run("deblur", "in/**/*.PNG", pictures[0], pictures[0], *words, "out") == 0
    assert [record["input"] for record in records(capsys)] == ["in/deeper/c.PNG", pictures[0]]
    assert run("deblur", "in/deeper/?.PNG", *words, "alone") == 0  # one, but it might have been more
    assert Path("alone/c.PNG").is_file()


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("in", *GAUSSIAN), "say by -o DIR where its results shall go"),
        (("in/empty", *GAUSSIAN, "-o", "out"), "no file in it has the name of a picture"),
        (("in/*.tif", *GAUSSIAN, "-o", "out"), "in/*.tif"),
    ],
)
def test_what_names_no_picture_is_refused(words, expected, pictures, refused):
    Path("in/empty").mkdir()
    refused("deblur", *words, expected=expected)


def test_a_name_with_brackets_is_a_name(run, pictures):
    Path("in/a.png").rename("in/a[1].png")
    assert run("deblur", "in/a[1].png", *GAUSSIAN, "--method", "wiener", "--no-figure") == 0
    assert Path("in/a[1].restored.png").is_file()


def test_a_bar_counts_the_inputs(run, pictures):
    with redirect_stderr(Terminal()) as terminal:
        assert run("deblur", "in", *GAUSSIAN, "--method", "wiener", "--no-figure", "-o", "out") == 0
    shown = terminal.getvalue()
    assert "0 of 2:   0%|" in shown
    assert "1 of 2:  50%|" in shown
    assert "picture" in shown  # a second, or seconds for one
    with redirect_stderr(Terminal()) as terminal, Count(4, Reporting()) as count:
        with count.aside(done=1):
            pass
        count.show(1.5)
    assert "1 of 4:  62%|" in terminal.getvalue()


def test_the_closing_table_says_what_came_of_each():
    report = Report("a.png")
    report.say("psf", "disk, radius 2 px")
    report.record |= {"parameter": 0.01234, "rule": "gcv", "seconds": 1.26, "warnings": ["ringing", "dark"]}
    there = Report("b.png")
    there.record |= {"passed_over": True}
    estimated = Report("c.png")
    estimated.record |= {"verdict": "no blur to be seen"}
    failed = Outcome("d.png", error="d.png: is no picture (convert it)")
    assert table([Outcome("a.png", report), Outcome("b.png", there), Outcome("c.png", estimated), failed]) == [
        "input  psf                strength      seconds  remarks",
        "a.png  disk, radius 2 px  0.0123 (gcv)  1.3      ringing; dark",
        "b.png                                            passed over",
        "c.png                                            no blur to be seen",
        "d.png                                            failed: is no picture",
    ]
    assert table([failed, failed])[0].split() == ["input", "remarks"]


def test_several_figures_have_no_one_name(run, pictures, refused):
    refused("deblur", *pictures, *GAUSSIAN, "--figure", "one.png", expected="--figure names one file")
