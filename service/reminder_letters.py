"""What a reminder says, as letter and on a telephone; and that a seat was given away because nobody answered.

A short message never says a result, nor what the test is about beyond its code.
"""

from datetime import datetime
from uuid import UUID

import asyncpg

from service import appointments, letters, mails, reminders, text_wishes, texts
from service.appointments import Appointment
from service.i18n import Words, words
from service.mails import Draft
from service.outbox import Event
from service.wiring import Running


async def reminded(tx: asyncpg.Connection, event: Event, running: Running) -> None:
    """The letter, and the short message for who wants it. Nothing once the seat is given back or the test has begun."""
    to, now = await appointments.of_booking(tx, event.aggregate), running.now()
    if to is None or to.cancelled or to.starts_at <= now:
        return
    asks, given = bool(event.payload["asks"]), event.payload["release_at"]
    until = datetime.fromisoformat(given) if given else None
    draft = reminder(to, running.settings.base_url, asks=asks, until=until)
    await mails.write(tx, draft, outbox_id=event.id, now=now)
    if running.settings.sends_texts and event.payload["days_before"] in reminders.rules(running.settings).texts:
        body = short_reminder(to, running.settings.base_url, asks=asks)
        await _to_telephone(tx, event, body, now=now)


async def unanswered(tx: asyncpg.Connection, event: Event, running: Running) -> None:
    """The seat went to somebody else, as was said it would."""
    to = await appointments.of_booking(tx, event.aggregate)
    if to is not None:
        await mails.write(tx, given_away(to, running.settings.base_url), outbox_id=event.id, now=running.now())


def reminder(to: Appointment, base_url: str, *, asks: bool, until: datetime | None) -> Draft:
    """`asks`: whether they come. `until`: the moment at which an unanswered seat goes to somebody else."""
    w = words(to.person.language)
    subject = w.gettext("Reminder: your test on %(day)s", day=w.day(to.starts_at))
    return letters.appointment(to, base_url, subject, *_said(to, base_url, w, asks=asks, until=until))


def _said(to: Appointment, base_url: str, w: Words, *, asks: bool, until: datetime | None) -> list[str]:
    said = [w.gettext("We remind you of your test."), letters.when_and_where(to, w)]
    if asks:
        link = f"{base_url}/bookings/{to.event_id}/reminder"
        said.append(w.gettext("Do you come? Say yes, or give your place to somebody else, here: %(link)s", link=link))
    if until is not None:
        said.append(
            w.gettext(
                "Please answer before %(moment)s. Without an answer we give your place to somebody else then.",
                moment=w.moment(until),
            )
        )
    said.append(w.gettext("Please come 15 minutes early and bring your identity card."))
    if not asks:
        link = to.page(base_url)
        said.append(w.gettext("Your code for the door, and what to do if you cannot come: %(link)s", link=link))
    said.append(w.gettext("If you cannot come, tell us as soon as possible: %(email)s", email=to.centre_email))
    return said


def given_away(to: Appointment, base_url: str) -> Draft:
    """With the cancellation of the appointment."""
    w = words(to.person.language)
    return letters.appointment(
        to,
        base_url,
        w.gettext("Your place was given to somebody else: test on %(day)s", day=w.day(to.starts_at)),
        w.gettext("We asked you whether you come, and had no answer in time. So your place is free for others now."),
        letters.when_and_where(to, w),
        w.gettext("You can choose another date here: %(link)s", link=to.other_dates(base_url)),
    )


def short_reminder(to: Appointment, base_url: str, *, asks: bool) -> str:
    """At most 160 places in each language, so that it is one message: tests/service/test_texts.py."""
    w = words(to.person.language)
    facts = {
        "unit": to.unit_code,
        "day": w.short_day(to.starts_at),
        "time": w.clock(to.starts_at),
        "place": f"{to.centre_name}, {to.municipality}",
    }
    if asks:
        link = f"{base_url}/bookings/{to.event_id}/reminder"
        return w.gettext("Test %(unit)s %(day)s %(time)s, %(place)s. Do you come? %(link)s", link=link, **facts)
    return w.gettext("Reminder: test %(unit)s %(day)s %(time)s, %(place)s. Bring your identity card.", **facts)


async def _to_telephone(tx: asyncpg.Connection, event: Event, body: str, *, now: datetime) -> None:
    candidate_id: UUID = await tx.fetchval(
        "select candidate_id from scheduling.bookings where id = $1", event.aggregate
    )
    number = await text_wishes.number(tx, candidate_id)
    if number is not None:
        await texts.write(tx, candidate_id, number, body, outbox_id=event.id, now=now)
