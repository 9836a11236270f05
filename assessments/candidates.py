"""Candidates: who asks to be tested."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Literal
from uuid import UUID

import asyncpg
from msgspec import Struct, to_builtins

from assessments.refusals import DecisionAwaited, NotFound, StillExpected

Language = Literal["fr", "nl", "en", "de"]
Status = Literal["jobseeker", "worker", "self_employed", "learner", "other"]


class Candidate(Struct, frozen=True):
    id: UUID
    given_name: str
    family_name: str
    birth_date: date
    email: str
    phone: str | None
    language: Language
    status: Status
    gender: Literal["f", "m", "x"] | None
    municipality: str | None
    registered_at: datetime
    erased_at: datetime | None

    @property
    def name(self) -> str:
        return f"{self.given_name} {self.family_name}"

    @property
    def details(self) -> "Details":
        return Details(self.given_name, self.family_name, self.phone, self.municipality, self.language)


class Registration(Struct, frozen=True, forbid_unknown_fields=True):
    """What a candidate says of themselves. No national number: it is optional, and has its own keeper."""

    given_name: str
    family_name: str
    birth_date: date
    email: str
    language: Language
    status: Status
    phone: str | None = None
    gender: Literal["f", "m", "x"] | None = None
    municipality: str | None = None


class Details(Struct, frozen=True):
    """What candidates correct themselves: birth date and address for letters need a look at a document."""

    given_name: str
    family_name: str
    phone: str | None
    municipality: str | None
    language: Language


async def register(
    tx: asyncpg.Connection, registration: Registration, *, now: datetime, candidate_id: UUID | None = None
) -> UUID:
    """Record a candidate; return their id. Refuses CandidateEmailKnown.

    An assessor who becomes a candidate keeps their id, given as `candidate_id`: one person, one calendar.
    """
    return (await register_all(tx, [(candidate_id, registration)], now=now))[0]


async def register_all(
    tx: asyncpg.Connection, people: Sequence[tuple[UUID | None, Registration]], *, now: datetime
) -> list[UUID]:
    """Record candidates by one statement, all or none; return their ids in the order given. Each with the id of the
    assessor that they are, or None (see `register`). Refuses CandidateEmailKnown."""
    rows = await tx.fetch(
        """with given as materialized (
               select coalesce(kept_id, gen_random_uuid()) as id, g.*
               from rows from (jsonb_to_recordset($1) as (
                   kept_id uuid, given_name text, family_name text, birth_date date, email text, phone text,
                   language service.language, status text, gender text, municipality text)) with ordinality
                   g (kept_id, given_name, family_name, birth_date, email, phone, language, status, gender, municipality,
                      place)),
           registered as (
               insert into assessments.candidates (id, given_name, family_name, birth_date, email, phone, language,
                                                   status, gender, municipality, registered_at)
               select id, given_name, family_name, birth_date, email, phone, language, status, gender, municipality, $2
               from given order by place returning id),
           news as (
               insert into service.outbox (topic, aggregate, occurred_at)
               select 'candidate.registered', id, $2 from registered)
           select id from given order by place""",
        [{"kept_id": candidate_id, **to_builtins(registration)} for candidate_id, registration in people],
        now,
    )
    return [row["id"] for row in rows]


async def get(tx: asyncpg.Connection, candidate_id: UUID) -> Candidate:
    """Refuses NotFound."""
    row = await tx.fetchrow(
        """select id, given_name, family_name, birth_date, email, phone, language, status, gender, municipality,
                  registered_at, erased_at
           from assessments.candidates where id = $1""",
        candidate_id,
    )
    if row is None:
        raise NotFound
    return Candidate(**row)


async def amend(
    tx: asyncpg.Connection, candidate_id: UUID, registration: Registration, *, by: UUID | None, now: datetime
) -> None:
    """What staff read in a document or another system, the address for letters apart. Refuses NotFound."""
    status = await tx.execute(
        """with amended as (
               update assessments.candidates
               set given_name = $2, family_name = $3, birth_date = $4, language = $5, status = $6, phone = $7, gender = $8,
                   municipality = $9
               where id = $1 and erased_at is null returning id)
           insert into service.outbox (topic, aggregate, payload, occurred_at)
           select 'candidate.corrected', id, jsonb_build_object('by', $10::uuid), $11 from amended""",
        candidate_id,
        registration.given_name,
        registration.family_name,
        registration.birth_date,
        registration.language,
        registration.status,
        registration.phone,
        registration.gender,
        registration.municipality,
        by,
        now,
    )
    if status.endswith(" 0"):
        raise NotFound


async def hold(tx: asyncpg.Connection, candidate_id: UUID) -> Candidate:
    """Who it is now; until the transaction ends nobody else corrects them. Refuses NotFound."""
    await tx.execute("select from assessments.candidates where id = $1 for no key update", candidate_id)
    return await get(tx, candidate_id)


async def correct(
    tx: asyncpg.Connection, candidate_id: UUID, details: Details, *, by: UUID | None, now: datetime
) -> None:
    """Correct what is on record (GDPR, art. 16). Refuses NameUnreadable, NotFound (nobody, or erased)."""
    status = await tx.execute(
        """with corrected as (
               update assessments.candidates
               set given_name = $2, family_name = $3, phone = $4, municipality = $5, language = $6
               where id = $1 and erased_at is null returning id)
           insert into service.outbox (topic, aggregate, payload, occurred_at)
           select 'candidate.corrected', id, jsonb_build_object('by', $7::uuid), $8 from corrected""",
        candidate_id,
        details.given_name,
        details.family_name,
        details.phone,
        details.municipality,
        details.language,
        by,
        now,
    )
    if status.endswith(" 0"):
        raise NotFound


async def correct_birth_date(
    tx: asyncpg.Connection, candidate_id: UUID, birth_date: date, *, by: UUID, now: datetime
) -> None:
    """What somebody of a centre read in a document. Certificates that were issued keep the date they were issued with.

    Refuses NotFound, CandidateTooYoung (for a place that they hold).
    """
    status = await tx.execute(
        """with corrected as (
               update assessments.candidates set birth_date = $2 where id = $1 and erased_at is null returning id)
           insert into service.outbox (topic, aggregate, payload, occurred_at)
           select 'candidate.corrected', id, jsonb_build_object('by', $3::uuid), $4 from corrected""",
        candidate_id,
        birth_date,
        by,
        now,
    )
    if status.endswith(" 0"):
        raise NotFound


async def change_email(tx: asyncpg.Connection, candidate_id: UUID, email: str, *, now: datetime) -> None:
    """Where letters go, from now on. Refuses NotFound, CandidateEmailKnown."""
    status = await tx.execute(
        """with corrected as (
               update assessments.candidates set email = $2 where id = $1 and erased_at is null returning id)
           insert into service.outbox (topic, aggregate, occurred_at)
           select 'candidate.corrected', id, $3 from corrected""",
        candidate_id,
        email,
        now,
    )
    if status.endswith(" 0"):
        raise NotFound


async def give_phone(tx: asyncpg.Connection, candidate_id: UUID, phone: str | None) -> None:
    """Keep, correct or drop the telephone number of a candidate who is not erased."""
    await tx.execute(
        """update assessments.candidates set phone = $2
           where id = $1 and erased_at is null and phone is distinct from $2""",
        candidate_id,
        phone,
    )


async def erase(tx: asyncpg.Connection, candidate_id: UUID, *, by: UUID | None, now: datetime) -> None:
    """Forget who the candidate was. What counts people stays: attempts, decisions, gender, status, the year of birth.

    Twice is once. Refuses NotFound, StillExpected while they hold a seat, DecisionAwaited while a result or the answer
    to an appeal is to come. The lock keeps out who would book for them meanwhile.
    """
    await tx.execute("select from assessments.candidates where id = $1 for update", candidate_id)
    if (await get(tx, candidate_id)).erased_at is not None:
        return
    await _refuse_unsettled(tx, candidate_id)
    await tx.execute(
        """with erased as (
               update assessments.candidates
               set given_name = '–', family_name = left(id::text, 8), email = id || '@erased.invalid', phone = null,
                   municipality = null, birth_date = date_trunc('year', birth_date)::date, erased_at = $2
               where id = $1 returning id)
           insert into service.outbox (topic, aggregate, payload, occurred_at)
           select 'candidate.erased', id, jsonb_build_object('by', $3::uuid), $2 from erased""",
        candidate_id,
        now,
        by,
    )


async def _refuse_unsettled(tx: asyncpg.Connection, candidate_id: UUID) -> None:
    """An upheld appeal waits for the decision that revises, a decision for its release."""
    live = await tx.fetchrow(
        """select exists (select from scheduling.bookings b
                          where b.candidate_id = $1 and b.released_at is null and b.attended_at is null) as expected,
                  exists (select from scheduling.bookings b
                          where b.candidate_id = $1 and b.attended_at is not null and b.closed_at is null)
                  or exists (select from assessments.decisions d
                             where d.candidate_id = $1 and d.released_at is null and d.superseded_at is null)
                  or exists (select from assessments.appeals a join assessments.decisions d on d.id = a.decision_id
                             where d.candidate_id = $1 and (a.answered_at is null
                                   or (a.outcome = 'upheld' and d.superseded_at is null))) as awaiting""",
        candidate_id,
    )
    assert live is not None
    if live["awaiting"]:
        raise DecisionAwaited
    if live["expected"]:
        raise StillExpected


async def idle(tx: asyncpg.Connection, *, before: datetime, most: int) -> list[UUID]:
    """Up to `most` candidates with whom nothing has happened since, and who are not erased yet."""
    rows = await tx.fetch(
        """select c.id from assessments.candidates c
           where c.erased_at is null and c.registered_at < $1 and not assessments.active_since(c.id, $1) limit $2""",
        before,
        most,
    )
    return [row["id"] for row in rows]
