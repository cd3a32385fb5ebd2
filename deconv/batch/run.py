"""One input or many: progress, what went wrong with an input, and going on after a bad one."""

from __future__ import annotations

import os
from collections.abc import Generator, Sequence
from contextlib import closing

from scipy import fft

from deconv.batch.finished import Results
from deconv.batch.outcome import Outcome, Work, failed, outcome_of, reported
from deconv.batch.processes import Processes
from deconv.batch.table import table
from deconv.batch.worker import Task
from deconv.console import tell
from deconv.errors import UsageError
from deconv.pictures.temporaries import remove_left_over
from deconv.progress import Count
from deconv.settings import Reporting

#: Of a command that writes no result for each input.
NO_RESULTS = Results(of=lambda _: ())


def run_batch(
    inputs: Sequence[str],
    work: Work,
    reporting: Reporting,
    *,
    figure: str | None = None,
    results: Results = NO_RESULTS,
) -> int:
    """Run `work` on every input and return the exit code; `figure` is the file that was named for one figure.

    A single bad input raises. Of several, a bad one is passed over and named at the end, with exit code 2; 1 if the
    program itself failed on one. `work` goes to other processes where several are asked for. Each input is reported
    when it is done, and a table closes the run in the order of the inputs.
    """
    if len(inputs) > 1 and figure is not None:
        raise UsageError("--figure names one file: leave it out for several pictures, each gets its own")
    settled = results.without_work(inputs)
    if len(inputs) == 1 and not settled:
        _alone(inputs[0], work, reporting)
        return 0
    outcomes = dict(settled)
    for outcome in settled.values():
        _publish(outcome, reporting)
    remaining = [source for source in inputs if source not in settled]
    with Count(len(remaining), reporting) as count, closing(_worked_on(remaining, work, reporting, results)) as stream:
        for step in stream:
            if isinstance(step, Outcome):
                with count.aside(done=1):
                    _publish(step, reporting)
                outcomes[step.source] = step
            else:
                count.show(step)
    return _closed([outcomes[source] for source in inputs], reporting)


def _alone(source: str, work: Work, reporting: Reporting) -> None:
    """Report one input; what goes wrong with it is said by whoever called, to machines here."""
    try:
        with fft.set_workers(_threads(reporting)):
            report = reported(source, work, is_alone=True)
    except Exception as error:
        failed(source, error).to_machines(reporting)
        raise
    report.publish(reporting)


def _threads(reporting: Reporting) -> int:
    return reporting.threads or os.cpu_count() or 1


def _worked_on(
    sources: Sequence[str], work: Work, reporting: Reporting, results: Results
) -> Generator[Outcome | float]:
    """Yield the outcomes of all inputs as they come, and how many are under way, in shares."""
    jobs, threads = min(reporting.jobs, len(sources)), _threads(reporting)
    if jobs <= 1:
        with fft.set_workers(threads):
            yield from (outcome_of(source, work) for source in sources)
        return
    task = Task(work=work, threads=max(1, threads // jobs), debug=reporting.debug)
    processes = Processes(task, jobs)
    try:
        with processes:
            yield from processes.outcomes(sources)
    finally:
        for source, number in processes.lost:
            for folder in {path.parent for path in results.files(source)}:
                remove_left_over(folder, ended=[number])


def _publish(outcome: Outcome, reporting: Reporting) -> None:
    """Report an input that is done; of one that failed machines are told, people at the end."""
    if outcome.report is not None:
        outcome.report.publish(reporting)
        return
    outcome.to_machines(reporting)
    if outcome.trace and reporting.debug:
        for line in outcome.trace.splitlines():
            tell(line)


def _closed(outcomes: Sequence[Outcome], reporting: Reporting) -> int:
    """Close the run: the table, a line for each input that failed, and the exit code."""
    is_told = all(outcome.report is None for outcome in outcomes)  # by the lines below
    if not reporting.quiet and len(outcomes) > 1 and not is_told:
        for line in table(outcomes):
            tell(line)
    failures = [outcome for outcome in outcomes if outcome.report is None]
    for outcome in failures:
        tell(outcome.line)
    if failures:
        tell(f"{len(failures)} of {len(outcomes)} pictures failed")
    return 1 if any(outcome.is_fault for outcome in failures) else 2 if failures else 0
