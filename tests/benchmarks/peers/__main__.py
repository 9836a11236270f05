"""`make bench-peers`: pretix beside us on this machine, in turns; and where it cannot be installed, one sentence that says so."""

import argparse
import asyncio
import sys
import time
from collections.abc import Callable
from itertools import count, repeat
from pathlib import Path

import msgspec

from tests.benchmarks import bookings, searches
from tests.benchmarks.house import House, a_house
from tests.benchmarks.load import Run, load
from tests.benchmarks.peers.pretix import NotHere, Pretix, a_pretix, environment
from tests.benchmarks.table import Line, printed

HERE = Path(__file__).parents[3] / ".venv-pretix"
CLIENTS = 2
FAIRNESS = (
    "Both with two clients, two processes and a durable PostgreSQL of their own, in turns on the same processors. pretix does "
    "much more for each order (about a hundred statements: invoices, prices and taxes, plugins, logs for webhooks and "
    "notices), and is asked over its REST interface with one order of one free place; mails are off on its side, and left to "
    "the worker on ours. Its tables are made from its models and not by its migrations, and it has no Redis. Rates of a busy "
    "machine are coarse: processor time is the truer ratio."
)
ORDERS = count()


class Used(msgspec.Struct):
    """What the runs of one kind gave: rates, and processor time."""

    runs: list[Run] = []
    seconds: float = 0.0

    @property
    def milliseconds_each(self) -> float:
        return self.seconds / max(1, sum(run.count for run in self.runs)) * 1000


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.peers", description=__doc__)
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    parser.add_argument("--rounds", type=int, default=2, choices=range(1, 6), help="how often each pair is measured")
    parser.add_argument("--seconds", type=int, default=5, help="of each measure in a round")
    parser.add_argument("--environment", type=Path, default=HERE, help="where pretix is, or is installed")
    given = parser.parse_args()
    began = time.monotonic()
    try:
        python = environment(given.environment)
        lines = asyncio.run(measured(python, rounds=given.rounds, seconds=given.seconds))
    except NotHere as reason:
        sys.stdout.write(f"pretix was not measured: {reason}\n")
        return 0
    sys.stdout.write(msgspec.json.encode(lines).decode() + "\n" if given.json else printed(lines))
    sys.stderr.write(f"measured in {time.monotonic() - began:.0f} s\n")
    return 0


async def measured(python: Path, *, rounds: int, seconds: int) -> list[Line]:
    """Each round: their order and our booking, their list and our two. Refuses NotHere where pretix does not start."""
    async with a_house() as house:
        with a_pretix(python) as pretix:
            return await _compared(house, pretix, rounds=rounds, seconds=seconds)


async def _compared(house: House, pretix: Pretix, *, rounds: int, seconds: int) -> list[Line]:
    kinds: dict[str, tuple[int, Callable[[], bytes], int, Callable[[], float]]] = {
        "pretix order": (pretix.port, lambda: pretix.order(next(ORDERS)), 201, pretix.cpu),
        "booking": (house.web.port, bookings.Spread(), 201, lambda: sum(house.cpu())),
        "pretix list": (pretix.port, repeat(pretix.list_of_fifty()).__next__, 200, pretix.cpu),
        "list from the database": (house.web.port, searches.another, 200, lambda: sum(house.cpu())),
        "list kept": (house.web.port, repeat(searches.UNCHANGED).__next__, 200, lambda: sum(house.cpu())),
    }
    used = {kind: Used([]) for kind in kinds}
    for port, asked, status, _ in kinds.values():
        await load(port, asked, seconds=2, connections=CLIENTS, status=status, warming_up=True)
    for _ in range(rounds):
        for kind, (port, asked, status, cpu) in kinds.items():
            before = cpu()
            used[kind].runs.append(await load(port, asked, seconds=seconds, connections=CLIENTS, status=status))
            used[kind].seconds += cpu() - before
    return [
        *_side_by_side("booking, 2 clients, beside pretix", used["booking"], "pretix order", used["pretix order"]),
        *_side_by_side(
            "50 rows with free places, from the database",
            used["list from the database"],
            "pretix list",
            used["pretix list"],
        ),
        *_side_by_side("50 rows with free places, kept", used["list kept"], "pretix list", used["pretix list"]),
    ]


def _side_by_side(what: str, ours: Used, against: str, theirs: Used) -> list[Line]:
    rate = Line.compared(what, ours.runs, against, theirs.runs, FAIRNESS)
    other = theirs.milliseconds_each
    cpu = Line.held_against(f"{what}, processor time", ours.milliseconds_each, "ms", against, other)
    return [rate, msgspec.structs.replace(cpu, ratio=other / ours.milliseconds_each)]  # how many times less


if __name__ == "__main__":
    sys.exit(main())
