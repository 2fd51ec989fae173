"""``python -m tests.support.fuzz``: damaged events into a feed, looking for one that it cannot handle.

The events are those of a raw capture, or of the built-in simulation; `tests.support.mutants`
damages them and `tests.support.twin_feeds` says what must hold. Everything follows from the seed, so a
finding is given as a seed and a number.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final

from rugs_lab.errors import ArgumentError, RugsLabError
from rugs_lab.feed.server.simulation.capture_reader import CaptureReader
from rugs_lab.feed.server.simulation.simulated_server import SimulatedServer
from tests.support.mutants import BATCH, Mutants
from tests.support.twin_feeds import Twins

EVENTS: Final = 2_000
"""Events that are taken of a capture or of the simulation."""

_MOST_FINDINGS: Final = 5


@dataclass(frozen=True, slots=True)
class Finding:
    """A mutant under which something did not hold.

    Attributes
    ----------
    mutant
        Its number; together with the seed and the events it says everything.
    problem
        What did not hold.
    text
        The mutant itself; when it is empty, the problem was seen after the batch that ends with `mutant`.
    """

    mutant: int
    problem: str
    text: str


def main(argv: Sequence[str] | None = None) -> int:
    """Read the arguments, try the mutants, and return the exit status: 1 when something did not hold."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.support.fuzz",
        description="Damage events in thousands of ways, hand them to two feeds (as text and as values), and "
        "check that nothing raises, that both agree, and that nothing is kept that the events did not say. "
        "The exit status is 1 when something did not hold; it is printed with the way to see it again.",
    )
    parser.add_argument("--mutants", type=int, default=10_000, help="damaged events to try (default: 10000)")
    parser.add_argument("--seed", type=int, default=1, help="makes them the same every time (default: 1)")
    parser.add_argument("--capture", metavar="FILE", help="damage the events of a raw event log (JSON lines)")
    parser.add_argument("--only", metavar="N", type=int, help="try one mutant again, and print it")
    try:
        return run(**vars(parser.parse_args(argv)))
    except RugsLabError as error:
        print(f"fuzz: {error}", file=sys.stderr)
        return 1


def run(*, mutants: int, seed: int, capture: str | None, only: int | None) -> int:
    """Try `mutants` mutants, print what did not hold, and return 1 if there was anything, else 0.

    Parameters
    ----------
    mutants
        How many.
    seed
        Makes them the same every time.
    capture
        A raw capture to take the events of; None for the built-in simulation.
    only
        Try only the batch up to this mutant, and print it: to look at a finding.

    Raises
    ------
    RugsLabError
        The capture cannot be read.
    """
    from tqdm.auto import tqdm

    source = Mutants(events_of(capture, seed), seed)
    first = 0 if only is None else only // BATCH * BATCH
    last = mutants if only is None else only + 1
    findings: list[Finding] = []
    with tqdm(total=last - first, unit="mutant", disable=None, file=sys.stderr) as bar:
        for start in range(first, last, BATCH):
            stop = min(start + BATCH, last)
            findings += try_batch(source, start, stop)
            bar.update(stop - start)
            if len(findings) >= _MOST_FINDINGS:
                break
    if only is not None:
        print(ascii(list(islice(source.batch(only // BATCH), BATCH))[only % BATCH][1]))
    for finding in findings:
        _report(finding, seed, capture)
    if findings:
        return 1
    print(f"{last - first:,} mutants, seed {seed}: nothing found.")
    return 0


def events_of(capture: str | None, seed: int) -> list[tuple[str, tuple[Any, ...]]]:
    """Return the events to damage."""
    source: Iterator[Any] = iter(SimulatedServer(seed)) if capture is None else iter(CaptureReader(capture))
    events = [(name, args) for _, name, args in islice(source, EVENTS)]
    if not events:
        raise ArgumentError(f"a capture with at least one event is expected; {capture} holds none")
    return events


def try_batch(source: Mutants, start: int, stop: int) -> list[Finding]:
    """Try the mutants `start` (which begins a batch) to ``stop - 1``; return the first finding, if any."""
    twins = Twins()
    for mutant, (connects, text) in zip(range(start, stop), source.batch(start // BATCH), strict=False):
        if connects:
            twins.connect()
        problems = twins.tell(text)
        if problems:
            return [Finding(mutant, problem, text) for problem in problems[:1]]
    return [Finding(stop - 1, problem, "") for problem in twins.compare()[:1]]


def _report(finding: Finding, seed: int, capture: str | None) -> None:
    what = f" --capture {capture}" if capture else ""
    print(f"mutant {finding.mutant} of seed {seed}: {ascii(finding.problem)[1:-1]}")
    if finding.text:
        print(f"  {finding.text[:300]!a}")
    print(f"  again: python -m tests.support.fuzz --seed {seed} --only {finding.mutant}{what}")


if __name__ == "__main__":
    raise SystemExit(main())
