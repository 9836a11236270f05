"""What follows after a test: the letter about a result, each step of an appeal or a complaint, a new test.

As in service/reactions.py each runs in the transaction that marks its row done, and reads how things stand now.
"""

from collections.abc import Callable
from uuid import UUID

import asyncpg

from assessments import appeals, complaints, mediations
from certificates import register
from scheduling import attendance, priorities, sessions
from scheduling.calendars import Party
from service import appeal_letters, appointments, letters, mails, office_letters, outcome_rules
from service.appointments import Person
from service.i18n import N_, words
from service.mail_attachments import Attachment
from service.mails import Draft
from service.outbox import Event, Reactions
from service.papers import shelf
from service.wiring import Running

ANNULLED = N_("The test is taken again after an appeal.")


async def tell_result(tx: asyncpg.Connection, event: Event, running: Running) -> None:
    await _tell_outcome(tx, event, running, letters.result_released)


async def tell_report(tx: asyncpg.Connection, event: Event, running: Running) -> None:
    await _tell_outcome(tx, event, running, letters.profile_released)


async def _tell_outcome(tx: asyncpg.Connection, event: Event, running: Running, said: Callable[..., Draft]) -> None:
    """That an outcome is there; with its letter, if the installation wants that and the address is the candidate's."""
    candidate_id = UUID(event.payload["candidate_id"])
    person = await appointments.candidate(tx, candidate_id)
    if person is None:
        return
    letter: tuple[Attachment, ...] = ()
    if outcome_rules.rules(running.settings).letter_in_mail and await _has_signed_in(tx, candidate_id, person.email):
        booking_id = UUID(event.payload["booking_id"])
        name, sheet = await shelf.compose(tx, "result", booking_id, settings=running.settings)
        letter = (Attachment(name, "application/pdf", await shelf.printed(sheet)),)
    await _write(tx, event, running, said(person, _result_page(event, running), letter))


async def _has_signed_in(tx: asyncpg.Connection, candidate_id: UUID, email: str) -> bool:
    return bool(
        await tx.fetchval(
            """select exists (select from service.accounts a join service.logins l on l.account_id = a.id
                              where a.candidate_id = $1 and lower(a.email) = lower($2))""",
            candidate_id,
            email,
        )
    )


async def tell_lodged(tx: asyncpg.Connection, event: Event, running: Running) -> None:
    appeal = await appeals.get(tx, UUID(event.payload["appeal_id"]))
    if appeal.answered_at is None:
        until = appeal.admissible_by or appeal.due_on
        await office_letters.about_appeal(tx, event, running, until=until)
    person = await _candidate(tx, event)
    if person is not None:
        page = _result_page(event, running)
        draft = appeal_letters.lodged(person, page, admissible_by=appeal.admissible_by, due_on=appeal.due_on)
        await _write(tx, event, running, draft)


async def tell_step(tx: asyncpg.Connection, event: Event, running: Running) -> None:
    """One step of an appeal. A meeting that was still to come is called off once the appeal has ended."""
    if event.topic in office_letters.SAID:
        await office_letters.about_appeal(tx, event, running)
    person = await _candidate(tx, event)
    if person is not None:
        await _write(tx, event, running, appeal_letters.step(person, _result_page(event, running), event.topic))
    if event.topic in ("appeal.withdrawn", "appeal.answered"):
        await _invite(tx, event, running, cancelled=True)


async def tell_appointed(tx: asyncpg.Connection, event: Event, running: Running) -> None:
    """The candidate hears of the panel once, each member of it of their own task."""
    if event.payload["is_first"]:
        await tell_step(tx, event, running)
    appeal = await appeals.get(tx, UUID(event.payload["appeal_id"]))
    reviewer = await appointments.assessor(tx, UUID(event.payload["assessor_id"]))
    if reviewer is not None and appeal.answered_at is None:
        page = f"{running.settings.base_url}/appeals/{appeal.id}"
        await _write(tx, event, running, appeal_letters.reviewer_appointed(reviewer, page, due_on=appeal.due_on))


async def invite(tx: asyncpg.Connection, event: Event, running: Running) -> None:
    await office_letters.about_appeal(tx, event, running)
    await _invite(tx, event, running, cancelled=False)


async def _invite(tx: asyncpg.Connection, event: Event, running: Running, *, cancelled: bool) -> None:
    """The candidate, and who leads the meeting; not of one that was held."""
    appeal_id = UUID(event.payload["appeal_id"])
    meeting = await mediations.of_appeal(tx, appeal_id)
    if meeting is None or meeting.held_at is not None:
        return
    row = await tx.fetchrow(
        """select c.name, c.email from assessments.appeals a join assessments.decisions d on d.id = a.decision_id
           join scheduling.bookings b on b.id = d.booking_id join scheduling.sessions s on s.id = b.session_id
           join scheduling.centres c on c.id = s.centre_id where a.id = $1""",
        appeal_id,
    )
    assert row is not None
    page = f"{running.settings.base_url}/appeals/{appeal_id}"
    invited = (
        (await _candidate(tx, event), _result_page(event, running), False),
        (await appointments.assessor(tx, meeting.led_by), page, True),
    )
    for person, address, is_leader in invited:
        if person is not None:
            draft = appeal_letters.mediation(
                person,
                address,
                meeting,
                centre=Party(row["name"], row["email"]),
                cancelled=cancelled,
                is_leader=is_leader,
            )
            await _write(tx, event, running, draft)


async def begin_again(tx: asyncpg.Connection, event: Event, running: Running) -> None:
    """A new test: the old one is closed and its certificate, if there was one, withdrawn; the candidate goes first."""
    booking_id, now = UUID(event.payload["booking_id"]), running.now()
    await attendance.close(tx, booking_id, now=now)
    await sessions.close_if_settled(tx, UUID(event.payload["session_id"]), now=now)
    await priorities.grant(tx, booking_id, "new_test", by=None, now=now)
    for row in await tx.fetch(
        """select k.id from certificates.register k join assessments.decisions d on d.id = k.decision_id
           where d.booking_id = $1 and k.withdrawn_at is null""",
        booking_id,
    ):
        reason = words(running.settings.language).gettext(ANNULLED)
        await register.withdraw(tx, row["id"], reason=reason, by=None, now=now)
    await tell_step(tx, event, running)


async def tell_complaint(tx: asyncpg.Connection, event: Event, running: Running) -> None:
    if event.topic in office_letters.SAID:
        complaint = await complaints.get(tx, event.aggregate)
        await office_letters.about_complaint(tx, event, running, until=complaint.take_up_by)
    person = await _candidate(tx, event)
    if person is not None:
        page = f"{running.settings.base_url}/complaints"
        await _write(tx, event, running, appeal_letters.step(person, page, event.topic))


async def tell_late_appeal(tx: asyncpg.Connection, event: Event, running: Running) -> None:
    """To the centre, unless somebody acted meanwhile."""
    appeal = await appeals.get(tx, UUID(event.payload["appeal_id"]))
    email = await tx.fetchval(
        """select c.email from scheduling.bookings b join scheduling.sessions s on s.id = b.session_id
           join scheduling.centres c on c.id = s.centre_id where b.id = $1""",
        event.aggregate,
    )
    if appeal.answered_at is None:
        page = f"{running.settings.base_url}/appeals/{appeal.id}"
        await _write(tx, event, running, appeal_letters.late(email, running.settings.language, page, is_appeal=True))


async def tell_late_complaint(tx: asyncpg.Connection, event: Event, running: Running) -> None:
    complaint = await complaints.get(tx, event.aggregate)
    email = await tx.fetchval("select c.email from scheduling.centres c where c.id = $1", complaint.centre_id)
    if complaint.deadline is not None:
        page = f"{running.settings.base_url}/centre/complaints/{complaint.id}"
        await _write(tx, event, running, appeal_letters.late(email, running.settings.language, page, is_appeal=False))


async def _candidate(tx: asyncpg.Connection, event: Event) -> Person | None:
    return await appointments.candidate(tx, UUID(event.payload["candidate_id"]))


def _result_page(event: Event, running: Running) -> str:
    return f"{running.settings.base_url}/bookings/{event.aggregate}/result"


async def _write(tx: asyncpg.Connection, event: Event, running: Running, draft: Draft) -> None:
    await mails.write(tx, draft, outbox_id=event.id, now=running.now())


BY_TOPIC: Reactions = {
    "appeal.lodged": tell_lodged,
    "appeal.admitted": tell_step,
    "appeal.turned_down": tell_step,
    "appeal.withdrawn": tell_step,
    "appeal.settled": tell_step,
    "appeal.answered": tell_step,
    "appeal.late": tell_late_appeal,
    "reviewer.appointed": tell_appointed,
    "mediation.planned": invite,
    "mediation.held": tell_step,
    "new_test.granted": begin_again,
    "complaint.lodged": tell_complaint,
    "complaint.taken_up": tell_complaint,
    "complaint.answered": tell_complaint,
    "complaint.withdrawn": tell_complaint,
    "complaint.late": tell_late_complaint,
}
