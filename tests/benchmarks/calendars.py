"""The calendar of a centre with 1,000 sessions, against icalendar writing the same entries."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import repeat
from statistics import median

import msgspec

from scheduling import calendars, feeds
from service import subscriptions
from tests.benchmarks.house import CROWD, House, cpu_of
from tests.benchmarks.load import Run, load
from tests.benchmarks.table import Line
from tests.builders.crowd import ACCOUNTS, CENTRES, HOT, uuid_of
from tests.faults.line import Line as Connection
from tests.faults.line import request
from tests.faults.servers import Servers, web_of

REQUESTS = 100  # processor time is counted in hundredths of a second
TOKEN = "a-secret-of-the-benchmark"
CALLERS = 8
LONG = (
    "Processor time of the servers, because reading megabytes keeps the client busy. The bytes alone are held in memory and "
    "sent by the same web server (two processes) without any application; nginx is not asked for. Ours looks at each request "
    "whether the address still works and whether anything changed."
)
FAIRNESS = (
    "Processor time of web and PostgreSQL a request, over HTTP; icalendar builds and writes the same events in one "
    "process, without database or HTTP. Before each request of the first kind one session changes."
)


async def measure(house: House, *, rounds: int, seconds: int) -> list[Line]:
    """Processor time: a feed after one change, and what icalendar needs. Then rates: a long one, unchanged."""
    path = subscriptions.address("", TOKEN)
    await _subscribed(house)
    line = await Connection.open(house.web.port)
    await line.ask(request("GET", path, {}))  # the first one writes every event
    changed = await _used(house, line, request("GET", path, {}), 200, change=True)
    unchanged = await _used(
        house, line, request("GET", path, {"If-None-Match": await _tag(line, path)}), 304, change=False
    )
    line.close()
    number, by_icalendar = await _icalendar(house)
    assert number >= 1000
    return [
        _compared("calendar of 1,000 events, one changed", changed, by_icalendar),
        _compared("the same, unchanged (304)", unchanged, by_icalendar),
        *await _long(house, path, rounds=rounds, seconds=seconds),
    ]


async def _tag(line: Connection, path: str) -> str:
    head = (await line.ask(request("GET", path, {}))).head.decode()
    return next(h for h in head.split("\r\n") if h.lower().startswith("etag:")).partition(": ")[2]


async def _long(house: House, path: str, *, rounds: int, seconds: int) -> list[Line]:
    """Ten times as many events, of sessions that were cancelled: no search and no constraint sees them."""
    async with house.connection.transaction():
        await house.connection.execute("set local session_replication_role = replica")
        await house.connection.execute(
            """insert into scheduling.sessions (centre_id, room_id, unit_id, standard_id, language, test_time,
                   setup_minutes, teardown_minutes, seats, planned_at, changed_at, cancelled_at, cancellation)
               select s.centre_id, s.room_id, s.unit_id, s.standard_id, s.language, s.test_time, 30, 30, 50, now(), now(),
                      now(), 'bench'
               from scheduling.sessions s, generate_series(1, 9) where s.centre_id = $1""",
            uuid_of(CENTRES, 0),
        )
    await house.connection.execute("update scheduling.surroundings set version = gen_random_uuid()")
    lines = [await Connection.open(house.web.port) for _ in range(4 * CALLERS)]  # some for each process
    bodies = {(await line.ask(request("GET", path, {}))).body for line in lines}
    (body,) = bodies
    for line in lines:
        line.close()
    line = await Connection.open(house.web.port)  # the first ones may have been quiet for too long meanwhile
    tag = await _tag(line, path)
    line.close()
    whole, known = request("GET", path, {}), request("GET", path, {"If-None-Match": tag})
    runs: dict[str, list[Run]] = {"whole": [], "plain": [], "known": [], "empty": []}
    used = dict.fromkeys(runs, 0.0)
    with _plain(house, body) as plain:
        for _ in range(rounds):
            for what, port, asked, status in (
                ("whole", house.web.port, whole, 200),
                ("plain", plain.port, request("GET", "/", {}), 200),
                ("known", house.web.port, known, 304),
                ("empty", house.web.port, request("GET", "/health/live", {}), 200),
            ):
                before = sum(house.cpu()) + cpu_of(plain.web_processes())
                again = repeat(asked).__next__
                runs[what].append(await load(port, again, seconds=seconds, connections=CALLERS, status=status))
                used[what] += sum(house.cpu()) + cpu_of(plain.web_processes()) - before
    each = {what: used[what] / sum(run.count for run in runs[what]) * 1000 for what in runs}
    whole_line = Line.held_against(
        "calendar of 10,000 events, unchanged", each["whole"], "ms", "the bytes alone", each["plain"], LONG
    )
    return [
        msgspec.structs.replace(whole_line, ratio=each["plain"] / each["whole"]),
        Line.compared("the same, known already (304)", runs["known"], "empty handler", runs["empty"], LONG),
    ]


@contextmanager
def _plain(house: House, body: bytes) -> Iterator[Servers]:
    """A server that gives these bytes to whoever asks, and does nothing else."""
    folder = house.web.folder.with_name("plain")
    folder.mkdir()
    (folder / "body").write_bytes(body)
    given = {"BENCH_BODY": str(folder / "body")}
    with web_of("tests.benchmarks.plain:application", folder, house.database_url, "", **given) as servers:
        yield servers


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
    """Milliseconds of processor time a request; what the change itself takes is in it."""
    one = await house.connection.fetchval(
        "select id from scheduling.sessions where centre_id = $1 and id <> $2 order by id limit 1",
        uuid_of(CENTRES, 0),
        uuid_of(HOT, 0),
    )
    before = sum(house.cpu())
    for _ in range(REQUESTS):
        if change:
            await house.connection.execute("update scheduling.sessions set changed_at = now() where id = $1", one)
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
