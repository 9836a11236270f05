"""The day of the test: who comes is checked in and signs, who does not is a no-show, and the test is held."""

from datetime import datetime, timedelta
from typing import Literal

import asyncpg

from scheduling import attendance, bookings, sessions
from service.seed import juries
from service.seed.replay import ATTENDED, COMES, Replay, Seat, Sitting

DOORS = timedelta(minutes=25)
SIGNING = timedelta(minutes=10)
GRACE = timedelta(minutes=10)  # after that, whoever is missing is a no-show


def foretell(replay: Replay, sitting: Sitting) -> None:
    """Note the day, up to the start of the test: when it ends depends on extra time."""
    diary, starts_at = replay.diary, sitting.starts_at
    for seat in sitting.seated(*COMES):
        diary.at(starts_at - DOORS, check_in, sitting, seat)
    for seat in sitting.seated(*ATTENDED):
        diary.at(starts_at - SIGNING, sign, seat)
    for seat in sitting.seated("turned_away"):
        diary.at(starts_at - SIGNING, free, sitting, seat, "turned_away")
    for seat in sitting.seated("no_show"):
        diary.at(starts_at + GRACE, free, sitting, seat, "no_show")
    diary.at(starts_at + GRACE, start, replay, sitting)


async def check_in(tx: asyncpg.Connection, sitting: Sitting, seat: Seat, *, now: datetime) -> None:
    assert seat.booking is not None
    await attendance.check_in(tx, seat.booking, by=sitting.centre.account, now=now)


async def sign(tx: asyncpg.Connection, seat: Seat, *, now: datetime) -> None:
    assert seat.booking is not None
    await attendance.sign_contract(tx, seat.booking, now=now)


async def free(
    tx: asyncpg.Connection, sitting: Sitting, seat: Seat, why: Literal["turned_away", "no_show"], *, now: datetime
) -> None:
    """The seat is freed: nobody came, or the forklift did not pass its daily inspection."""
    assert seat.person is not None
    assert seat.booking is not None
    await bookings.release_seat(tx, seat.booking, why, by=sitting.centre.account, now=now)
    seat.person.live.discard(sitting.unit.code)


async def start(tx: asyncpg.Connection, replay: Replay, sitting: Sitting, *, now: datetime) -> None:
    """Begin; from here it is known how long the longest test takes, extra time included."""
    assert sitting.session is not None
    await sessions.start(tx, sitting.session, by=sitting.centre.account, now=now)
    await attendance.attend_all(tx, sitting.session, now=now)
    ends_at = now
    for seat in sitting.seated(*ATTENDED):
        assert seat.booking is not None
        booking = await bookings.get(tx, seat.booking)
        ends_at = max(ends_at, booking.ends_at + GRACE)
    replay.diary.at(now + timedelta(minutes=20), juries.begin, sitting)
    replay.diary.at(ends_at, end, sitting)
    juries.foretell(replay, sitting, ends_at)


async def end(tx: asyncpg.Connection, sitting: Sitting, *, now: datetime) -> None:
    assert sitting.session is not None
    await sessions.end(tx, sitting.session, by=sitting.centre.account, now=now)
