"""Reminders: what a candidate is told again before a test, once each, by day and on the clock in Brussels.

A reminder is due on its day and, if no worker ran then, until the next one is due. Who booked after its moment had the
confirmation instead. The row and the news of it are one statement, so two workers remind once.
"""

import tomllib
from datetime import date, datetime, time, timedelta
from importlib.resources import files
from uuid import UUID

import asyncpg
import msgspec
from msgspec import Struct

from scheduling import bookings, clock, confirmations
from service.i18n import BRUSSELS
from service.settings import Settings, SettingsFault
from service.wiring import Running

BATCH = 50
DAYTIME = time(5)  # the clocks change at night: a moment of the day is there once, on every day


class Rules(Struct, frozen=True, forbid_unknown_fields=True, rename={"opens": "from", "closes": "until"}):
    """`days`: before the test. `asks`: which of them asks for an answer. `texts`: which also go to a telephone.
    `release`: days before the test on which an unanswered seat is given away; -1: never."""

    days: tuple[int, ...]
    opens: time
    closes: time
    asks: int
    texts: tuple[int, ...]
    release: int

    def fault(self) -> str:
        """What cannot be used, in one sentence; "" for nothing."""
        if any(not 0 <= day <= 60 for day in self.days):
            return "days must lie between 0 and 60."
        if self.asks != -1 and self.asks not in self.days:
            return "asks must be one of the days, or -1."
        if not set(self.texts) <= set(self.days):
            return "texts must be some of the days."
        if self.release != -1 and not 0 <= self.release < self.asks:
            return "release must be fewer days before the test than asks, or -1."
        return "" if DAYTIME <= self.opens < self.closes else "from must be 05:00:00 or later, and before until."

    def release_at(self, test_day: date, days_before: int) -> datetime | None:
        """When an unanswered seat goes, if this reminder is the one that asks and the house wants it so."""
        if self.release == -1 or days_before != self.asks:
            return None
        return clock.moments(test_day - timedelta(days=self.release), self.opens)[-1]


def rules(settings: Settings) -> Rules:
    """Ours, and over them the installation's. Refuses (SettingsFault) a file that cannot be used."""
    ours = tomllib.loads(files("service").joinpath("reminders.toml").read_text())
    own = settings.data / "reminders.toml"
    try:
        theirs = tomllib.loads(own.read_text()) if own.exists() else {}
        found = msgspec.convert({**ours, **theirs}, Rules)
    except (OSError, ValueError) as wrong:
        raise SettingsFault(f"{own} cannot be used: {wrong}") from None
    if fault := found.fault():
        raise SettingsFault(f"{own} cannot be used: {fault}")
    return found


async def remind(running: Running) -> int:
    """The worker's beat: note every reminder that is due; return how many. The letters follow by reaction."""
    found, now = rules(running.settings), running.now()
    local = now.astimezone(BRUSSELS)
    if not found.opens <= local.time() < found.closes:
        return 0
    noted, coming = 0, sorted(found.days)
    for number, days in enumerate(coming):
        nearer = coming[number - 1] if number else -1
        async with running.db.transaction() as tx:
            for booking_id, test_day in await _due(tx, found, days, nearer, now=now):
                release_at = found.release_at(test_day, days)
                late = release_at is not None and release_at <= now
                noted += await note(
                    tx,
                    booking_id,
                    days,
                    test_day=test_day,
                    asks=days == found.asks,
                    release_at=None if late else release_at,
                    now=now,
                )
    return noted


async def _due(
    tx: asyncpg.Connection, found: Rules, days: int, nearer: int, *, now: datetime
) -> list[tuple[UUID, date]]:
    """Live seats whose reminder of so many days is due and not noted; `nearer`: the next one, whose turn ends this one's."""
    today = now.astimezone(BRUSSELS).date()
    rows = await tx.fetch(
        """select b.id, service.day(lower(b.during)) as test_day
           from scheduling.sessions s
           join scheduling.bookings b on b.session_id = s.id
           join assessments.candidates c on c.id = b.candidate_id and c.erased_at is null
           where s.cancelled_at is null and lower(s.test_time) > $1 and lower(s.test_time) < $1 + interval '62 days'
             and b.released_at is null and b.confirmed_at is not null and b.checked_in_at is null
             and service.day(lower(b.during)) - $2::int <= $4::date and service.day(lower(b.during)) - $3::int > $4
             and b.booked_at < (service.day(lower(b.during)) - $2 + $5::time) at time zone 'Europe/Brussels'
             and not exists (select from service.reminders r where r.booking_id = b.id and r.days_before = $2
                               and r.test_day = service.day(lower(b.during)))
           order by lower(b.during), b.id limit $6""",
        now,
        days,
        nearer,
        today,
        found.opens,
        BATCH,
    )
    return [(row["id"], row["test_day"]) for row in rows]


async def note(
    tx: asyncpg.Connection,
    booking_id: UUID,
    days_before: int,
    *,
    test_day: date,
    asks: bool,
    release_at: datetime | None,
    now: datetime,
) -> bool:
    """Note one reminder, and tell the outbox; False where it was noted already."""
    status = await tx.execute(
        """with reminded as (
               insert into service.reminders (booking_id, days_before, test_day, reminded_at, asks, release_at)
               values ($1, $2, $3, $4, $5, $6) on conflict do nothing returning booking_id)
           insert into service.outbox (topic, aggregate, payload, occurred_at)
           select 'booking.reminded', booking_id,
                  jsonb_build_object('days_before', $2::int, 'asks', $5::boolean, 'release_at', $6::timestamptz), $4
           from reminded""",
        booking_id,
        days_before,
        test_day,
        now,
        asks,
        release_at,
    )
    return not status.endswith(" 0")


async def release_unanswered(running: Running) -> int:
    """The worker's beat: give seats away whose candidates were asked, told until when, and did not answer."""
    async with running.db.read() as tx:
        rows = await tx.fetch(
            """select r.booking_id, r.days_before, r.test_day from service.reminders r
               join scheduling.bookings b on b.id = r.booking_id and b.released_at is null
               where r.release_at <= $1 and r.unanswered_at is null and lower(b.during) > $1
                 and service.day(lower(b.during)) = r.test_day
                 and not exists (select from scheduling.confirmations c
                                 where c.booking_id = b.id and c.starts_at = lower(b.during))
               order by r.release_at limit $2""",
            running.now(),
            BATCH,
        )
    released = 0
    for row in rows:
        async with running.db.transaction() as tx:
            released += await _release(tx, row["booking_id"], row["days_before"], row["test_day"], now=running.now())
    return released


async def _release(tx: asyncpg.Connection, booking_id: UUID, days: int, test_day: date, *, now: datetime) -> bool:
    if not await confirmations.is_missing(tx, booking_id):
        return False
    await bookings.release_seat(tx, booking_id, "expired", by=None, now=now)
    await tx.execute(
        """with given_away as (
               update service.reminders set unanswered_at = $4
               where booking_id = $1 and days_before = $2 and test_day = $3 returning booking_id)
           insert into service.outbox (topic, aggregate, occurred_at)
           select 'booking.unanswered', booking_id, $4 from given_away""",
        booking_id,
        days,
        test_day,
        now,
    )
    return True


class Asked(Struct, frozen=True):
    """What a candidate was asked, and until when they can answer before the seat goes; None: it stays theirs."""

    reminded_at: datetime
    release_at: datetime | None


async def asked(tx: asyncpg.Connection, booking_id: UUID) -> Asked | None:
    """The last reminder of a booking that asks whether its candidate comes."""
    row = await tx.fetchrow(
        """select r.reminded_at, r.release_at from service.reminders r
           where r.booking_id = $1 and r.asks order by r.reminded_at desc limit 1""",
        booking_id,
    )
    return None if row is None else Asked(**row)


async def unanswered(tx: asyncpg.Connection, booking_id: UUID) -> bool:
    """Whether the candidate was asked about the test as it is planned now, and has not said that they come."""
    return bool(
        await tx.fetchval(
            """select exists (select from service.reminders r
                              where r.booking_id = b.id and r.asks and r.test_day = service.day(lower(b.during)))
                   and not exists (select from scheduling.confirmations c
                                   where c.booking_id = b.id and c.starts_at = lower(b.during))
               from scheduling.bookings b where b.id = $1""",
            booking_id,
        )
    )
