"""A search of 50 places against a handler that does nothing."""

from itertools import repeat

from tests.benchmarks.house import House
from tests.benchmarks.load import Run, load
from tests.benchmarks.table import Line
from tests.builders.crowd import cookie_of
from tests.faults.line import request

CALLERS = 8
FAIRNESS = (
    "Both cross the same layers of the application; the empty handler needs no database. 10,000 places to choose from, "
    "nothing is kept between two searches. Signed in, each place carries the caller's own reasons against it."
)
PLACES = request("GET", "/api/v1/places?limit=50", {})
MY_PLACES = request("GET", "/api/v1/places?limit=50", {"Cookie": f"preuve={cookie_of(7)}"})
EMPTY = request("GET", "/health/live", {})


async def measure(house: House, *, rounds: int, seconds: int) -> list[Line]:
    """Each round: the search, signed in, and the empty handler."""
    runs: dict[bytes, list[Run]] = {PLACES: [], MY_PLACES: [], EMPTY: []}
    for _ in range(rounds):
        for asked, found in runs.items():
            again = repeat(asked).__next__
            found.append(await load(house.web.port, again, seconds=seconds, connections=CALLERS, status=200))
    empty = runs[EMPTY]
    return [
        Line.compared("search of 50 places", runs[PLACES], "empty handler", empty, FAIRNESS),
        Line.compared("search of 50 places, signed in", runs[MY_PLACES], "empty handler", empty, FAIRNESS),
    ]
