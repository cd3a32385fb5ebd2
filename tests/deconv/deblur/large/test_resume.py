"""Killed at any moment and started again it goes on, and the result is that of one run, byte for byte."""

import random
import shutil
import time

import pytest

SUFFIXES = [".tif", pytest.param(".zarr", marks=pytest.mark.slow), pytest.param(".npy", marks=pytest.mark.slow)]


def content(path):
    files = sorted(p for p in path.rglob("*") if p.is_file()) if path.is_dir() else [path]
    return [(p.relative_to(path).as_posix(), p.read_bytes()) for p in files]


def tiles_done(out):
    """How many tiles are noted."""
    journal = out.with_name(f".{out.name}.deconv-journal")
    return journal.read_bytes().count(b"\n") - 1 if journal.exists() else 0


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_killed_process_is_gone_on_with(cut, process, large, wiener, suffix, tmp_path, capsys):
    if suffix == ".zarr":
        pytest.importorskip("zarr")
    words, out, reference = (*wiener, "--no-figure"), tmp_path / f"out{suffix}", tmp_path / f"reference{suffix}"
    assert cut(large, *words, "-o", reference) == 0
    killed = process(large, *words, "-o", out)
    while killed.poll() is None and tiles_done(out) < 2:
        time.sleep(0.001)
    killed.kill()
    killed.communicate()
    assert killed.returncode == -9
    done = tiles_done(out)
    assert 2 <= done < 9
    assert not out.exists()
    assert cut(large, *words, "-o", out) == 2
    assert "go on with --resume, or start afresh with --force" in capsys.readouterr().err
    assert cut(large, *words, "--smoother", "2", "--resume", "-o", out) == 2
    assert "the settings are others" in capsys.readouterr().err
    assert (
        cut(large, *words[:-2], "1700K", "--no-figure", "--resume", "-o", out) == 0
    )  # the plan is that of the first run
    assert f"{done} of them by an earlier run" in capsys.readouterr().err
    assert content(out) == content(reference)
    assert sorted(p.name for p in tmp_path.iterdir()) == sorted(["large.tif", out.name, reference.name])


def test_another_input_is_not_gone_on_with(cut, large, wiener, tmp_path, capsys, monkeypatch):
    words, out = (*wiener, "--no-figure", "-o", tmp_path / "out.tif"), tmp_path / "out.tif"
    from deconv.deblur.large.tile_work import TileWork

    whole = TileWork.done

    def ended(self, place):
        if place[1] == (1, 1):
            raise KeyboardInterrupt
        return whole(self, place)

    with monkeypatch.context() as patch:
        patch.setattr(TileWork, "done", ended)
        assert cut(large, *words) == 130
    assert "4 of 9 tiles are done; --resume goes on with them" in capsys.readouterr().err
    assert not out.exists()
    again = large.read_bytes()
    large.write_bytes(again[:-1] + bytes([again[-1] ^ 1]))
    assert cut(large, *words, "--resume") == 2
    assert "the input has changed" in capsys.readouterr().err
    assert cut(large, *words, "--force") == 0
    assert out.exists()


@pytest.mark.slow
@pytest.mark.parametrize("suffix", [".tif", ".zarr", ".npy"])
def test_whenever_it_is_killed(cut, process, large, wiener, suffix, tmp_path):
    if suffix == ".zarr":
        pytest.importorskip("zarr")
    words, out, reference = (*wiener, "--no-figure"), tmp_path / f"out{suffix}", tmp_path / f"reference{suffix}"
    assert cut(large, *words, "-o", reference) == 0
    rng = random.Random(0)
    for _ in range(3):
        while not out.exists():
            run = process(large, *words, "--resume", "-o", out)
            wait = 0.9 + 2 * rng.random()
            begun = time.monotonic()
            while run.poll() is None and time.monotonic() < begun + wait:
                time.sleep(0.002)
            run.kill()
            run.communicate()
            assert run.returncode in (0, -9)
        assert content(out) == content(reference)
        shutil.rmtree(out) if out.is_dir() else out.unlink()
