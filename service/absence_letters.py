"""Who did not come has it in writing, with the way to explain it; and what the centre says of an absence.

Not in the middle of a test, where marks are corrected by a press: at its end. Of a test that nobody ends, half a day after
its hour.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

import asyncpg

from scheduling import bookings, companions, excuses, seats
from service import appointments, booking_rules, letters, mails, planning_reactions
from service.appointments import Appointment
from service.i18n import Words, words
from service.mails import Draft
from service.outbox import Event, Reactions
from service.wiring import Running

UNENDED = timedelta(hours=12)
SWEPT = timedelta(days=3)


async def noted(tx: asyncpg.Connection, event: Event, running: Running) -> None:
    """Somebody was noted as absent after the end of the test."""
    is_over = await tx.fetchval(
        """select s.ended_at is not null or s.cancelled_at is not null or upper(s.test_time) <= $2
           from scheduling.sessions s where s.id = $1""",
        UUID(event.payload["session_id"]),
        running.now() - UNENDED,
    )
    if is_over:
        await _tell(tx, event.aggregate, running)


async def at_the_end(tx: asyncpg.Connection, event: Event, running: Running) -> None:
    """A test has ended, or is called off: everyone who is noted as absent then."""
    rows = await tx.fetch(
        "select id from scheduling.bookings where session_id = $1 and release = 'no_show' order by id", event.aggregate
    )
    for row in rows:
        await _tell(tx, row["id"], running)


async def sweep(running: Running, by_topic: Reactions) -> None:
    """The worker's beat: absences of tests that nobody has ended."""
    now = running.now()
    async with running.db.read() as tx:
        rows = await tx.fetch(
            """select b.id from scheduling.sessions s
               join scheduling.bookings b on b.session_id = s.id and b.release = 'no_show'
               where lower(s.test_time) between $1 and $2 and upper(s.test_time) <= $2
                 and s.ended_at is null and s.cancelled_at is null
               order by b.id""",
            now - SWEPT,
            now - UNENDED,
        )
    for row in rows:
        async with running.db.transaction() as tx:
            await _tell(tx, row["id"], running)


async def _tell(tx: asyncpg.Connection, booking_id: UUID, running: Running) -> None:
    """Once for each time that it was noted; nobody who explained it already, or is not absent any more: whoever takes it
    back now waits, and then finds the letter."""
    await seats.lock_session(tx, booking_id)
    booking, to = await bookings.get(tx, booking_id), await appointments.of_booking(tx, booking_id)
    if to is None or booking.release != "no_show" or await excuses.of_booking(tx, booking_id) is not None:
        return
    news = await tx.fetchrow(
        """select o.id, exists (select from service.mails m where m.outbox_id = o.id) as is_told from service.outbox o
           where o.aggregate = $1 and o.topic = 'booking.released' order by o.id desc limit 1""",
        booking_id,
    )
    if news is None or news["is_told"]:
        return
    policy = booking_rules.rules(running.settings).excuse
    is_heard = excuses.is_excusable(booking, policy=policy, now=running.now())
    until = policy.until(booking.starts_at) if is_heard else None
    beside = await appointments.beside(tx, booking_id)
    draft = absent(to, running.settings.base_url, until=until, beside=beside)
    await mails.write(tx, draft, outbox_id=news["id"], now=running.now())


async def take_back(tx: asyncpg.Connection, event: Event, running: Running) -> None:
    """Whoever is here after all has their companion again, and nothing to be excused; who has read that they were absent
    reads that they were not."""
    await companions.engage_again(tx, event.aggregate)
    await excuses.withdraw(tx, event.aggregate)
    to = await appointments.of_booking(tx, event.aggregate)
    if to is not None and not to.cancelled and await planning_reactions.was_told(tx, event):
        await mails.write(tx, not_absent(to), outbox_id=event.id, now=running.now())


async def tell_excused(tx: asyncpg.Connection, event: Event, running: Running) -> None:
    await _answer(tx, event, running, partial(excused, beside=await appointments.beside(tx, event.aggregate)))


async def tell_refused(tx: asyncpg.Connection, event: Event, running: Running) -> None:
    await _answer(tx, event, running, refused)


async def _answer(
    tx: asyncpg.Connection, event: Event, running: Running, letter: Callable[[Appointment, str], Draft]
) -> None:
    to = await appointments.of_booking(tx, event.aggregate)
    if to is not None:
        await mails.write(tx, letter(to, running.settings.base_url), outbox_id=event.id, now=running.now())


def absent(to: Appointment, base_url: str, *, until: datetime | None, beside: Appointment | None) -> Draft:
    """`until`: the last moment to explain it; None: it is past. `beside`: another place that they have for the same unit."""
    w = words(to.person.language)
    return letters.plain(
        to.person,
        w.gettext("You were noted as absent: test on %(day)s", day=w.day(to.starts_at)),
        w.gettext("We expected you at this test. The centre has noted that you did not come."),
        letters.when_and_where(to, w),
        w.gettext(
            "If something kept you from coming, tell the centre why, by %(moment)s at the latest. It may excuse the "
            "absence; then it does not count: %(link)s",
            moment=w.moment(until),
            link=f"{to.page(base_url)}#excuse",
        )
        if until
        else "",
        w.gettext("If you were there, please write to the centre: %(email)s", email=to.centre_email),
        _and_now(to, beside, base_url, w),
        to.centre_name,
    )


def not_absent(to: Appointment) -> Draft:
    """After the letter above."""
    w = words(to.person.language)
    return letters.plain(
        to.person,
        w.gettext("Your test on %(day)s: you are no longer noted as absent", day=w.day(to.starts_at)),
        w.gettext("We wrote to you that you were noted as absent. That was our mistake, and we are sorry."),
        w.gettext("It does not count, and you do not have to explain anything."),
        letters.when_and_where(to, w),
        to.centre_name,
    )


def excused(to: Appointment, base_url: str, *, beside: Appointment | None) -> Draft:
    w = words(to.person.language)
    return letters.plain(
        to.person,
        w.gettext("Your absence is excused"),
        w.gettext("The centre has read your reason. Your absence does not count."),
        letters.when_and_where(to, w),
        _and_now(to, beside, base_url, w),
    )


def refused(to: Appointment, base_url: str) -> Draft:
    w = words(to.person.language)
    return letters.plain(
        to.person,
        w.gettext("The centre has answered about your absence"),
        letters.when_and_where(to, w),
        w.gettext("You can read the answer here: %(link)s", link=f"{to.page(base_url)}#excuse"),
    )


def _and_now(to: Appointment, beside: Appointment | None, base_url: str, w: Words) -> str:
    if beside is None:
        return w.gettext("You can choose another date here: %(link)s", link=to.other_dates(base_url))
    return w.gettext(
        "You have another place for this test, on %(day)s: %(link)s",
        day=w.day(beside.starts_at),
        link=beside.page(base_url),
    )


BY_TOPIC: Reactions = {
    "absence.taken_back": take_back,
    "booking.excused": tell_excused,
    "excuse.refused": tell_refused,
}
