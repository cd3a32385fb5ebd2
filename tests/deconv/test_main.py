"""From the words of a command line to an exit code."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
GAUSSIAN = ["--psf", "gaussian", "--sigma", "1.5"]


def test_a_fault_of_the_program_is_exit_code_1(run, photo, monkeypatch, capsys):
    import deconv.deblur.run

    monkeypatch.setattr(deconv.deblur.run, "compare", lambda *_: 1 / 0)
    assert run("deblur", photo, *GAUSSIAN, "--reference", photo) == 1
    assert "internal error: ZeroDivisionError" in capsys.readouterr().err
    assert list(photo.parent.iterdir()) == [photo]


def test_ctrl_c_is_exit_code_130_and_leaves_nothing(run, photo, monkeypatch):
    import deconv.deblur.figure

    def interrupted(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(deconv.deblur.figure, "comparison", interrupted)
    assert run("deblur", photo, *GAUSSIAN) == 130
    assert list(photo.parent.iterdir()) == [photo]


def test_debug_shows_the_traceback(run, tmp_path, capsys):
    assert run("deblur", tmp_path / "nothing.png", *GAUSSIAN, "--debug") == 2
    assert "Traceback" in capsys.readouterr().err


@pytest.mark.parametrize(
    "command", ["", "blur", "deblur", "estimate", "upsample", "contrast"], ids=lambda c: c or "none"
)
def test_help_is_light_and_shows_examples(command, loaded_by):
    lines, loaded = loaded_by(*command.split(), "--help")
    assert lines[-1] == "exit 0"
    assert loaded == []
    assert ("examples:" in lines) == bool(command)


def test_the_program_runs_from_any_folder(photo, tmp_path):
    command = [sys.executable, str(ROOT / "cli.py"), "deblur", "photo.png", *GAUSSIAN, "--no-figure"]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout == ""
    assert (tmp_path / "photo.restored.png").exists()
