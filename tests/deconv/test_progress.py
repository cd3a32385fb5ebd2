"""What a terminal shows while something takes long; nothing where nobody looks."""

import io
import time
from contextlib import redirect_stderr

import pytest

import deconv.progress
from deconv.progress import progress
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
