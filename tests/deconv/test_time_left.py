"""What is said of the time that is left: the expectation first, then what was measured."""

import pytest

from deconv.time_left import TimeLeft


class Clock:
    now = 0.0

    def __call__(self):
        return self.now


@pytest.mark.parametrize("expected", [None, 20.0, 100.0, 500.0])
@pytest.mark.parametrize("start", [0.0, 7.0])
def test_the_guess_comes_close_however_wrong_the_expectation_was(expected, start):
    clock, total = Clock(), 100.0
    left = TimeLeft(expected, clock)
    assert left.seconds == expected
    for percent in range(101):
        clock.now = start + percent
        left.hear(percent / 100)
        if 20 <= percent < 99:
            assert total - percent == pytest.approx(left.seconds, rel=0.7)
        assert left.seconds is None or left.seconds >= 1


def test_it_runs_down_while_nothing_is_heard():
    clock = Clock()
    left = TimeLeft(None, clock)
    left.hear(0.0)
    clock.now = 10
    left.hear(0.5)
    said = [left.seconds]
    for clock.now in (13, 16, 25):
        said.append(left.seconds)
    assert said == [10, 7, 4, 1]
