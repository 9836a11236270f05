"""Decisions: the certification decision is a record of its own (ISO/IEC 17024, 9.4), taken after the deliberation; in an
EVC it is taken with what is recognised (assessments/recognitions.py).

Who decides did not examine: profile `cvdc` bars the evaluator and the observer, `strict-17024` the whole jury.
"""

from datetime import datetime
from typing import Literal
from uuid import UUID

import asyncpg
from msgspec import Struct

from assessments.marking import Outcome
from assessments.outcome_refusals import SessionUndecided
from assessments.refusals import (
    AppealNotUpheld,
    DecisionSuperseded,
    DecisionUnreleased,
    LaxerProfile,
    NoJuryInScheme,
    NotARecognition,
    NotDeliberated,
    NotFound,
)

Profile = Literal["cvdc", "strict-17024"]


class Substitution(Struct, frozen=True):
    """Why somebody decides who is not of the centre, and the account of the administrator who records it."""

    reason: str
    by: UUID


class Decision(Struct, frozen=True):
    """`substitution`: why it was taken by somebody who is not of the centre."""

    id: UUID
    booking_id: UUID
    deliberation_id: UUID | None
    recognition_id: UUID | None
    candidate_id: UUID
    unit_id: UUID
    outcome: Outcome
    profile: Profile
    taken_by: UUID
    taken_at: datetime
    released_at: datetime | None
    released_by: UUID | None
    revises: UUID | None
    superseded_at: datetime | None
    substitution: str | None = None


async def take(
    tx: asyncpg.Connection,
    booking_id: UUID,
    *,
    taken_by: UUID,
    now: datetime,
    profile: Profile | None = None,
    substitution: Substitution | None = None,
) -> UUID:
    """Make what the jury said the decision; return its id. Nobody is told before `release`.

    `profile`: None for the scheme's own; a stricter one may be asked for. `taken_by`: an assessor. Refuses NotFound,
    NoJuryInScheme, LaxerProfile, NotDeliberated, AlreadyDecided, DeciderExamined, DeciderKnowsCandidate; of a
    substitution SubstituteUnneeded, SubstituteNoManager, SubstitutionUnmotivated.
    """
    of_scheme = await _profile_of_scheme(tx, booking_id)
    if of_scheme == "strict-17024" and profile == "cvdc":
        raise LaxerProfile
    decision_id: UUID | None = await tx.fetchval(
        """insert into assessments.decisions (booking_id, deliberation_id, candidate_id, unit_id, outcome, profile,
                                              taken_by, taken_at, substitution, recorded_by)
           select b.id, d.id, b.candidate_id, b.unit_id, d.outcome, $2, $3, $4, $5, $6
           from scheduling.bookings b join assessments.deliberations d on d.booking_id = b.id
           where b.id = $1
           returning id""",
        booking_id,
        profile or of_scheme,
        taken_by,
        now,
        substitution.reason.strip() if substitution else None,
        substitution.by if substitution else None,
    )
    if decision_id is None:
        raise NotDeliberated
    return decision_id


async def take_recognised(
    tx: asyncpg.Connection, recognition_id: UUID, *, substitution: Substitution | None = None
) -> UUID:
    """Make what was recognised the decision of who recognised it, a pass where there is anything in it; return its id.

    Refuses AlreadyDecided, DeciderExamined, DeciderKnowsCandidate.
    """
    return await tx.fetchval(  # type: ignore[no-any-return]
        """insert into assessments.decisions (booking_id, recognition_id, candidate_id, unit_id, outcome, profile,
                                              taken_by, taken_at, substitution, recorded_by)
           select b.id, r.id, b.candidate_id, b.unit_id, case when r.competences = '{}' then 'fail' else 'pass' end,
                  s.decision_profile, r.decided_by, r.decided_at, $2, $3
           from assessments.recognitions r join scheduling.bookings b on b.id = r.booking_id
           join assessments.units u on u.id = b.unit_id join assessments.trades t on t.id = u.trade_id
           join assessments.schemes s on s.code = t.scheme
           where r.id = $1
           returning id""",
        recognition_id,
        substitution.reason.strip() if substitution else None,
        substitution.by if substitution else None,
    )


async def _profile_of_scheme(tx: asyncpg.Connection, booking_id: UUID) -> Profile:
    profile: str | None = await tx.fetchval(
        """select s.decision_profile from scheduling.bookings b
           join assessments.units u on u.id = b.unit_id
           join assessments.trades t on t.id = u.trade_id
           join assessments.schemes s on s.code = t.scheme
           where b.id = $1""",
        booking_id,
    )
    if profile is None:
        raise NotFound
    if profile == "none":
        raise NoJuryInScheme
    return "strict-17024" if profile == "strict-17024" else "cvdc"


async def release(tx: asyncpg.Connection, decision_id: UUID, *, by: UUID | None, now: datetime) -> None:
    """Tell the candidate. Releasing again changes nothing and tells nobody twice.

    Refuses NotFound, DecisionSuperseded, SessionUndeliberated (where the scheme releases a session as a whole).
    """
    released = await tx.fetchval(
        """with released as (
               update assessments.decisions set released_at = $2, released_by = $3
               where id = $1 and released_at is null and superseded_at is null
               returning id, booking_id, candidate_id, unit_id, outcome),
           news as (
               insert into service.outbox (topic, aggregate, payload, occurred_at)
               select 'decision.released', r.booking_id, jsonb_build_object('decision_id', r.id,
                          'booking_id', r.booking_id, 'candidate_id', r.candidate_id, 'unit_id', r.unit_id,
                          'outcome', r.outcome, 'session_id', b.session_id), $2
               from released r join scheduling.bookings b on b.id = r.booking_id)
           select id from released""",
        decision_id,
        now,
        by,
    )
    if released is None and (await get(tx, decision_id)).released_at is None:
        raise DecisionSuperseded


async def release_session(tx: asyncpg.Connection, session_id: UUID, *, by: UUID | None, now: datetime) -> int:
    """Tell everybody who attended a session, in one step; return how many were told by it. Twice is once.

    Refuses NotFound, and SessionUndecided while there is somebody whose test counts and has no decision.
    """
    await tx.execute("select from scheduling.sessions where id = $1 for no key update", session_id)
    undecided = await tx.fetchval(
        """select count(b.id) filter (where b.attended_at is not null
                      and not exists (select from assessments.decisions d where d.booking_id = b.id)
                      and not exists (select from assessments.new_tests n where n.booking_id = b.id))
           from scheduling.sessions s left join scheduling.bookings b on b.session_id = s.id
           where s.id = $1 group by s.id""",
        session_id,
    )
    if undecided is None:
        raise NotFound
    if undecided:
        raise SessionUndecided
    status = await tx.execute(
        """with released as (
               update assessments.decisions d set released_at = $2, released_by = $3
               from scheduling.bookings b
               where b.id = d.booking_id and b.session_id = $1 and d.released_at is null and d.superseded_at is null
               returning d.id, d.booking_id, d.candidate_id, d.unit_id, d.outcome, b.session_id)
           insert into service.outbox (topic, aggregate, payload, occurred_at)
           select 'decision.released', r.booking_id, jsonb_build_object('decision_id', r.id,
                      'booking_id', r.booking_id, 'candidate_id', r.candidate_id, 'unit_id', r.unit_id,
                      'outcome', r.outcome, 'session_id', r.session_id), $2
           from released r""",
        session_id,
        now,
        by,
    )
    return int(status.rsplit(" ", 1)[1])


async def revise(
    tx: asyncpg.Connection,
    decision_id: UUID,
    outcome: Outcome,
    *,
    taken_by: UUID,
    now: datetime,
    recognition_id: UUID | None = None,
) -> UUID:
    """After an upheld appeal a reviewer's decision takes the old one's place; the old one stays. Return the new id.

    `recognition_id`: what is recognised instead, where the old one recognised something. It is told by `release`, like
    the first. Refuses NotFound, DecisionUnreleased, DecisionSuperseded, AppealNotUpheld, NotARecognition (the one without
    the other), NotAReviewer, DeciderExamined, DeciderKnowsCandidate.
    """
    await tx.execute("select from assessments.decisions where id = $1 for no key update", decision_id)
    revised = await get(tx, decision_id)
    await _refuse_unrevisable(tx, revised)
    if (revised.recognition_id is None) != (recognition_id is None):
        raise NotARecognition
    await tx.execute("update assessments.decisions set superseded_at = $2 where id = $1", decision_id, now)
    return await tx.fetchval(  # type: ignore[no-any-return]
        """with revised as (
               insert into assessments.decisions (booking_id, deliberation_id, recognition_id, candidate_id, unit_id,
                                                  outcome, profile, taken_by, taken_at, revises)
               select booking_id, deliberation_id, $5, candidate_id, unit_id, $2, profile, $3, $4, id
               from assessments.decisions where id = $1
               returning id, booking_id, candidate_id, unit_id, outcome, revises),
           news as (
               insert into service.outbox (topic, aggregate, payload, occurred_at)
               select 'decision.revised', r.booking_id, jsonb_build_object('decision_id', r.id, 'revises', r.revises,
                          'booking_id', r.booking_id, 'candidate_id', r.candidate_id, 'unit_id', r.unit_id,
                          'outcome', r.outcome, 'session_id', b.session_id), $4
               from revised r join scheduling.bookings b on b.id = r.booking_id)
           select id from revised""",
        decision_id,
        outcome,
        taken_by,
        now,
        recognition_id,
    )


async def _refuse_unrevisable(tx: asyncpg.Connection, decision: Decision) -> None:
    if decision.superseded_at is not None:
        raise DecisionSuperseded
    if decision.released_at is None:
        raise DecisionUnreleased
    upheld = await tx.fetchval(
        "select exists (select from assessments.appeals where decision_id = $1 and outcome = 'upheld')", decision.id
    )
    if not upheld:
        raise AppealNotUpheld


async def get(tx: asyncpg.Connection, decision_id: UUID) -> Decision:
    """Refuses NotFound."""
    row = await tx.fetchrow(
        """select id, booking_id, deliberation_id, recognition_id, candidate_id, unit_id, outcome, profile, taken_by, taken_at,
                  released_at, released_by, revises, superseded_at, substitution
           from assessments.decisions where id = $1""",
        decision_id,
    )
    if row is None:
        raise NotFound
    return Decision(**row)


async def of_booking(tx: asyncpg.Connection, booking_id: UUID) -> list[Decision]:
    """Every decision on a candidate's test, the one that stands last."""
    rows = await tx.fetch(
        """select id, booking_id, deliberation_id, recognition_id, candidate_id, unit_id, outcome, profile, taken_by, taken_at,
                  released_at, released_by, revises, superseded_at, substitution
           from assessments.decisions where booking_id = $1 order by superseded_at nulls last""",
        booking_id,
    )
    return [Decision(**row) for row in rows]


async def wipe(tx: asyncpg.Connection, candidate_id: UUID) -> None:
    """Of an erased candidate: the decisions stay, the words about a substitute go."""
    await tx.execute(
        """update assessments.decisions set substitution = '–'
           where candidate_id = $1 and substitution is not null and substitution <> '–'""",
        candidate_id,
    )
