"""A search of 50 places against a handler that does nothing: found in the database each time, and kept while nothing changes."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import count, repeat

from tests.benchmarks.house import House
from tests.benchmarks.load import Run, load
from tests.benchmarks.table import Line
from tests.builders.crowd import cookie_of
from tests.faults.line import request

CALLERS = 8
FAIRNESS = (
    "Both cross the same layers of the application; the empty handler needs no database. 10,000 places to choose from. From "
    "the database: every search is another one, so no kept answer serves. Unchanged: the same search, nothing is committed "
    "meanwhile. Signed in, each place carries the caller's own reasons against it."
)
UNCHANGED = request("GET", "/api/v1/places?limit=50", {})
MY_PLACES = request("GET", "/api/v1/places?limit=50", {"Cookie": f"preuve={cookie_of(7)}"})
EMPTY = request("GET", "/health/live", {})
OTHERS = count()


async def measure(house: House, *, rounds: int, seconds: int) -> list[Line]:
    """Each round: the searches, and the empty handler."""
    asked: dict[str, Callable[[], bytes]] = {
        "search of 50 places, from the database": another,
        "search of 50 places, unchanged": repeat(UNCHANGED).__next__,
        "search of 50 places, signed in": repeat(MY_PLACES).__next__,
        "empty handler": repeat(EMPTY).__next__,
    }
    runs: dict[str, list[Run]] = {what: [] for what in asked}
    for _ in range(rounds):
        for what, again in asked.items():
            runs[what].append(await load(house.web.port, again, seconds=seconds, connections=CALLERS, status=200))
    empty = runs.pop("empty handler")
    return [Line.compared(what, found, "empty handler", empty, FAIRNESS) for what, found in runs.items()]


def another() -> bytes:
    """A search that nobody asked before, with the same fifty places for an answer."""
    until = datetime(2099, 1, 1, tzinfo=UTC) + timedelta(seconds=next(OTHERS))
    return request("GET", f"/api/v1/places?limit=50&until={until:%Y-%m-%dT%H:%M:%SZ}", {})
