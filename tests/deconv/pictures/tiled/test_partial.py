"""An output of hours: whole or not there, gone on with by the same work alone, and by one process at a time."""

import subprocess
import sys
from pathlib import Path

import pytest

from deconv.pictures import PictureError
from deconv.pictures.tiled.partial import Partial

HEADER = {"input": "a", "settings": "b", "plan": {"tile": [4]}}


def left_by_a_killed_process(target, header=HEADER, done=2):
    """What is on the disk when a process ends without a word."""
    code = (
        "import os, sys; from pathlib import Path; from deconv.pictures.tiled.partial import Partial\n"
        f"p = Partial(Path({str(target)!r}), force=False, resume=False).__enter__(); p.begin({header!r})\n"
        "p.path.write_text('half')\n"
        f"[p.note({{'tile': i}}) for i in range({done})]\n"
        "os.kill(os.getpid(), 9)"
    )
    root = str(Path(__file__).resolve().parents[4])
    assert subprocess.run([sys.executable, "-c", code], cwd=root, check=False).returncode == -9
    assert not target.exists()


def test_it_appears_at_the_end_and_leaves_nothing_else(tmp_path):
    target = tmp_path / "a.tif"
    with Partial(target, force=False, resume=False) as partial:
        assert not partial.begin(HEADER)
        partial.path.write_text("whole")
        partial.note({"tile": 1})
        assert not target.exists()
    assert [p.name for p in tmp_path.iterdir()] == ["a.tif"]


@pytest.mark.parametrize("error", [ValueError, PictureError(Path("a"), "is damaged", "copy it")], ids=["value", "file"])
def test_what_is_refused_leaves_nothing(error, tmp_path):
    def run():
        with Partial(tmp_path / "a.tif", force=False, resume=False) as partial:
            partial.begin(HEADER)
            partial.path.write_text("half")
            partial.note({"tile": 1})
            raise error

    with pytest.raises(ValueError):  # noqa: PT011
        run()
    assert list(tmp_path.iterdir()) == []


def test_what_was_ended_is_gone_on_with(tmp_path):
    target = tmp_path / "a.tif"
    left_by_a_killed_process(target)
    with Partial(target, force=False, resume=True) as partial:
        assert partial.plan == HEADER["plan"]
        assert partial.begin(HEADER)
        assert [record["tile"] for record in partial.done] == [0, 1]
    assert target.read_text() == "half"


def test_a_line_that_was_half_written_does_not_count(tmp_path):
    target = tmp_path / "a.tif"
    left_by_a_killed_process(target)
    with (tmp_path / ".a.tif.deconv-journal").open("ab") as file:
        file.write(b'{"tile": 2')
    with Partial(target, force=False, resume=True) as partial:
        assert partial.begin(HEADER)
        partial.note({"tile": 2})
        assert [record["tile"] for record in partial.done] == [0, 1, 2]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"input": "c"}, "the input has changed"),
        ({"settings": "c"}, "the settings are others"),
        ({"x": 1}, "otherwise"),
    ],
)
def test_other_work_is_not_gone_on_with_and_stays(change, words, tmp_path):
    target = tmp_path / "a.tif"
    left_by_a_killed_process(target)
    partial = Partial(target, force=False, resume=True)
    with pytest.raises(PictureError, match=words), partial:
        partial.begin({**HEADER, **change})
    partial = Partial(target, force=False, resume=False)
    with pytest.raises(PictureError, match=r"written in part already \(2 tiles\) \(go on with resume=True"), partial:
        partial.begin(HEADER)
    with Partial(target, force=True, resume=False) as partial:
        assert not partial.begin({**HEADER, **change})
        partial.path.write_text("new")
    assert target.read_text() == "new"
    assert [p.name for p in tmp_path.iterdir()] == ["a.tif"]


def test_two_processes_do_not_write_one_output(tmp_path):
    pytest.importorskip("fcntl")
    first = Partial(tmp_path / "a.tif", force=False, resume=True)
    second = Partial(tmp_path / "a.tif", force=False, resume=True)
    with first:
        first.begin(HEADER)
        first.path.write_text("first")
        with pytest.raises(PictureError, match="is being written by another process"):
            second.__enter__()
    assert (tmp_path / "a.tif").read_text() == "first"


def test_inputs_folders_and_what_exists_are_not_replaced(tmp_path):
    target = tmp_path / "a.zarr"
    target.mkdir()
    (target / "photo.jpg").write_text("not a store")
    with pytest.raises(PictureError, match="is a folder"):
        Partial(target, force=True, resume=False)
    (target / "zarr.json").write_text("{}")
    with pytest.raises(PictureError, match="exists already"):
        Partial(target, force=False, resume=False)
    with pytest.raises(PictureError, match="is also an input"):
        Partial(target, force=True, resume=False, inputs=[target])
    with pytest.raises(PictureError, match="there is no folder"):
        Partial(tmp_path / "none" / "a.tif", force=False, resume=False)
    with Partial(target, force=True, resume=False) as partial:
        partial.begin(HEADER)
        partial.path.mkdir()
        (partial.path / "zarr.json").write_text("new")
    assert [p.name for p in tmp_path.rglob("*")] == ["a.zarr", "zarr.json"]
