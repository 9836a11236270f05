"""What follows what in planning: invitations and their answers, places that the centre took or replaced."""

from uuid import UUID

import asyncpg

from scheduling import attendance, bookings, companions, invitations, priorities, rebookings, rescheduling, waiting
from service import appointments, letters, mails, planning_letters
from service.appointments import Appointment
from service.mails import Draft
from service.outbox import Event, Reactions
from service.wiring import Running


async def invite(tx: asyncpg.Connection, event: Event, running: Running) -> None:
    """Unless they have answered already, or the seat was taken back."""
    invitation = await invitations.get(tx, event.aggregate)
    appointment = await appointments.of_seat(tx, invitation.seat_id)
    if appointment is not None and not appointment.cancelled and invitation.state == "open":
        draft = planning_letters.invited_to_jury(appointment, running.settings.base_url, answer_by=invitation.answer_by)
        await mails.write(tx, draft, outbox_id=event.id, now=running.now())


async def tell_centre(tx: asyncpg.Connection, event: Event, running: Running) -> None:
    """The centre hears every answer, and that there was none."""
    invitation = await invitations.get(tx, event.aggregate)
    appointment = await appointments.of_seat(tx, invitation.seat_id)
    if appointment is not None:
        answer = event.topic.partition(".")[2]
        jury = f"{running.settings.base_url}/centre/sessions/{invitation.session_id}/jury"
        draft = planning_letters.invitation_answered(appointment, running.settings.language, answer=answer, jury=jury)
        await mails.write(tx, draft, outbox_id=event.id, now=running.now())


async def is_invited(tx: asyncpg.Connection, seat_id: UUID) -> bool:
    """Whether a seat was given by invitation."""
    return bool(await tx.fetchval("select exists (select from scheduling.invitations i where i.seat_id = $1)", seat_id))


async def about_lost_place(
    tx: asyncpg.Connection, booking_id: UUID, appointment: Appointment, release: str, running: Running
) -> Draft:
    """The letter about a place that is gone: replaced by another, lost at the door, or cancelled."""
    base_url = running.settings.base_url
    new_id = await rebookings.instead_of(tx, booking_id)
    new = await appointments.of_booking(tx, new_id) if new_id else None
    if new is not None and not new.cancelled:
        return planning_letters.booking_replaced(appointment, base_url, new=new)
    owner = await tx.fetchrow("select candidate_id, unit_id from scheduling.bookings where id = $1", booking_id)
    assert owner is not None
    by_us = release in ("cancelled_by_centre", "turned_away")
    first = by_us and await priorities.is_first(tx, owner["candidate_id"], owner["unit_id"])
    if release == "turned_away":
        return planning_letters.turned_away(appointment, base_url, first=first)
    if await rescheduling.was_exchanged(tx, booking_id):
        release = "rescheduled"  # shortly before the test it counts as cancelled late, and is no less another date
    return letters.booking_cancelled(appointment, base_url, release=release, first=first)


async def is_taken_back(tx: asyncpg.Connection, event: Event) -> bool:
    """Whether the release that this news tells of was a mistake, and is undone; there may be a later one."""
    released_at = (await bookings.get(tx, event.aggregate)).released_at
    return released_at is None or released_at > event.occurred_at


async def give_back(tx: asyncpg.Connection, event: Event, running: Running) -> None:
    """Who was turned away by mistake has their companion again, waits for no other place, is summoned if the list was closed
    meanwhile, and reads that it was a mistake, if they have read that they were turned away."""
    await companions.engage_again(tx, event.aggregate)
    await waiting.serve(tx, event.aggregate, now=running.now())
    await attendance.convoke_all(tx, UUID(event.payload["session_id"]), now=running.now())
    appointment = await appointments.of_booking(tx, event.aggregate)
    if appointment is not None and not appointment.cancelled and await was_told(tx, event):
        draft = planning_letters.turned_away_by_mistake(appointment, running.settings.base_url)
        await mails.write(tx, draft, outbox_id=event.id, now=running.now())


async def was_told(tx: asyncpg.Connection, event: Event) -> bool:
    """Whether a letter was written about the release that this news takes back."""
    return bool(
        await tx.fetchval(
            """select exists (select from service.mails m where m.outbox_id = (
                   select max(o.id) from service.outbox o
                   where o.aggregate = $1 and o.topic = 'booking.released' and o.id < $2))""",
            event.aggregate,
            event.id,
        )
    )


BY_TOPIC: Reactions = {
    "turning_away.taken_back": give_back,
    "invitation.sent": invite,
    "invitation.accepted": tell_centre,
    "invitation.declined": tell_centre,
    "invitation.lapsed": tell_centre,
}
