"""Fuzz the program and the libraries: `python -m tests.fuzz --cases 10000 --seed 1`, `--case 17` to see one again."""

import argparse
import collections
import tempfile
import time
from pathlib import Path

from tests.fuzz.arrays import Arrays
from tests.fuzz.campaign import run_case, run_cases
from tests.fuzz.commands import Commands
from tests.fuzz.corpus import build
from tests.fuzz.kills import FullDisks, Kills
from tests.fuzz.pictures import Pictures


def main():
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--what", choices=("commands", "arrays", "pictures", "kills", "disks"), default="commands")
    parser.add_argument("--cases", type=int, default=1000, metavar="N", help="how many (1000)")
    parser.add_argument("--first", type=int, default=0, metavar="N", help="number of the first (0)")
    parser.add_argument("--seconds", type=float, default=float("inf"), metavar="S", help="stop after so many")
    parser.add_argument("--seed", type=int, default=0, metavar="N")
    parser.add_argument("--case", type=int, metavar="N", help="run this one alone, and leave its files")
    parser.add_argument("--extreme", action="store_true", help="arrays near both ends of the range of numbers too")
    arguments = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="fuzz-"))
    cases = cases_of(arguments.what, folder, extreme=arguments.extreme)
    if arguments.case is not None:
        print(folder, run_case(cases, arguments.seed, arguments.case))
        return 0
    started = time.monotonic()
    numbers = range(arguments.first, arguments.first + arguments.cases)
    outcomes = run_cases(cases, arguments.seed, numbers, until=started + arguments.seconds)
    report(outcomes, time.monotonic() - started)
    return int(any(outcome.is_fault for outcome in outcomes))


def cases_of(what, folder, *, extreme):
    """Return what makes and judges the cases of a kind, in a folder of its own."""
    if what == "arrays":
        return Arrays(extreme=extreme)
    if what == "pictures":
        return Pictures()
    kinds = build(folder)
    return Commands(folder, kinds) if what == "commands" else {"kills": Kills, "disks": FullDisks}[what](folder)


def report(outcomes, seconds):
    """Print how often each outcome was met, and one case of every fault."""
    counts = collections.Counter(outcome.result for outcome in outcomes)
    for outcome in {o.result: o for o in reversed(outcomes) if o.is_fault}.values():
        print(
            f"{counts[outcome.result]:5d} x {outcome.result}\n        case {outcome.number}: {' '.join(outcome.words)}"
        )
    slowest = max(outcomes, key=lambda outcome: outcome.seconds)
    good = {result: count for result, count in counts.items() if result in ("0", "2", "done", "refused")}
    faults = sum(outcome.is_fault for outcome in outcomes)
    print(f"{len(outcomes)} cases in {seconds:.0f} s: {good}, {faults} faults")
    print(f"the slowest took {slowest.seconds:.1f} s (case {slowest.number})")


if __name__ == "__main__":
    raise SystemExit(main())
