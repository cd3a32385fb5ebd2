"""Many cases in forked processes: each case has its seed, its time and its memory, and a crash is an outcome too."""

import collections
import dataclasses
import multiprocessing
import os
import resource
import time

import numpy as np

#: Bytes that a case may take beyond what the program has when it begins, and seconds.
MEMORY, SECONDS = 2 << 30, 60.0


@dataclasses.dataclass(frozen=True)
class Outcome:
    """A case by its number, what was run, and what came of it."""

    number: int
    words: tuple[str, ...]
    result: str
    seconds: float

    @property
    def is_fault(self):
        return self.result not in ("0", "2", "done", "refused")


def run_case(cases, seed, number):
    """Run one case in this process."""
    rng = np.random.default_rng([seed, number])
    words, started = cases.case(rng), time.perf_counter()
    result = str(cases.run(rng, words))
    return Outcome(number, tuple(words), result, time.perf_counter() - started)


def run_cases(cases, seed, numbers, *, until=float("inf")):
    """Run cases until a moment and return the outcomes; a process is forked anew behind one that did not return."""
    outcomes, numbers = [], collections.deque(numbers)
    while numbers and time.monotonic() < until:
        receiver, sender = multiprocessing.Pipe(duplex=False)
        child = multiprocessing.get_context("fork").Process(
            target=_work, args=(cases, seed, list(numbers), sender, until)
        )
        child.start()
        sender.close()
        while numbers:
            began = time.monotonic()
            outcome = _received(receiver)
            if outcome is not None:
                outcomes.append(outcome)
                numbers.popleft()
                continue
            ended = child.exitcode if not child.is_alive() else None
            if time.monotonic() > until and ended == 0:
                break
            what = "took too long" if time.monotonic() - began >= SECONDS else f"the process ended ({child.exitcode})"
            number = numbers.popleft()
            words = tuple(cases.case(np.random.default_rng([seed, number])))
            outcomes.append(Outcome(number, words, what, time.monotonic() - began))
            break
        child.kill()
        child.join()
        cases.clear()
        if not numbers or time.monotonic() > until:
            break
    return outcomes


def _received(receiver):
    """Return the next outcome, None where there comes none."""
    try:
        return receiver.recv() if receiver.poll(SECONDS) else None
    except EOFError:
        time.sleep(0.1)
        return None


def _work(cases, seed, numbers, sender, until):
    limit = _used() + MEMORY
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    for number in numbers:
        if time.monotonic() > until:
            break
        sender.send(run_case(cases, seed, number))
        cases.clear()
    sender.close()
    os._exit(0)


def _used():
    with open("/proc/self/statm", encoding="ascii") as file:
        return int(file.read().split()[0]) * resource.getpagesize()
