"""The life of a sitting, from the first booking to the released result: everything is noted in the diary beforehand."""

from datetime import datetime, time, timedelta

import asyncpg

from assessments import enrolments
from scheduling import bookings, sessions
from service.i18n import BRUSSELS
from service.seed import odd_cases, on_the_day, planning
from service.seed.diary import brussels
from service.seed.replay import Part, Replay, Seat, Sitting

PLANNED = timedelta(days=63)
LOCKED_DAYS = 5
LATE_HOURS = timedelta(hours=19)
ADVICE: tuple[enrolments.Advice, ...] = ("favourable", "favourable", "favourable", "reserved", "unfavourable")
# Days before the test on which somebody books, by how it will end: who cancels early makes room for the others.
BOOKED: dict[Part, tuple[int, int]] = {"early": (46, 40)}
OTHERS_BOOKED = (36, 7)
CANCELLED_EARLY = (38, 37)


def foretell(replay: Replay, sitting: Sitting, *, cancelled: str = "") -> None:
    """Note the whole life of a sitting of the past."""
    diary, starts_at = replay.diary, sitting.starts_at
    diary.at(starts_at - PLANNED, planning.plan_and_open, replay, sitting)
    for seat in sitting.seats:
        foretell_booking(replay, sitting, seat)
    if cancelled:
        diary.at(starts_at - timedelta(days=4), planning.cancel, sitting, cancelled)
    else:
        day = starts_at.astimezone(BRUSSELS).date()
        diary.at(brussels(day - timedelta(days=LOCKED_DAYS), time(10)), lock, sitting)
        on_the_day.foretell(replay, sitting)


def foretell_booking(replay: Replay, sitting: Sitting, seat: Seat) -> None:
    chance, part = replay.chance, seat.role.part
    earliest, latest = BOOKED.get(part, OTHERS_BOOKED)
    days_before = seat.role.days_before or chance.randint(latest, earliest)
    booked_at = sitting.starts_at - timedelta(days=days_before, minutes=chance.randrange(600))
    replay.diary.at(booked_at - timedelta(days=chance.randint(0, 12)), enrol, replay, sitting, seat)
    replay.diary.at(booked_at, book, replay, sitting, seat)
    if part == "early":
        cancelled_at = sitting.starts_at - timedelta(days=chance.randint(*reversed(CANCELLED_EARLY)))
        replay.diary.at(cancelled_at, cancel, sitting, seat)
    if part == "late":
        replay.diary.at(sitting.starts_at - LATE_HOURS, cancel, sitting, seat)


async def enrol(tx: asyncpg.Connection, replay: Replay, sitting: Sitting, seat: Seat, *, now: datetime) -> None:
    """The candidate's file for the unit; three of four are guided first, and any advice is good enough."""
    crowd, unit = replay.crowd, sitting.unit
    day = sitting.starts_at.astimezone(BRUSSELS).date()
    if seat.role.who:
        person = await crowd.named(tx, seat.role.who, language=sitting.language, day=day, now=now)
    else:
        person = await crowd.somebody(
            tx, trade=unit.trade_code, unit=unit.code, language=sitting.language, day=day, now=now
        )
    seat.person = person
    person.trades.add(unit.trade_code)
    person.live.add(unit.code)
    person.days.add(day)
    enrolment = await enrolments.enrol(tx, person.id, unit.id, by=None, now=now)
    if not person.failures[unit.code] and replay.chance.random() < 0.75:
        advice = replay.chance.choice(ADVICE)
        await enrolments.guide(tx, enrolment, advice, by=sitting.centre.account, now=now)


async def book(tx: asyncpg.Connection, replay: Replay, sitting: Sitting, seat: Seat, *, now: datetime) -> None:
    """Take the seat; in an odd case something happens first."""
    assert seat.person is not None
    assert sitting.session is not None
    if seat.role.story in odd_cases.BEFORE_BOOKING:
        await odd_cases.BEFORE_BOOKING[seat.role.story](tx, replay, sitting, seat, now=now)
    if seat.role.part == "refused":
        seat.person.live.discard(sitting.unit.code)
    else:
        seat.booking = await bookings.book(tx, sitting.session, seat.person.id, by=None, now=now)


async def cancel(tx: asyncpg.Connection, sitting: Sitting, seat: Seat, *, now: datetime) -> None:
    """The candidate cancels; early or late is for the policy to say."""
    assert seat.person is not None
    assert seat.booking is not None
    await bookings.cancel(tx, seat.booking, policy=bookings.CancellationPolicy(), by=None, now=now)
    seat.person.live.discard(sitting.unit.code)


async def lock(tx: asyncpg.Connection, sitting: Sitting, *, now: datetime) -> None:
    """Close the list; the convocations follow from it."""
    assert sitting.session is not None
    await sessions.lock(tx, sitting.session, by=sitting.centre.account, now=now)
