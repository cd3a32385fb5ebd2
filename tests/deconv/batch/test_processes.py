"""Several processes: the results of one, whatever ends, and nothing left behind."""

import json
import os
import signal
import subprocess
import sys
import time
from multiprocessing import Pipe
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import deconv.batch.worker
import deconv.process
from deconv.batch.outcome import Outcome, outcome_of
from deconv.batch.processes import Processes
from deconv.batch.worker import Task, answer
from deconv.errors import UsageError
from deconv.progress import progress
from deconv.report import Report
from deconv.settings import Reporting

ROOT = Path(__file__).resolve().parents[3]
QUICK = ("--psf", "gaussian", "--sigma", "1.5", "--method", "wiener", "--no-figure")
#: Hours of work, in steps that take a moment.
ENDLESS = ("--psf", "gaussian", "--sigma", "1.5", "--method", "richardson_lucy", "--iterations", "9000000")
ENDLESS += ("--outliers", "keep", "--no-figure")
posix = pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")


@pytest.fixture
def folder(tmp_path, texture):
    (tmp_path / "in").mkdir()
    for number in range(4):
        samples = (255 * texture((48, 56), seed=number)).astype(np.uint8)
        Image.fromarray(samples).save(tmp_path / "in" / f"{number}.png")
    return tmp_path


@pytest.fixture
def program(folder):
    """Start the program in the folder; whatever a test leaves running is ended, its processes with it."""
    running = []

    def start(*words):
        line = [sys.executable, str(ROOT / "cli.py"), *map(str, words)]
        streams = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
        running.append(subprocess.Popen(line, cwd=folder, start_new_session=True, **streams))
        return running[-1]

    yield start
    for process in running:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


def workers(folder, count):
    """Wait until so many processes have begun an output, and return their numbers, by the names of what they began."""
    end = time.monotonic() + 60
    while time.monotonic() < end:
        numbers = {int(path.name.split("-")[2]) for path in folder.glob(".deconv-*")}
        if len(numbers) == count:
            return sorted(numbers)
        time.sleep(0.02)
    raise AssertionError(f"no {count} processes are at work")


def ended(number):
    try:
        os.kill(number, 0)
    except ProcessLookupError:
        return True
    stat = Path(f"/proc/{number}/stat")
    return stat.exists() and stat.read_text().rpartition(")")[2].split()[0] == "Z"


def files_of(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_several_processes_give_the_files_of_one(folder, run, monkeypatch, capsys):
    (folder / "in" / "bad.png").write_bytes(b"no picture at all, but long enough for a header")
    monkeypatch.chdir(folder)
    assert run("deblur", "in", *QUICK, "-o", "one", "--json") == 2
    alone, _ = capsys.readouterr()
    assert run("deblur", "in", *QUICK, "-o", "two", "--jobs", "2", "--json") == 2
    out, err = capsys.readouterr()
    assert files_of(folder / "one") == files_of(folder / "two")
    assert len(files_of(folder / "two")) == 4
    records, expected = ({r["input"]: r for r in map(json.loads, text.splitlines())} for text in (out, alone))
    bad = os.path.join("in", "bad.png")
    assert records.keys() == expected.keys() == {os.path.join("in", f"{number}.png") for number in range(4)} | {bad}
    assert records[bad] == expected[bad] == {"input": bad, "error": err.splitlines()[-2].removeprefix("error: ")}
    assert all(records[name].get("parameter") == expected[name].get("parameter") for name in records)
    lines = err.splitlines()
    assert lines[-1] == "1 of 5 pictures failed"
    assert lines[-2].startswith("error: in")
    table = lines[-8:-2]
    assert table[0].split() == ["input", "psf", "strength", "seconds", "remarks"]
    assert [row.split()[0] for row in table[1:]] == sorted(records)  # whichever was ready first
    assert table[-1].endswith("failed: is not a picture of a supported kind")


@posix
def test_a_process_that_the_system_kills_takes_its_file_alone(folder, program):
    process = program("deblur", *(f"in/{n}.png" for n in range(3)), *ENDLESS, "-o", "out", "--jobs", "2", "--json")
    first = workers(folder / "out", 2)
    os.kill(first[0], signal.SIGKILL)
    end = time.monotonic() + 60
    while len(rest := set(workers(folder / "out", 2)) - {first[0]}) < 2 and time.monotonic() < end:
        time.sleep(0.02)  # the third file has a process of its own
    for number in rest:
        os.kill(number, signal.SIGKILL)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 2
    assert err.count("its process was ended from outside") == 3
    assert [sorted(json.loads(line)) for line in out.splitlines()] == [["error", "input"]] * 3
    assert list((folder / "out").iterdir()) == []


@posix
@pytest.mark.parametrize(
    ("send", "number", "code"),
    [
        (os.killpg, signal.SIGINT, 130),  # Ctrl-C at a terminal: to all of them
        pytest.param(os.kill, signal.SIGTERM, 143, marks=pytest.mark.slow),
        pytest.param(os.kill, signal.SIGKILL, -9, marks=pytest.mark.slow),
    ]
    if os.name == "posix"
    else [],
)
def test_the_end_of_the_program_is_the_end_of_its_processes(send, number, code, folder, program):
    process = program("deblur", "in/0.png", "in/1.png", *ENDLESS, "-o", "out", "--jobs", "2")
    numbers = workers(folder / "out", 2)
    begun = time.monotonic()
    send(process.pid, number)
    out, err = process.communicate(timeout=30)
    while time.monotonic() - begun < 20 and not all(map(ended, numbers)):
        time.sleep(0.02)
    assert all(map(ended, numbers))
    assert time.monotonic() - begun < 20
    assert process.returncode == code
    assert (out, err) == ("", "")
    assert list((folder / "out").iterdir()) == []


@posix
def test_a_process_that_ends_without_a_word_is_a_failure_of_its_input():
    """Each input is what the work is given: a number of a signal, an exit code."""
    for work, number, line in (
        (signal.raise_signal, int(signal.SIGKILL), "error: 9: its process was ended from outside"),
        (os._exit, 3, "3: internal error: its process has ended by itself, exit code 3"),
    ):
        with Processes(Task(work, threads=1), 1) as processes:
            (outcome,) = (step for step in processes.outcomes([number]) if isinstance(step, Outcome))
        assert outcome.line.startswith(line)
        assert [source for source, _ in processes.lost] == [number]
    with Processes(Task(time.sleep, threads=1), 2) as processes:
        steps = processes.outcomes([0, 600])
        while not isinstance(next(steps), Outcome):  # of the one that sleeps no time, and returns no report
            pass
    assert [source for source, _ in processes.lost] == [600]


def half(source):
    if source == "bad":
        raise UsageError("bad: it is")
    if source == "fault":
        raise RuntimeError("not thought of")
    with progress(Reporting(quiet=True), "halving") as advance:
        advance(0.5)
    return Report(source)


def test_a_process_answers_every_input_and_says_how_far_it_is(monkeypatch):
    monkeypatch.setattr(deconv.batch.worker, "PAUSE", 0)
    near, far = Pipe()
    for source in ("good", "bad", "fault"):
        near.send(source)
    near.send(None)
    answer(far, Task(half, threads=1))
    share, good, bad, fault = (near.recv() for _ in range(4))
    assert share == 0.5
    assert (good.report.source, good.error) == ("good", "")
    assert (bad.line, bad.is_fault) == ("error: bad: it is", False)
    assert fault.line == "fault: internal error: RuntimeError: not thought of (--debug shows where)"
    assert 'raise RuntimeError("not thought of")' in fault.trace
    near.close()
    answer(far, Task(half, threads=1))  # nobody asks: it ends


def test_what_ends_the_process_is_no_failure_of_an_input(monkeypatch):
    monkeypatch.setattr(deconv.process, "_received", [15])
    with pytest.raises(RuntimeError):
        outcome_of("fault", half)
