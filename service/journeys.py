"""A candidate's way, unit by unit, across the domains: the file, its attempts and what came of each.

Nothing of a decision is read here before its release.
"""

from datetime import date, datetime
from typing import Literal
from uuid import UUID

import asyncpg
import msgspec
from msgspec import Struct

from assessments import appeals
from service import agenda
from service.agenda import BookingLine


class Outcome(Struct, frozen=True):
    """What came of one booking. `told_at`: the release of the decision that stands; `released_at`: when the seat was free
    again; `revising`: an appeal was upheld and the new decision is still to come; `annulled_at`: the test does not count,
    and there is the right to a new one; `excuse`: they explained an absence, and
    perhaps in vain."""

    told_at: datetime | None
    released_at: datetime | None
    revising: bool
    profiled_at: datetime | None
    appealed_at: datetime | None
    answer_due_on: date | None
    answered_at: datetime | None
    answer: appeals.Outcome | None
    annulled_at: datetime | None
    excuse: Literal["asked", "refused"] | None
    certificate_id: UUID | None
    printed: bool
    certificate_withdrawn_at: datetime | None


class Attempt(Struct, frozen=True):
    line: BookingLine
    outcome: Outcome


class File(Struct, frozen=True):
    """A unit the candidate enrolled for, or was booked for, with its attempts, oldest first."""

    unit_code: str
    unit_label: dict[str, str]
    trade_label: dict[str, str]
    issues_certificate: bool
    enrolment_id: UUID | None
    enrolled_at: datetime | None
    guided_at: datetime | None
    advice: Literal["favourable", "reserved", "unfavourable"] | None
    withdrawn_at: datetime | None
    guidance_required: bool
    failures_before_guidance: int
    waiting_since: datetime | None
    waiting_place: int | None
    attempts: tuple[Attempt, ...]


async def of_candidate(tx: asyncpg.Connection, candidate_id: UUID) -> list[File]:
    """Every file of the candidate, the one with the latest news first."""
    lines = await agenda.bookings_of_candidate(tx, candidate_id)
    outcomes = await _outcomes(tx, candidate_id)
    attempts = [Attempt(line, outcomes[line.id]) for line in reversed(lines)]
    rows = await tx.fetch(
        """select u.code as unit_code, u.label::jsonb as unit_label, t.label::jsonb as trade_label,
                  s.issues_certificate, e.id as enrolment_id, e.enrolled_at, e.guided_at, e.advice, e.withdrawn_at,
                  s.failures_before_guidance > 0 and assessments.failures_since_guidance($1, u.id)
                      >= s.failures_before_guidance as guidance_required, s.failures_before_guidance,
                  l.joined_at as waiting_since, l.place as waiting_place
           from assessments.units u
           join assessments.trades t on t.id = u.trade_id
           join assessments.schemes s on s.code = t.scheme
           left join assessments.enrolments e on e.unit_id = u.id and e.candidate_id = $1
           left join scheduling.waiting_line l on l.unit_id = u.id and l.candidate_id = $1
           where e.id is not null or l.id is not null
              or exists (select from scheduling.bookings b where b.unit_id = u.id and b.candidate_id = $1)
           order by u.code""",
        candidate_id,
    )
    files = [
        msgspec.convert({**row, "attempts": [one for one in attempts if one.line.unit_code == row["unit_code"]]}, File)
        for row in rows
    ]
    return sorted(files, key=_latest, reverse=True)


async def certificate_reasons(tx: asyncpg.Connection, candidate_id: UUID) -> dict[UUID, str]:
    """Why a certificate of the candidate is suspended or withdrawn, by its id: for the holder only."""
    rows = await tx.fetch(
        "select k.id, k.reason from certificates.register k where k.candidate_id = $1 and k.reason is not null",
        candidate_id,
    )
    return {row["id"]: row["reason"] for row in rows}


async def _outcomes(tx: asyncpg.Connection, candidate_id: UUID) -> dict[UUID, Outcome]:
    rows = await tx.fetch(
        """select b.id, d.released_at as told_at, b.released_at, d.id is null and exists (
                      select from assessments.decisions o
                      where o.booking_id = b.id and o.superseded_at is not null) as revising,
                  p.released_at as profiled_at, a.lodged_at as appealed_at, a.due_on as answer_due_on, a.answered_at,
                  a.outcome as answer, n.granted_at as annulled_at,
                  case when e.refused_at is not null then 'refused' when e.id is not null then 'asked' end as excuse,
                  k.id as certificate_id,
                  x.certificate_id is not null as printed,
                  k.withdrawn_at as certificate_withdrawn_at
           from scheduling.bookings b
           left join assessments.decisions d on d.booking_id = b.id and d.superseded_at is null and d.released_at is not null
           left join assessments.profiles p on p.booking_id = b.id
           left join assessments.new_tests n on n.booking_id = b.id
           left join scheduling.excuses e on e.booking_id = b.id
           left join assessments.appeals a on a.decision_id in (
               select o.id from assessments.decisions o where o.booking_id = b.id) and a.lodged_at = (
               select max(l.lodged_at) from assessments.appeals l join assessments.decisions o on o.id = l.decision_id
               where o.booking_id = b.id)
           left join certificates.register k on k.decision_id = d.id
           left join certificates.documents x on x.certificate_id = k.id
           where b.candidate_id = $1""",
        candidate_id,
    )
    return {row["id"]: msgspec.convert(dict(row), Outcome) for row in rows}


def _latest(file: File) -> datetime:
    moments = [file.enrolled_at, file.guided_at, file.waiting_since, *(one.line.starts_at for one in file.attempts)]
    return max(moment for moment in moments if moment is not None)
