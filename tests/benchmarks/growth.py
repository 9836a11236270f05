"""Bookings when there are many already: the rate over HTTP in a house whose tables have grown, beside one where they are new."""

from tests.benchmarks.bookings import CLIENTS, Spread
from tests.benchmarks.house import CROWD, House, a_house
from tests.benchmarks.load import Run, load
from tests.benchmarks.table import Line

FAIRNESS = (
    "The same requests, interleaved, in this house and in a second one, into which {number:,} bookings of former years were "
    "put first, each with its news, its key and its entry of the audit trail. The house that rests still keeps its memory. "
    "After a checkpoint PostgreSQL writes every page whole that is changed for the first time: of large tables that is nearly "
    "every page for half a minute at full speed, of small ones it is soon over. Measured in both times; checkpoints come by the "
    "clock, every five minutes, in both houses."
)
STEP = 100_000
SETTLING = 40  # seconds at full speed, after which most pages have been written whole


async def measure(few: House, spread: Spread, *, number: int, rounds: int, seconds: int) -> list[Line]:
    """The rate of the second house against that of the first: just after a checkpoint, and when it has settled."""
    async with a_house() as many:
        await _grown(many, number)
        others = Spread()

        async def compared(what: str) -> Line:
            runs: dict[str, list[Run]] = {"few": [], "many": []}
            for _ in range(rounds):
                runs["few"].append(await _run(few, spread, seconds))
                runs["many"].append(await _run(many, others, seconds))
            said = FAIRNESS.format(number=number)
            return Line.compared(what, runs["many"], "where there are few", runs["few"], said)

        await load(many.web.port, others, seconds=2, connections=CLIENTS, status=201, warming_up=True)
        await _run(few, spread, 1)
        await _checkpoints_by_the_clock(few)
        for house in (few, many):
            await house.connection.execute("checkpoint")
        at_once = await compared("the same, just after a checkpoint")
        await _run(many, others, SETTLING)
        settled = await compared("booking over HTTP, after many bookings")
    return [settled, at_once]


async def _checkpoints_by_the_clock(house: House) -> None:
    """Not by how much was written, which at this speed would be every few seconds."""
    await house.connection.execute("alter system set max_wal_size = '8GB'")
    await house.connection.execute("select pg_reload_conf()")


async def _grown(house: House, number: int) -> None:
    await _checkpoints_by_the_clock(house)
    for begin in range(0, number, STEP):
        await _grow(house, begin, min(STEP, number - begin))
    await house.look_around()


async def _run(house: House, spread: Spread, seconds: int) -> Run:
    return await load(house.web.port, spread, seconds=seconds, connections=CLIENTS, status=201)


async def _grow(house: House, begin: int, count: int) -> None:
    """Bookings of the years before, of the candidates in turn; their tests are over, in sessions that exist no more for
    the constraints: without triggers, which would refuse to book the past."""
    async with house.connection.transaction():
        await house.connection.execute("set local session_replication_role = replica")
        await house.connection.execute(
            """with past as (
                   select gen_random_uuid() as id, public.crowd_id(202, n % $3) as candidate,
                          public.crowd_id(172, n % $3) as account,
                          now() - interval '300 days' - (n / $3) * interval '1 day' as at, n, s.id as session, s.unit_id
                   from generate_series($1::int, $1 + $2 - 1) n
                   join (select id, unit_id, row_number() over (order by id) - 1 as number from scheduling.sessions) s
                     on s.number = n % 10000),
               booked as (
                   insert into scheduling.bookings (id, session_id, unit_id, test_time, candidate_id, booked_at, booked_by,
                       changed_at, confirmed_at, checked_in_at, contract_signed_at, attended_at, closed_at)
                   select id, session, unit_id, tstzrange(at, at + interval '3 hours'), candidate, at, account,
                          at, at, at, at, at, at from past),
               news as (
                   insert into service.outbox (topic, aggregate, payload, occurred_at, done_at)
                   select 'booking.confirmed', id, jsonb_build_object('session_id', session, 'candidate_id', candidate), at, at
                   from past),
               keys as (
                   insert into service.idempotency (account_id, key, request, status, body, first_at)
                   select account, 'grown-' || n, repeat('0', 64), 201, convert_to(repeat('x', 120), 'UTF8'), at from past)
               insert into service.audit (actor, role, action, subject, subject_id, candidate_id)
               select account, 'candidate', 'booking.added', 'scheduling.bookings', id, candidate from past""",
            begin,
            count,
            CROWD.candidates,
        )
