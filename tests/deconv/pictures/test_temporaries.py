"""What a killed process left is removed by the next that writes there; what another still writes is not."""

import os
import subprocess
import sys
import time

import pytest

from deconv.pictures import Outputs, temporaries


@pytest.fixture
def left_over(tmp_path, monkeypatch):
    """Make a temporary as a process of that number and machine would have."""

    def make(process, machine=None, age=0.0):
        with monkeypatch.context() as patch:
            patch.setattr(os, "getpid", lambda: process)
            if machine is not None:
                patch.setattr(temporaries, "_machine", lambda: machine)
            path = tmp_path / f"{temporaries.temporary_stem()}.png"
        path.write_bytes(b"half")
        os.utime(path, (time.time() - age,) * 2)
        return path

    return make


def write_beside(folder):
    with Outputs() as outputs:
        outputs.reserve(folder / "a.txt").write_text("whole")


@pytest.fixture
def ended():
    """Return the number of a process that was waited for, and of one that has ended and was not."""
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    with subprocess.Popen([sys.executable, "-c", ""], stdout=subprocess.PIPE) as unwaited:
        unwaited.stdout.read()  # until it has ended
        time.sleep(0.05)
        yield dead.pid, unwaited.pid


@pytest.mark.skipif(not os.path.exists("/proc/self/stat"), reason="the system does not tell who has ended")
def test_temporaries_of_ended_processes_are_removed(left_over, ended, tmp_path):
    for process in ended:
        left_over(process)
    left_over(ended[0]).rename(
        tmp_path / f"{temporaries.temporary_stem().replace(str(os.getpid()), str(ended[0]))}.former"
    )
    write_beside(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["a.txt"]


def test_nothing_else_is(left_over, tmp_path):
    own = left_over(os.getpid())
    others = left_over(os.getppid())
    elsewhere, long_ago = left_over(7, "0" * 8), left_over(7, "0" * 8, age=2 * temporaries.ABANDONED)
    users = tmp_path / ".deconv-settings.png"
    users.write_text("mine")
    (tmp_path / long_ago.name.replace("-7-", "-8-")).mkdir()
    write_beside(tmp_path)
    assert own.exists()
    assert others.exists()
    assert elsewhere.exists()
    assert users.exists()
    assert not long_ago.exists()
    assert (tmp_path / long_ago.name.replace("-7-", "-8-")).is_dir()


def test_names_say_whose_they_are(tmp_path):
    with Outputs() as outputs:
        path = outputs.reserve(tmp_path / "a.png")
        assert path.name.startswith(f".deconv-{temporaries._machine()}-{os.getpid()}-")
        assert path.suffix == ".png"
        path.write_text("whole")
