"""Letters that carry a paper: the confirmation with the attestation for an employer, the summons, the attendance."""

from uuid import UUID

import asyncpg
from msgspec.structs import replace

from service import appointments, letters, mails
from service.appointments import Appointment
from service.i18n import words
from service.mail_attachments import Attachment
from service.mails import Draft
from service.outbox import Event
from service.papers import shelf
from service.papers.shelf import Kind
from service.wiring import Running


async def confirmed(tx: asyncpg.Connection, event: Event, running: Running) -> None:
    """A place is booked; a worker finds the attestation for the employer in it."""
    to = await appointments.of_booking(tx, event.aggregate)
    if to is None or to.cancelled:
        return
    draft = letters.booking_confirmed(to, running.settings.base_url)
    if await _is_worker(tx, event.aggregate):
        draft = await _with(tx, draft, "enrolment", event.aggregate, running)
    await mails.write(tx, draft, outbox_id=event.id, now=running.now())


async def convoked(tx: asyncpg.Connection, event: Event, running: Running) -> None:
    """The summons, as letter, as invitation and as paper."""
    to = await appointments.of_booking(tx, event.aggregate)
    if to is None or to.cancelled:
        return
    draft = letters.booking_convoked(to, running.settings.base_url)
    draft = await _with(tx, draft, "convocation", event.aggregate, running)
    await mails.write(tx, draft, outbox_id=event.id, now=running.now())


async def attended(tx: asyncpg.Connection, event: Event, running: Running) -> None:
    """A test has ended: everyone who was there has it in writing. Nothing of how it went."""
    present = await tx.fetch(
        "select id from scheduling.bookings where session_id = $1 and attended_at is not null order by id",
        event.aggregate,
    )
    for row in present:
        to = await appointments.of_booking(tx, row["id"])
        if to is not None:
            draft = await _with(tx, _attended(to), "attendance", row["id"], running)
            await mails.write(tx, draft, outbox_id=event.id, now=running.now())


def _attended(to: Appointment) -> Draft:
    w = words(to.person.language)
    said = (
        w.gettext("Hello %(name)s,", name=to.person.given_name),
        w.gettext("You find attached the attestation that you were at the test on %(day)s.", day=w.day(to.starts_at)),
        w.gettext("It says nothing about the result. We write to you as soon as it is there."),
        to.centre_name,
    )
    return Draft(to.person.email, w.gettext("Your attestation of attendance"), "\n\n".join(said) + "\n")


async def _with(tx: asyncpg.Connection, draft: Draft, kind: Kind, booking_id: UUID, running: Running) -> Draft:
    name, sheet = await shelf.compose(tx, kind, booking_id, settings=running.settings)
    return replace(draft, attachments=(Attachment(name, "application/pdf", await shelf.printed(sheet)),))


async def _is_worker(tx: asyncpg.Connection, booking_id: UUID) -> bool:
    return bool(
        await tx.fetchval(
            """select c.status = 'worker' from scheduling.bookings b join assessments.candidates c on c.id = b.candidate_id
               where b.id = $1""",
            booking_id,
        )
    )
