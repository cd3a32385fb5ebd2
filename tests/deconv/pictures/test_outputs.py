"""Outputs appear whole or not at all, and what was there before stays unless everything succeeded."""

import errno
import os
import stat

import numpy as np
import pytest

from deconv.pictures import Outputs, Picture, PictureError, read, write


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def write_all(folder, *outputs_wanted, force=False, then=lambda: None):
    """Write "new" to every output, and do something else before they are published."""
    with Outputs(force=force) as outputs:
        for name in outputs_wanted:
            outputs.reserve(folder / name).write_text("new")
        then()


def raising(error):
    def fail():
        raise error

    return fail


def test_two_outputs_appear_together(tmp_path):
    with Outputs() as outputs:
        first = outputs.reserve(tmp_path / "größe Ω.png")
        second = outputs.reserve(tmp_path / "a.figure.svg")
        assert (first.parent, first.suffix, second.suffix) == (tmp_path, ".png", ".svg")
        write(Picture(np.zeros((3, 4), np.uint8)), first)
        second.write_text("figure")
        assert not (tmp_path / "größe Ω.png").exists()
    assert names(tmp_path) == ["a.figure.svg", "größe Ω.png"]
    assert read(tmp_path / "größe Ω.png").samples.shape == (3, 4)


@pytest.mark.parametrize("error", [KeyboardInterrupt, SystemExit, ValueError])
def test_a_failure_leaves_nothing_and_keeps_what_was(tmp_path, error):
    (tmp_path / "old.txt").write_text("old")

    with pytest.raises(error):
        write_all(tmp_path, "new.txt", "old.txt", force=True, then=raising(error))
    assert names(tmp_path) == ["old.txt"]
    assert (tmp_path / "old.txt").read_text() == "old"


def test_an_existing_file_needs_force(tmp_path):
    (tmp_path / "a.txt").write_text("old")
    with (
        Outputs() as outputs,
        pytest.raises(
            PictureError,
            match=r"a.txt: exists already \(allow it to be replaced with force=True, or name another output",
        ),
    ):
        outputs.reserve(tmp_path / "a.txt")
    with Outputs(force=True) as outputs:
        outputs.reserve(tmp_path / "a.txt").write_text("new")
    assert (tmp_path / "a.txt").read_text() == "new"
    assert names(tmp_path) == ["a.txt"]


@pytest.mark.parametrize("link", [None, os.symlink, os.link])
def test_an_input_is_never_overwritten(tmp_path, link):
    (tmp_path / "in.png").write_text("in")
    output = tmp_path / "in.png"
    if link is not None:
        output = tmp_path / "link.png"
        link(tmp_path / "in.png", output)
    outputs = Outputs(force=True, inputs=[tmp_path / "in.png"])
    with outputs, pytest.raises(PictureError, match="is also an input"):
        outputs.reserve(output)
    assert (tmp_path / "in.png").read_text() == "in"


def test_a_symbolic_link_stays_one(tmp_path):
    (tmp_path / "store").mkdir()
    (tmp_path / "store" / "real.txt").write_text("old")
    (tmp_path / "a.txt").symlink_to("store/real.txt")
    (tmp_path / "dangling.txt").symlink_to("store/new.txt")
    with Outputs(force=True) as outputs:
        outputs.reserve(tmp_path / "a.txt").write_text("new")
        outputs.reserve(tmp_path / "dangling.txt").write_text("newer")
    assert (tmp_path / "a.txt").is_symlink()
    assert (tmp_path / "store" / "real.txt").read_text() == "new"
    assert (tmp_path / "store" / "new.txt").read_text() == "newer"


def test_one_file_is_not_written_twice(tmp_path):
    (tmp_path / "link.txt").symlink_to("a.txt")
    with pytest.raises(PictureError, match="would be written twice"):
        write_all(tmp_path, "a.txt", "link.txt")
    assert names(tmp_path) == ["link.txt"]


def test_permissions_follow_the_umask_or_the_former_file(tmp_path):
    before = os.umask(0o022)
    try:
        (tmp_path / "old.txt").write_text("old")
        (tmp_path / "old.txt").chmod(0o640)
        with Outputs(force=True) as outputs:
            outputs.reserve(tmp_path / "new.txt").write_text("new")
            outputs.reserve(tmp_path / "old.txt").write_text("new")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "new.txt").stat().st_mode) == 0o644
    assert stat.S_IMODE((tmp_path / "old.txt").stat().st_mode) == 0o640


def test_folders(tmp_path):
    with Outputs() as outputs, pytest.raises(PictureError, match="there is no folder"):
        outputs.reserve(tmp_path / "sub" / "a.txt")
    with Outputs(make_folders=True) as outputs:
        outputs.reserve(tmp_path / "sub" / "deep" / "a.txt").write_text("x")
    assert (tmp_path / "sub" / "deep" / "a.txt").read_text() == "x"
    with Outputs(force=True) as outputs, pytest.raises(PictureError, match="is a folder"):
        outputs.reserve(tmp_path / "sub")
    (tmp_path / "file").write_text("x")
    for make_folders in (False, True):
        with (
            Outputs(make_folders=make_folders) as outputs,
            pytest.raises(PictureError, match="cannot be written"),
        ):
            outputs.reserve(tmp_path / "file" / "a.txt")


def test_a_folder_that_cannot_be_written_to(tmp_path, monkeypatch):
    def refuse(*arguments, **options):
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(os, "open", refuse)  # permission bits do not stop root
    with (
        Outputs() as outputs,
        pytest.raises(PictureError, match=r"a.txt: cannot be written: permission denied \("),
    ):
        outputs.reserve(tmp_path / "a.txt")


def test_a_file_that_appears_meanwhile_is_kept(tmp_path):
    with pytest.raises(PictureError, match=r"b\.txt: has appeared meanwhile"):
        write_all(tmp_path, "a.txt", "b.txt", then=lambda: (tmp_path / "b.txt").write_text("theirs"))
    assert names(tmp_path) == ["b.txt"]
    assert (tmp_path / "b.txt").read_text() == "theirs"


@pytest.mark.parametrize("failing", [1, 2])
def test_a_failing_rename_undoes_the_others(tmp_path, monkeypatch, failing):
    for name in ("a.txt", "b.txt"):
        (tmp_path / name).write_text("old")
    calls = []
    replace = os.replace

    def failing_replace(source, target):
        calls.append(target)
        if len(calls) == failing:
            raise KeyboardInterrupt
        replace(source, target)

    monkeypatch.setattr(os, "replace", failing_replace)
    with pytest.raises(KeyboardInterrupt):
        write_all(tmp_path, "a.txt", "new.txt", "b.txt", force=True)
    assert names(tmp_path) == ["a.txt", "b.txt"]
    assert {(tmp_path / name).read_text() for name in ("a.txt", "b.txt")} == {"old"}


@pytest.fixture
def without_hard_links(monkeypatch):
    def refuse(*arguments, **options):
        raise OSError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(os, "link", refuse)


@pytest.mark.usefixtures("without_hard_links")
def test_without_hard_links(tmp_path):
    (tmp_path / "old.txt").write_text("old")
    with Outputs(force=True) as outputs:
        outputs.reserve(tmp_path / "old.txt").write_text("new")
        outputs.reserve(tmp_path / "new.txt").write_text("new")
    assert names(tmp_path) == ["new.txt", "old.txt"]
    assert (tmp_path / "old.txt").read_text() == "new"
    with pytest.raises(PictureError, match="has appeared meanwhile"):
        write_all(tmp_path, "a.txt", "b.txt", then=lambda: (tmp_path / "b.txt").write_text("theirs"))
    assert names(tmp_path) == ["b.txt", "new.txt", "old.txt"]
    assert (tmp_path / "b.txt").read_text() == "theirs"


def test_a_full_disk_is_said_of_the_output(tmp_path):
    full = raising(OSError(errno.ENOSPC, "No space left on device"))
    with pytest.raises(PictureError, match=r"a\.txt: cannot be written: the disk is full"):
        write_all(tmp_path, "a.txt", then=full)
    assert names(tmp_path) == []


def test_an_error_names_the_output_and_not_the_temporary(tmp_path):
    with pytest.raises(PictureError, match=r"a.png: PNG cannot hold float32") as caught, Outputs() as outputs:
        write(Picture(np.zeros((3, 4), np.float32)), outputs.reserve(tmp_path / "a.png"))
    assert caught.value.path == tmp_path / "a.png"
    assert names(tmp_path) == []


def test_an_output_that_nobody_wrote_is_a_fault(tmp_path):
    with pytest.raises(RuntimeError, match="nothing was written"), Outputs() as outputs:
        outputs.reserve(tmp_path / "a.txt")
    assert names(tmp_path) == []
