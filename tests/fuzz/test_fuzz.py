"""A short campaign over hostile files and arrays: a sane result or one line, and never anything else."""

import time

import pytest

from tests.fuzz.arrays import Arrays
from tests.fuzz.campaign import run_cases
from tests.fuzz.commands import Commands
from tests.fuzz.corpus import build
from tests.fuzz.pictures import Pictures

pytestmark = pytest.mark.fuzz

#: Seconds of each campaign, and the seed of its cases: `python -m tests.fuzz` runs others and more.
SECONDS, SEED = 50, 20


def faults(cases, least=100):
    outcomes = run_cases(cases, SEED, range(1_000_000), until=time.monotonic() + SECONDS)
    assert len(outcomes) > least
    return [outcome for outcome in outcomes if outcome.is_fault]


def test_commands(tmp_path):
    assert faults(Commands(tmp_path, build(tmp_path))) == []


def test_arrays():
    assert faults(Arrays()) == []


def test_pictures():
    assert faults(Pictures(), least=20) == []
