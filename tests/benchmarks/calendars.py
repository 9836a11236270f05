"""The calendar of a centre with 1,000 sessions, against icalendar writing the same entries."""

import time
from statistics import median

from scheduling import calendars, feeds
from service import subscriptions
from tests.benchmarks.house import CROWD, House
from tests.benchmarks.table import Line
from tests.builders.crowd import ACCOUNTS, CENTRES, HOT, uuid_of
from tests.faults.line import Line as Connection
from tests.faults.line import request

REQUESTS = 25
TOKEN = "a-secret-of-the-benchmark"
FAIRNESS = (
    "Processor time of web and PostgreSQL a request, over HTTP; icalendar builds and writes the same events in one "
    "process, without database or HTTP. Before each request of the first kind one session changes."
)


async def measure(house: House) -> list[Line]:
    """Processor time: a feed after one change, an unchanged one, and what icalendar needs."""
    path = subscriptions.address("", TOKEN)
    await _subscribed(house)
    line = await Connection.open(house.web.port)
    await line.ask(request("GET", path, {}))  # the first one writes every event
    changed = await _used(house, line, request("GET", path, {}), 200, change=True)
    last = await line.ask(request("GET", path, {}))
    tag = next(h for h in last.head.decode().split("\r\n") if h.lower().startswith("etag:")).partition(": ")[2]
    unchanged = await _used(house, line, request("GET", path, {"If-None-Match": tag}), 304, change=False)
    line.close()
    number, by_icalendar = await _icalendar(house)
    return [
        _compared(f"calendar of {number:,} events, one changed", changed, by_icalendar),
        _compared("the same, unchanged (304)", unchanged, by_icalendar),
    ]


def _compared(what: str, milliseconds: float, others: float) -> Line:
    """The ratio says how many times less."""
    return Line(
        what,
        milliseconds,
        "ms",
        against="icalendar",
        against_value=others,
        ratio=others / milliseconds,
        fairness=FAIRNESS,
    )


async def _subscribed(house: House) -> None:
    """An address of the first centre's calendar, in the name of an account that may see it."""
    manager = uuid_of(ACCOUNTS, CROWD.candidates)
    await house.connection.execute(
        """insert into service.accounts (id, email, role, centre_id, language, created_at)
           values ($1, 'manager@example.org', 'manager', $2, 'fr', $3)""",
        manager,
        uuid_of(CENTRES, 0),
        house.now,
    )
    secret = subscriptions.token_hash(TOKEN)
    centre = uuid_of(CENTRES, 0)
    await feeds.create(house.connection, "centre", centre, token_hash=secret, language="fr", by=manager, now=house.now)


async def _used(house: House, line: Connection, asked: bytes, status: int, *, change: bool) -> float:
    """Milliseconds of processor time a request."""
    before = sum(house.cpu())
    for _ in range(REQUESTS):
        if change:
            await house.connection.execute(
                """update scheduling.sessions set changed_at = now() where id = (
                       select id from scheduling.sessions where centre_id = $1 and id <> $2 order by id limit 1)""",
                uuid_of(CENTRES, 0),
                uuid_of(HOT, 0),
            )
        answer = await line.ask(asked)
        assert answer.status == status, answer
    return (sum(house.cpu()) - before) / REQUESTS * 1000


async def _icalendar(house: House) -> tuple[int, float]:
    """How many events, and milliseconds of processor time to write them."""
    feed = feeds.Feed(uuid_of(0, 0), "centre", uuid_of(CENTRES, 0), "fr", house.now)
    events = await feeds.events(house.connection, feed, now=house.now)
    entries = [
        calendars.Entry(
            uid=f"{event.event_id}@example.org",
            starts_at=event.starts_at,
            ends_at=event.ends_at,
            changed_at=event.changed_at,
            sequence=event.sequence,
            summary=f"{event.unit_code} – {event.unit_label['fr']}",
            location=f"{event.room_name}, {event.street}, {event.postcode} {event.municipality}",
            description=f"{event.trade_label['fr']}\n{event.centre_name}\nLangue de l’épreuve : français",
            url="https://example.org",
        )
        for event in events
    ]
    taken = []
    for _ in range(3):
        began = time.process_time()
        calendars.render(calendars.Feed("Preuve – Crowdcity 0", "", "fr", "Annulé", tuple(entries)))
        taken.append((time.process_time() - began) * 1000)
    return len(entries), median(taken)
