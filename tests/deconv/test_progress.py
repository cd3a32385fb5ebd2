"""What a terminal shows while something takes long; nothing where nobody looks."""

import io
import time
from contextlib import redirect_stderr

import numpy as np
import pytest
from PIL import Image

import deconv.deblur.run
import deconv.progress
import restore
from deconv.main import main
from deconv.progress import listened_to, progress
from deconv.serve.command import request_for
from deconv.settings import Reporting


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.fixture
def terminal(monkeypatch):
    monkeypatch.setattr(deconv.progress, "SILENCE", 0.05)
    monkeypatch.setattr(deconv.progress, "RENEWAL", 0.02)
    return Terminal()


def shown_until(terminal, words):
    """Wait until all these words were shown."""
    end = time.monotonic() + 20
    while time.monotonic() < end and not all(word in terminal.getvalue() for word in words):
        time.sleep(0.01)
    return all(word in terminal.getvalue() for word in words)


def test_work_that_says_nothing_is_not_silent(terminal):
    with redirect_stderr(terminal), progress(Reporting(), "estimating"):
        assert terminal.getvalue() == ""
        assert shown_until(terminal, ["estimating: 00:0"])
        assert "%" not in terminal.getvalue()
    assert terminal.getvalue().endswith("\r")  # the line is taken away


def test_a_bar_shows_the_share(terminal):
    with redirect_stderr(terminal), progress(Reporting(), "restoring") as advance:
        advance(0.25)
        advance(1.0)
    assert "restoring:  25%|" in terminal.getvalue()
    assert "restoring: 100%|" in terminal.getvalue()


def test_quick_work_shows_nothing(terminal, monkeypatch):
    monkeypatch.setattr(deconv.progress, "SILENCE", 60)
    with redirect_stderr(terminal), progress(Reporting(), "quick"):
        pass
    assert terminal.getvalue() == ""


@pytest.mark.parametrize("is_terminal", [True, False])
def test_nobody_looks(is_terminal, terminal):
    terminal.isatty = lambda: is_terminal
    with redirect_stderr(terminal), progress(Reporting(quiet=is_terminal), "restoring") as advance:
        assert advance is None


def test_within_a_work_another_only_says_what_is_done(terminal):
    heard = []
    with listened_to(lambda *told: heard.append(told)), progress(Reporting(quiet=True), "reading") as advance:
        advance(0.25)
        with progress(Reporting(), "restoring") as inner:
            assert inner is None
            advance(0.5)
        advance(1.0)
    assert heard == [("reading", None), ("reading", 0.25), ("restoring", 0.25), ("restoring", 0.5), ("restoring", 1.0)]
    with redirect_stderr(terminal), progress(Reporting(), "reading") as advance:
        advance(0.25)
        with progress(Reporting(), "restoring"):
            advance(0.75)
    assert "reading:  25%|" in terminal.getvalue()
    assert "restoring:  75%|" in terminal.getvalue()


@pytest.mark.parametrize("method", ["wiener", "auto"])
def test_a_run_is_heard_of_from_its_beginning_to_its_end(method, tmp_path):
    picture = np.clip(restore.degrade(np.kron(np.eye(4), np.ones((12, 12))), restore.psf.disk(2), rng=0), 0, 1)
    Image.fromarray((255 * picture).astype(np.uint8)).save(tmp_path / "photo.png")
    heard = []
    with listened_to(lambda *told: heard.append(told)):
        words = ["--psf", "disk", "--radius", "2", "--method", method, "--no-figure", "--quiet"]
        assert main(["deblur", str(tmp_path / "photo.png"), *words]) == 0
    titles, shares = zip(*heard, strict=True)
    assert list(dict.fromkeys(titles)) == [
        "reading",
        "restoring" if method == "auto" else method,
        "writing and drawing",
    ]
    shares = [share for share in shares if share is not None]
    assert shares[0] == 0
    assert shares == sorted(shares)
    assert shares[-1] == 1
    assert len(shares) > 8

    class Over(Exception):
        pass

    def end(_, share):
        if share:
            raise Over

    (tmp_path / "photo.restored.png").unlink()
    request = request_for(["deblur", str(tmp_path / "photo.png"), *words])
    with listened_to(end), pytest.raises(Over):
        deconv.deblur.run._deblur_one(request, request.inputs[0])
    assert not (tmp_path / "photo.restored.png").exists()
