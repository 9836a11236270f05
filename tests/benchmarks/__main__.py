"""`make bench`: what is fast and what is not, each held against its ceiling in the same run. Never a timed assertion."""

import argparse
import asyncio
import sys
import time

import msgspec
import uvloop

from tests.benchmarks import bookings, calendars, certificates, first_page, growth, row_security, searches
from tests.benchmarks.house import a_house
from tests.benchmarks.table import Line, printed


async def measured(rounds: int, seconds: int, grown: int) -> list[Line]:
    spread = bookings.Spread()
    first = first_page.measure()
    async with a_house() as house:
        return [
            *first,
            *await bookings.measure(house, spread, rounds=rounds, seconds=seconds),
            *await row_security.measure(house, rounds=rounds, seconds=max(1, seconds // 2)),
            *await searches.measure(house, rounds=rounds, seconds=max(1, seconds // 2)),
            *await calendars.measure(house, rounds=rounds, seconds=max(1, seconds // 2)),
            *certificates.measure(),
            *await growth.measure(house, spread, number=grown, rounds=rounds, seconds=seconds),
        ]


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    parser.add_argument("--rounds", type=int, default=3, choices=range(1, 4), help="how often each pair is measured")
    parser.add_argument("--seconds", type=int, default=4, help="of each measure in a round")
    parser.add_argument("--grown", type=int, default=1_000_000, help="bookings that are put in for the last measure")
    given = parser.parse_args()
    began = time.monotonic()
    # Who asks shares the processors with who answers.
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        lines = runner.run(measured(given.rounds, given.seconds, given.grown))
    sys.stdout.write(msgspec.json.encode(lines).decode() + "\n" if given.json else printed(lines))
    sys.stderr.write(f"measured in {time.monotonic() - began:.0f} s\n")


if __name__ == "__main__":
    main()
