"""What follows what: the one page where one domain answers another.

Each reaction runs in the transaction that marks its row done, so its effects in the database happen exactly once; it
reads how things stand now, which may be later than the news. Nothing leaves the house from here: letters are rows too.
"""

import asyncio
import secrets
from collections.abc import Callable
from uuid import UUID

import asyncpg

from assessments import decisions, new_tests
from certificates import codes, document, documents, register
from scheduling import attendance, bookings, companions, sessions, waiting
from service import (
    absence_letters,
    alert_reactions,
    appointments,
    draw_reactions,
    exports,
    lapse_notices,
    leaving_letters,
    letters,
    mails,
    offer_reactions,
    outcome_reactions,
    paper_letters,
    planning_reactions,
    rectification_letters,
    reminder_letters,
    sign_in_links,
)
from service.appointments import Person
from service.i18n import BRUSSELS, N_, words
from service.mails import Draft
from service.outbox import Event, Reactions
from service.settings import secret
from service.wiring import Running

REVISED = N_("The decision was revised after an appeal.")


async def quiet(tx: asyncpg.Connection, event: Event, running: Running) -> None:
    """Nothing follows; listed, so that a forgotten topic is told from one without consequence."""


async def convoke(tx: asyncpg.Connection, event: Event, running: Running) -> None:
    """A locked list: everyone on it is summoned."""
    await attendance.convoke_all(tx, event.aggregate, now=running.now())


async def close_session(tx: asyncpg.Connection, event: Event, running: Running) -> None:
    """A test that ended with nobody to judge is closed at once."""
    await sessions.close_if_settled(tx, event.aggregate, now=running.now())


async def end_session(tx: asyncpg.Connection, event: Event, running: Running) -> None:
    """Who was there has it in writing, and who was not."""
    await close_session(tx, event, running)
    await paper_letters.attended(tx, event, running)
    await absence_letters.at_the_end(tx, event, running)


async def call_off_session(tx: asyncpg.Connection, event: Event, running: Running) -> None:
    await draw_reactions.call_off(tx, event, running)
    await absence_letters.at_the_end(tx, event, running)


async def tell_moved(tx: asyncpg.Connection, event: Event, running: Running) -> None:
    for appointment in await appointments.of_session(tx, event.aggregate):
        await _write(tx, event, running, letters.session_moved(appointment, running.settings.base_url))


async def tell_confirmed(tx: asyncpg.Connection, event: Event, running: Running) -> None:
    """Who confirms a hold after the list was closed is summoned with the others."""
    await attendance.convoke_all(tx, UUID(event.payload["session_id"]), now=running.now())
    await waiting.serve(tx, event.aggregate, now=running.now())
    await paper_letters.confirmed(tx, event, running)


async def tell_released(tx: asyncpg.Connection, event: Event, running: Running) -> None:
    """An absence and an expired seat have letters of their own, and of what was only held nobody had one. Who has the seat
    again before the letter was written reads nothing."""
    await companions.release_unneeded(tx, event.aggregate, now=running.now())
    await offer_reactions.freed(tx, event, running)
    release = str(event.payload["release"])
    if release == "no_show":
        await absence_letters.noted(tx, event, running)
    if release in ("no_show", "expired", "declined") or await planning_reactions.is_taken_back(tx, event):
        return
    appointment = await appointments.of_booking(tx, event.aggregate)
    if appointment is not None:
        draft = await planning_reactions.about_lost_place(tx, event.aggregate, appointment, release, running)
        await _write(tx, event, running, draft)


async def tell_offered(tx: asyncpg.Connection, event: Event, running: Running) -> None:
    """Unless it was answered meanwhile."""
    booking = await bookings.get(tx, event.aggregate)
    appointment = await appointments.of_booking(tx, event.aggregate)
    if appointment is not None and booking.is_held(running.now()) and booking.held_until is not None:
        await _write(
            tx, event, running, letters.place_offered(appointment, running.settings.base_url, until=booking.held_until)
        )


async def tell_measure(tx: asyncpg.Connection, event: Event, running: Running) -> None:
    await _tell(tx, event, running, event.aggregate, letters.measure_answered)


async def invite_to_jury(tx: asyncpg.Connection, event: Event, running: Running) -> None:
    """Who is asked first reads an invitation, which has news of its own."""
    seat_id = UUID(event.payload["seat_id"])
    appointment = await appointments.of_seat(tx, seat_id)
    if appointment is not None and not appointment.cancelled and not await planning_reactions.is_invited(tx, seat_id):
        await _write(tx, event, running, letters.jury_seat_given(appointment, running.settings.base_url))


async def uninvite(tx: asyncpg.Connection, event: Event, running: Running) -> None:
    appointment = await appointments.of_seat(tx, UUID(event.payload["seat_id"]))
    if appointment is not None:
        await _write(tx, event, running, letters.jury_seat_released(appointment, running.settings.base_url))


async def certify(tx: asyncpg.Connection, event: Event, running: Running) -> None:
    """A released decision closes the candidate's booking; a pass that still stands becomes a certificate, once."""
    decision = await decisions.get(tx, UUID(event.payload["decision_id"]))
    now = running.now()
    await _settle(tx, event, running)
    if decision.superseded_at is not None or await new_tests.granted_at(tx, decision.booking_id) is not None:
        return
    if decision.outcome == "pass":
        code = codes.public_code(secrets.token_bytes(codes.RANDOM_BYTES))
        certificate_id = await register.issue(tx, decision.id, public_code=code, now=now)
        if (await register.get(tx, certificate_id)).is_whole:
            await bookings.release_for_titre(tx, decision.candidate_id, decision.unit_id, by=None, now=now)
    await outcome_reactions.tell_result(tx, event, running)


async def withdraw_revised(tx: asyncpg.Connection, event: Event, running: Running) -> None:
    """A certificate stands and falls with its decision; the new decision brings its own when it is released."""
    certificate_id = await tx.fetchval(
        "select id from certificates.register where decision_id = $1 and withdrawn_at is null",
        UUID(event.payload["revises"]),
    )
    if certificate_id is not None:
        reason = words(running.settings.language).gettext(REVISED)
        await register.withdraw(tx, certificate_id, reason=reason, by=None, now=running.now())


async def publish_profile(tx: asyncpg.Connection, event: Event, running: Running) -> None:
    await _settle(tx, event, running)
    await outcome_reactions.tell_report(tx, event, running)


async def print_certificate(tx: asyncpg.Connection, event: Event, running: Running) -> None:
    certificate = await register.get(tx, event.aggregate)
    pdf = await asyncio.to_thread(document.render, _printed(certificate, running))
    await documents.keep(tx, certificate.id, pdf, now=running.now())
    await _tell_holder(tx, event, running, letters.certificate_issued)


async def tell_certificate_changed(tx: asyncpg.Connection, event: Event, running: Running) -> None:
    await _tell_holder(tx, event, running, letters.certificate_changed)


async def send_sign_in_link(tx: asyncpg.Connection, event: Event, running: Running) -> None:
    letter = await sign_in_links.letter(tx, event.aggregate, now=running.now())
    if letter is not None:
        token = sign_in_links.token_of(secret(running.settings), event.aggregate)
        link = f"{running.settings.base_url}/sign-in/{token}"
        draft = letters.sign_in_link(letter.email, letter.language, link=link, expires_at=letter.expires_at)
        await _write(tx, event, running, draft)


BY_TOPIC: Reactions = {
    "session.opened": offer_reactions.opened,
    "session.locked": convoke,
    "session.moved": tell_moved,
    "session.cancelled": call_off_session,
    "session.ended": end_session,
    **planning_reactions.BY_TOPIC,
    **lapse_notices.BY_TOPIC,
    "repair.applied": quiet,  # its sessions, seats and bookings bring their own news
    "opening.announced": quiet,
    "opening.drawn": quiet,
    "opening.called_off": draw_reactions.tell_called_off,
    "ask.drawn": draw_reactions.tell_drawn,
    "jury_seat.given": invite_to_jury,
    "jury_seat.released": uninvite,
    "booking.held": quiet,
    "booking.offered": tell_offered,
    "booking.confirmed": tell_confirmed,
    "booking.convoked": paper_letters.convoked,
    "booking.attended": quiet,
    "check_in.taken_back": quiet,
    **absence_letters.BY_TOPIC,
    "booking.reminded": reminder_letters.reminded,
    "booking.attending": quiet,
    "booking.unanswered": reminder_letters.unanswered,  # the letter about an expired seat
    "booking.released": tell_released,
    "accommodation.granted": tell_measure,
    "accommodation.refused": tell_measure,
    "waiting.joined": offer_reactions.after_joining,
    "alert.matched": alert_reactions.tell_candidate,
    "candidate.registered": quiet,
    "candidate.corrected": quiet,
    "rectification.announced": rectification_letters.announced,
    "rectification.stopped": rectification_letters.stopped,
    "rectification.asked": rectification_letters.asked,
    "rectification.carried_out": rectification_letters.carried_out,
    "enrolment.made": quiet,
    "enrolment.withdrawn": quiet,  # they did it themselves, and see it
    "guidance.given": quiet,
    "recording.submitted": quiet,
    "deliberation.recorded": quiet,
    "decision.released": certify,
    "decision.revised": withdraw_revised,
    "profile.released": publish_profile,
    "recognition.released": quiet,  # of releases before 0075, which announces the decision of each
    **outcome_reactions.BY_TOPIC,
    "certificate.issued": print_certificate,
    "certificate.suspended": tell_certificate_changed,
    "certificate.reinstated": tell_certificate_changed,
    "certificate.withdrawn": tell_certificate_changed,
    "sign_in_link.asked": send_sign_in_link,
    "export.asked": exports.make,
    "candidate.erased": quiet,  # erasures.carry_out has done all of it
    "assessor.leaving": leaving_letters.tell_centres,
    "assessor.erased": quiet,  # assessor_erasures.carry_out too
}


async def _settle(tx: asyncpg.Connection, event: Event, running: Running) -> None:
    """The outcome of a booking is known; with the last one its session is closed."""
    await attendance.close(tx, UUID(event.payload["booking_id"]), now=running.now())
    await sessions.close_if_settled(tx, UUID(event.payload["session_id"]), now=running.now())


async def _tell(
    tx: asyncpg.Connection, event: Event, running: Running, candidate_id: UUID, letter: Callable[[Person, str], Draft]
) -> None:
    person = await appointments.candidate(tx, candidate_id)
    if person is not None:
        await _write(tx, event, running, letter(person, running.settings.base_url))


async def _tell_holder(tx: asyncpg.Connection, event: Event, running: Running, letter: Callable[..., Draft]) -> None:
    certificate = await register.get(tx, event.aggregate)
    verify_url = _verify_url(certificate, running)
    holder = UUID(event.payload["candidate_id"])
    await _tell(tx, event, running, holder, lambda to, url: letter(to, url, verify_url=verify_url))


def _verify_url(certificate: register.Certificate, running: Running) -> str:
    return f"{running.settings.base_url}/certificates/{certificate.public_code}"


def _printed(certificate: register.Certificate, running: Running) -> document.Printed:
    w = words(certificate.language)
    return document.Printed(
        serial=certificate.serial,
        public_code=certificate.public_code,
        verify_url=_verify_url(certificate, running),
        holder_name=certificate.holder_name,
        birth_date=certificate.birth_date,
        unit_code=certificate.unit_code,
        unit_label=w.label(certificate.unit_label),
        trade_label=w.label(certificate.trade_label),
        centre_name=certificate.centre_name,
        site_city=certificate.municipality,
        jury_date=certificate.jury_date,
        issued_on=certificate.issued_at.astimezone(BRUSSELS).date(),
        scheme_label=w.label(certificate.scheme_label),
        standard_version=str(certificate.standard_version),
        recognised=certificate.recognised,
        competences=tuple(w.label(one) for one in certificate.competences),
        language=certificate.language,
    )


async def _write(tx: asyncpg.Connection, event: Event, running: Running, draft: Draft) -> None:
    await mails.write(tx, draft, outbox_id=event.id, now=running.now())
