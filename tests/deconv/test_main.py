"""From the words of a command line to an exit code."""

import os
import platform
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import deconv
from deconv import main, process

ROOT = Path(__file__).resolve().parents[2]
GAUSSIAN = ["--psf", "gaussian", "--sigma", "1.5"]
#: What the command of an installed wheel runs.
INSTALLED = "import sys; from deconv.main import main; sys.exit(main())"


def test_a_fault_of_the_program_is_exit_code_1(run, photo, monkeypatch, capsys):
    import deconv.deblur.run

    monkeypatch.setattr(deconv.deblur.run, "compare", lambda *_: 1 / 0)
    assert run("deblur", photo, *GAUSSIAN, "--reference", photo) == 1
    assert "internal error: ZeroDivisionError" in capsys.readouterr().err
    assert list(photo.parent.iterdir()) == [photo]


def test_ctrl_c_is_exit_code_130_and_leaves_nothing(run, photo, monkeypatch):
    import deconv.deblur.figure

    def interrupted(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr(deconv.deblur.figure, "comparison", interrupted)
    assert run("deblur", photo, *GAUSSIAN) == 130
    assert list(photo.parent.iterdir()) == [photo]


def test_debug_shows_the_traceback(run, tmp_path, capsys):
    assert run("deblur", tmp_path / "nothing.png", *GAUSSIAN, "--debug") == 2
    assert "Traceback" in capsys.readouterr().err


@pytest.mark.parametrize(
    "command", ["", "blur", "deblur", "estimate", "psf", "upsample", "contrast", "serve"], ids=lambda c: c or "none"
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


@pytest.mark.parametrize(
    ("start", "program"),
    [(["cli.py"], "cli.py"), (["-m", "deconv"], "python -m deconv"), (["-c", INSTALLED], "deconv")],
    ids=lambda value: value if isinstance(value, str) else None,
)
def test_the_program_is_called_as_it_was_started(start, program):
    def told(*words):
        return subprocess.run([sys.executable, *start, *words], capture_output=True, text=True, cwd=ROOT, check=False)

    help_text = told("deblur", "--help").stdout
    assert help_text.startswith(f"usage: {program} deblur ")
    assert f"\n  {program} deblur photo.jpg  " in help_text
    assert told("deblur", "--nothing").stderr.rstrip().endswith(f"(see '{program} deblur --help')")


def test_the_version_is_said(run, capsys):
    with pytest.raises(SystemExit) as end:
        run("--version")
    assert end.value.code == 0
    assert capsys.readouterr().out == f"deconv {deconv.__version__}\n"


@pytest.mark.parametrize("command", ["blur", "contrast"])
def test_commands_that_estimate_no_blur_offer_none(command, run, capsys):
    with pytest.raises(SystemExit):
        run(command, "--help")
    text = capsys.readouterr().out
    assert "moffat" in text
    for word in ("auto:", "blind", "--psf-size", "estimated"):
        assert word not in text


@pytest.mark.parametrize(
    ("line", "word"),
    [("deconv deb", "deblur"), ("deconv deblur a.png --method tot", "total_variation"), ("deconv --ver", "--version")],
)
def test_a_shell_completes_a_line(line, word, tmp_path):
    pytest.importorskip("argcomplete")
    asked = {"_ARGCOMPLETE": "1", "COMP_LINE": line, "COMP_POINT": str(len(line)), "_ARGCOMPLETE_IFS": "\n"}
    answer = tmp_path / "answer"
    environment = os.environ | asked | {"_ARGCOMPLETE_STDOUT_FILENAME": str(answer), "PYTHONPATH": str(ROOT)}
    subprocess.run([sys.executable, "-c", INSTALLED], env=environment, check=True, cwd=tmp_path)
    assert word in answer.read_text().split()


LARGE_ARRAYS = """
import resource
import numpy as np
from deconv import process
process.prepare(debug=False)
def faults():
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt
np.ones(1 << 22)
before = faults()
for _ in range(8):
    np.ones(1 << 22)
print(faults() - before)
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="another C library")
def test_the_memory_of_large_arrays_is_used_again():
    path = os.environ | {"PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, "-c", LARGE_ARRAYS], env=path, check=True, capture_output=True, text=True)
    assert int(done.stdout) < 100  # an array of 32 MiB is 16 pages of the largest kind, 8192 of the usual one


HALF_WRITTEN = """
import time
from deconv import process
from deconv.pictures import Outputs
process.prepare(debug=False)
with Outputs() as outputs:
    outputs.reserve("a.png").write_bytes(b"half")
    print(flush=True)
    time.sleep(60)
"""


def _with_signals_of_a_terminal():
    """Undo what `nohup` did, if the tests run under it."""
    signal.signal(signal.SIGHUP, signal.SIG_DFL)


@pytest.mark.parametrize(("number", "code"), [("SIGTERM", 143), ("SIGHUP", 129)])
def test_a_signal_that_ends_the_program_leaves_nothing(number, code, tmp_path):
    path = {"PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", HALF_WRITTEN]
    options = {"cwd": tmp_path, "env": os.environ | path, "preexec_fn": _with_signals_of_a_terminal}
    with subprocess.Popen(command, stdout=subprocess.PIPE, **options) as run:
        run.stdout.readline()
        assert len(list(tmp_path.iterdir())) == 1
        run.send_signal(getattr(signal, number))
    assert run.returncode == code
    assert list(tmp_path.iterdir()) == []


@pytest.fixture
def signals():
    """Leave the signals, and what is known of them, as they were."""
    former = {number: signal.getsignal(number) for number in process.ENDING}
    yield
    process._received.clear()
    for number, handler in former.items():
        signal.signal(number, handler)


@pytest.mark.parametrize("pictures", [1, 2])
def test_a_module_that_is_being_loaded_does_not_hide_a_signal(pictures, signals, tmp_path, monkeypatch, capsys):
    def loading(*_):
        try:
            process._end(signal.SIGTERM, None)
        except SystemExit:
            raise ImportError("initialization failed") from None

    np.save(tmp_path / "a.npy", np.ones((4, 4)))
    monkeypatch.setattr("deconv.estimate.run.read_light", loading)
    assert main.main(["estimate", *[str(tmp_path / "a.npy")] * pictures]) == 143
    assert capsys.readouterr().err == ""
