"""Who is expected where and when: what a letter about a booking or a jury seat has to know, read at once."""

from datetime import datetime
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import asyncpg
from msgspec import Struct

from scheduling.calendars import Entry
from service.i18n import N_, Words

ROLES = {"evaluator": N_("evaluator"), "observer": N_("observer"), "manager": N_("centre manager")}


class Person(Struct, frozen=True):
    """Somebody to write to, in their language."""

    given_name: str
    name: str
    email: str
    language: str


class Appointment(Struct, frozen=True):
    """A person and the event in their calendar. `language` is the session's; `reason` why it was cancelled."""

    person: Person
    event_id: UUID
    role: str
    starts_at: datetime
    ends_at: datetime
    sequence: int
    changed_at: datetime
    cancelled: bool
    reason: str | None
    language: str
    unit_code: str
    unit_label: dict[str, str]
    trade_label: dict[str, str]
    centre_name: str
    centre_email: str
    room_name: str
    street: str
    postcode: str
    municipality: str

    @property
    def place(self) -> str:
        return f"{self.room_name}, {self.street}, {self.postcode} {self.municipality}"

    def page(self, base_url: str) -> str:
        """Where it is read and changed; what a calendar leads to, in a mail and in a feed alike."""
        return f"{base_url}/bookings/{self.event_id}" if self.role == "candidate" else base_url

    def other_dates(self, base_url: str) -> str:
        """The search for the same test."""
        return f"{base_url}/sessions?what={self.unit_code}"

    def line(self, base_url: str) -> str:
        """The waiting list of the same test, in the same language."""
        return f"{base_url}/waiting/new?unit={self.unit_code}&language={self.language}"

    def title(self, words: Words) -> str:
        """« Épreuve : Monter un mur en blocs »"""
        if self.role == "candidate":
            return words.gettext("Test: %(unit)s", unit=words.label(self.unit_label))
        role = words.gettext(ROLES[self.role])
        return words.gettext("Jury (%(role)s): %(unit)s", role=role, unit=words.label(self.unit_label))

    def entry(self, words: Words, base_url: str) -> Entry:
        """The event as a calendar holds it, under the UID of the feeds."""
        return Entry(
            uid=f"{self.event_id}@{urlsplit(base_url).hostname}",
            starts_at=self.starts_at,
            ends_at=self.ends_at,
            changed_at=self.changed_at,
            sequence=self.sequence,
            summary=self.title(words),
            cancelled=self.cancelled,
            location=self.place,
            url=self.page(base_url),
        )


async def of_booking(tx: asyncpg.Connection, booking_id: UUID) -> Appointment | None:
    """The candidate's appointment; None once the candidate is erased."""
    row = await tx.fetchrow(
        """select p.given_name, p.given_name || ' ' || p.family_name as name, p.email, p.language::text as speaks,
                  e.*, s.cancellation as reason, c.email as centre_email
           from scheduling.calendar e
           join assessments.candidates p on p.id = e.owner_id and p.erased_at is null
           join scheduling.sessions s on s.id = e.session_id
           join scheduling.centres c on c.id = s.centre_id
           where e.kind = 'candidate' and e.event_id = $1""",
        booking_id,
    )
    return None if row is None else _appointment(row)


async def beside(tx: asyncpg.Connection, booking_id: UUID) -> Appointment | None:
    """The place that the candidate of a released booking has for the same unit by now."""
    another = await tx.fetchval(
        """select o.id from scheduling.bookings b
           join scheduling.bookings o on o.candidate_id = b.candidate_id and o.unit_id = b.unit_id and o.id <> b.id
           where b.id = $1 and o.confirmed_at is not null and o.released_at is null and o.closed_at is null""",
        booking_id,
    )
    return None if another is None else await of_booking(tx, another)


async def of_seat(tx: asyncpg.Connection, seat_id: UUID) -> Appointment | None:
    """The assessor's appointment; None once the assessor has retired."""
    row = await tx.fetchrow(
        """select p.given_name, p.given_name || ' ' || p.family_name as name, p.email, p.languages[1] as speaks,
                  e.*, s.cancellation as reason, c.email as centre_email
           from scheduling.calendar e
           join assessments.assessors p on p.id = e.owner_id and p.retired_at is null
           join scheduling.sessions s on s.id = e.session_id
           join scheduling.centres c on c.id = s.centre_id
           where e.kind = 'assessor' and e.event_id = $1""",
        seat_id,
    )
    return None if row is None else _appointment(row)


async def of_session(tx: asyncpg.Connection, session_id: UUID) -> list[Appointment]:
    """Everyone who is expected at a session: its candidates and its jury."""
    bookings = await tx.fetch(
        """select id from scheduling.bookings
           where session_id = $1 and released_at is null and confirmed_at is not null order by id""",
        session_id,
    )
    seats = await tx.fetch(
        "select id from scheduling.jury_seats where session_id = $1 and released_at is null order by id", session_id
    )
    found = [await of_booking(tx, row["id"]) for row in bookings] + [await of_seat(tx, row["id"]) for row in seats]
    return [appointment for appointment in found if appointment is not None]


async def candidate(tx: asyncpg.Connection, candidate_id: UUID) -> Person | None:
    """The candidate as an addressee; None once erased."""
    row = await tx.fetchrow(
        """select given_name, given_name || ' ' || family_name as name, email, language::text as speaks
           from assessments.candidates where id = $1 and erased_at is null""",
        candidate_id,
    )
    return None if row is None else _person(row)


async def assessor(tx: asyncpg.Connection, assessor_id: UUID) -> Person | None:
    """The assessor as an addressee; None once retired."""
    row = await tx.fetchrow(
        """select given_name, given_name || ' ' || family_name as name, email, languages[1] as speaks
           from assessments.assessors where id = $1 and retired_at is null""",
        assessor_id,
    )
    return None if row is None else _person(row)


def _appointment(row: Any) -> Appointment:
    facts = {field: row[field] for field in Appointment.__struct_fields__ if field != "person"}
    return Appointment(person=_person(row), **facts)


def _person(row: Any) -> Person:
    return Person(row["given_name"], row["name"], row["email"], row["speaks"])
