"""What an auditor reads, of one centre or (None) of all: who tested whom and how it ended, without anybody's name.

Ids of people go through service.pseudonyms and are shown no other way. Free text is left out: it may name somebody.
"""

from datetime import datetime
from uuid import UUID

import asyncpg
from msgspec import Struct

from service.pseudonyms import Pseudonyms


class Seat(Struct, frozen=True):
    """Somebody on a jury; `of_centre`: employed by a centre, not from outside."""

    assessor: str
    role: str
    of_centre: bool


class Tested(Struct, frozen=True):
    """A candidate of a session: the steps of the day and what came of it."""

    candidate: str
    checked_in_at: datetime | None
    contract_signed_at: datetime | None
    attended_at: datetime | None
    release: str | None
    proposal: str | None
    votes: tuple[str, ...]
    outcome: str | None
    decider: str | None
    released_at: datetime | None


class Result(Struct, frozen=True):
    """A certification decision. `departs`: the jury decided otherwise than the grid proposed."""

    candidate: str
    session_id: UUID
    unit_code: str
    centre_name: str
    departs: bool
    outcome: str
    decider: str
    taken_at: datetime
    released_at: datetime | None
    superseded_at: datetime | None
    appealed_at: datetime | None


class Entry(Struct, frozen=True):
    """A line of the audit trail. `place`: where the next page goes on."""

    place: str
    at: datetime
    action: str
    subject: str
    role: str | None
    actor: str | None
    candidate: str | None
    centre_name: str | None


async def jury(tx: asyncpg.Connection, session_id: UUID, names: Pseudonyms) -> list[Seat]:
    """Who sat, by role."""
    rows = await tx.fetch(
        """select j.assessor_id, j.role, assessments.is_employed(j.assessor_id) as of_centre
           from scheduling.jury_seats j
           where j.session_id = $1 and j.released_at is null order by j.role, j.id""",
        session_id,
    )
    return [Seat(names.assessor(row["assessor_id"]), row["role"], row["of_centre"]) for row in rows]


async def tested(tx: asyncpg.Connection, session_id: UUID, names: Pseudonyms) -> list[Tested]:
    """Everyone booked, in the order of their bookings' ids: not by name."""
    rows = await tx.fetch(
        """select b.candidate_id, b.checked_in_at, b.contract_signed_at, b.attended_at, b.release, l.proposal,
                  array_remove(array[l.evaluator_vote, l.observer_vote, l.manager_vote], null) as votes,
                  d.outcome, d.taken_by, d.released_at
           from scheduling.bookings b
           left join assessments.deliberations l on l.booking_id = b.id
           left join assessments.decisions d on d.booking_id = b.id and d.superseded_at is null
           where b.session_id = $1 order by b.id""",
        session_id,
    )
    return [
        Tested(
            candidate=names.candidate(row["candidate_id"]),
            decider=names.assessor(row["taken_by"]) if row["taken_by"] else None,
            votes=tuple(row["votes"]),
            **{name: row[name] for name in OF_TESTED},
        )
        for row in rows
    ]


OF_TESTED = (
    "checked_in_at",
    "contract_signed_at",
    "attended_at",
    "release",
    "proposal",
    "outcome",
    "released_at",
)


async def results(
    tx: asyncpg.Connection,
    centre_id: UUID | None,
    names: Pseudonyms,
    *,
    since: datetime,
    until: datetime,
    limit: int,
) -> list[Result]:
    """The decisions taken within the range, newest first; those that another one replaced included."""
    rows = await tx.fetch(
        """select d.candidate_id, d.taken_by, b.session_id, u.code as unit_code, c.name as centre_name,
                  coalesce(l.proposal <> d.outcome, g.proposal <> g.result) as departs, d.outcome,
                  d.taken_at, d.released_at, d.superseded_at,
                  (select min(a.lodged_at) from assessments.appeals a where a.decision_id = d.id) as appealed_at
           from assessments.decisions d
           left join assessments.deliberations l on l.id = d.deliberation_id
           left join assessments.recognitions g on g.id = d.recognition_id
           join scheduling.bookings b on b.id = d.booking_id
           join scheduling.sessions s on s.id = b.session_id
           join scheduling.centres c on c.id = s.centre_id
           join assessments.units u on u.id = d.unit_id
           where ($1::uuid is null or s.centre_id = $1) and d.taken_at >= $2 and d.taken_at < $3
           order by d.taken_at desc, d.id limit $4""",
        centre_id,
        since,
        until,
        limit,
    )
    return [
        Result(
            candidate=names.candidate(row["candidate_id"]),
            decider=names.assessor(row["taken_by"]),
            **{name: row[name] for name in Result.__struct_fields__ if name not in ("candidate", "decider")},
        )
        for row in rows
    ]


async def trail(
    tx: asyncpg.Connection, centre_id: UUID | None, names: Pseudonyms, *, before: tuple[int, int], limit: int
) -> list[Entry]:
    """The entries of the audit trail before a place, newest first."""
    rows = await tx.fetch(
        """select a.transaction::text || '.' || a.id as place, a.at, a.action, a.subject, a.role, a.actor,
                  by.candidate_id as actor_candidate_id, by.assessor_id as actor_assessor_id, a.candidate_id,
                  c.name as centre_name
           from service.audit a
           left join lateral service.person_behind(a.actor) by on true
           left join scheduling.centres c on c.id = a.centre_id
           where ($1::uuid is null or a.centre_id = $1) and (a.transaction, a.id) < ($2::text::xid8, $3)
           order by a.transaction desc, a.id desc limit $4""",
        centre_id,
        str(before[0]),
        before[1],
        limit,
    )
    return [
        Entry(
            actor=_actor(row, names),
            candidate=names.candidate(row["candidate_id"]) if row["candidate_id"] else None,
            **{name: row[name] for name in ("place", "at", "action", "subject", "role", "centre_name")},
        )
        for row in rows
    ]


def _actor(row: asyncpg.Record, names: Pseudonyms) -> str | None:
    """Under the name that the person has elsewhere, where they are a candidate or an assessor."""
    if row["actor_candidate_id"]:
        return names.candidate(row["actor_candidate_id"])
    if row["actor_assessor_id"]:
        return names.assessor(row["actor_assessor_id"])
    return names.account(row["actor"]) if row["actor"] else None
