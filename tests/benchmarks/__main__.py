"""`make bench`: what is fast and what is not, each held against its ceiling in the same run. Never a timed assertion."""

import argparse
import asyncio
import sys
import time
from collections.abc import AsyncIterator

import msgspec
import uvloop

from tests.benchmarks import bookings, calendars, certificates, first_page, growth, row_security, rush, searches
from tests.benchmarks.house import a_house
from tests.benchmarks.table import Line, head, notes, row


async def measured(rounds: int, seconds: int, grown: int) -> AsyncIterator[list[Line]]:
    """One measure after the other, each as soon as it is there."""
    spread, half = bookings.Spread(), max(1, seconds // 2)
    yield first_page.measure()
    async with a_house() as house:
        yield await bookings.measure(house, spread, rounds=rounds, seconds=seconds)
        yield await rush.measure(house, rounds=rounds)
        yield await row_security.measure(house, rounds=rounds, seconds=half)
        yield await searches.measure(house, rounds=rounds, seconds=half)
        yield await calendars.measure(house, rounds=rounds, seconds=half)
        yield certificates.measure()
        yield await growth.measure(house, spread, number=grown, rounds=rounds, seconds=seconds)


async def written(measures: AsyncIterator[list[Line]], *, as_json: bool) -> None:
    """The table grows line by line: what was measured is known even if what comes after it fails."""
    lines: list[Line] = []
    if not as_json:
        sys.stdout.write(head() + "\n")
    async for more in measures:
        lines += more
        if not as_json:
            sys.stdout.write("".join(f"{row(line)}\n" for line in more))
            sys.stdout.flush()
    sys.stdout.write(msgspec.json.encode(lines).decode() + "\n" if as_json else notes(lines) + "\n")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    parser.add_argument("--rounds", type=int, default=3, choices=range(1, 4), help="how often each pair is measured")
    parser.add_argument("--seconds", type=int, default=4, help="of each measure in a round")
    parser.add_argument(
        "--grown",
        type=int,
        default=1_000_000,
        help="bookings that are put in for the last measure (the table of speed asks for 10,000,000)",
    )
    given = parser.parse_args()
    began = time.monotonic()
    # Who asks shares the processors with who answers.
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(written(measured(given.rounds, given.seconds, given.grown), as_json=given.json))
    sys.stderr.write(f"measured in {time.monotonic() - began:.0f} s\n")


if __name__ == "__main__":
    main()
