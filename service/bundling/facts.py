"""The facts of one session, as records for its bundle: read with plain SELECTs, people by their ids until they are named.

Of what is sealed or not released yet a bundle says nothing: grids and deliberations stand in it once the jury deliberated,
decisions once they were released.
"""

from typing import Any
from uuid import UUID

import asyncpg

Records = list[dict[str, Any]]


async def session(tx: asyncpg.Connection, session_id: UUID) -> dict[str, Any] | None:
    """When, where, what, by which version of the standard, and under which accreditation."""
    row = await tx.fetchrow(
        """select s.id, u.code as unit, u.label::jsonb as unit_label, t.code as trade, k.code as scheme, st.version as standard,
                  c.code as centre, c.name as centre_name, r.name as room, s.language::text as language, s.seats,
                  lower(s.test_time) as planned_from, upper(s.test_time) as planned_until, service.day(lower(s.test_time)) as day,
                  s.planned_at, s.opened_at, s.locked_at, s.started_at, s.ended_at, s.closed_at, s.cancelled_at, s.cancellation,
                  k.needs_accreditation, (
                      select jsonb_build_object('reference', a.reference, 'from', lower(a.valid), 'until', upper(a.valid))
                      from assessments.accreditations a
                      where a.centre_id = s.centre_id and a.trade_id = t.id and a.valid @> service.day(lower(s.test_time))
                  ) as accreditation
           from scheduling.sessions s
           join assessments.units u on u.id = s.unit_id join assessments.trades t on t.id = u.trade_id
           join assessments.schemes k on k.code = t.scheme join assessments.standards st on st.id = s.standard_id
           join scheduling.rooms r on r.id = s.room_id join scheduling.centres c on c.id = s.centre_id
           where s.id = $1""",
        session_id,
    )
    return None if row is None else dict(row)


async def standard(tx: asyncpg.Connection, session_id: UUID) -> dict[str, Any]:
    """The version that the session was tested by, with its grid."""
    row = await tx.fetchrow(
        """select u.code as unit, st.version, st.duration_minutes, st.candidates_per_evaluator, st.task, st.conditions, st.grid,
                  st.published_at
           from scheduling.sessions s join assessments.standards st on st.id = s.standard_id
           join assessments.units u on u.id = s.unit_id where s.id = $1""",
        session_id,
    )
    assert row is not None
    return dict(row)


async def jury(tx: asyncpg.Connection, session_id: UUID) -> Records:
    """Who sat, in which seat, and what qualified them on that day; seats given up before are there too."""
    return _records(
        await tx.fetch(
            """select j.id as seat, j.assessor_id as person, j.role, j.given_at, j.released_at,
                      a.centre_id is not distinct from s.centre_id as of_this_centre, a.languages, (
                          select jsonb_build_object('from', lower(q.valid), 'until', upper(q.valid))
                          from assessments.qualifications q join assessments.units u on u.id = s.unit_id
                          where q.assessor_id = j.assessor_id and q.trade_id = u.trade_id and q.role = j.role
                            and q.valid @> service.day(lower(s.test_time))) as qualified
               from scheduling.jury_seats j join scheduling.sessions s on s.id = j.session_id
               join assessments.assessors a on a.id = j.assessor_id
               where j.session_id = $1 order by j.role, j.given_at, j.id""",
            session_id,
        )
    )


async def candidates(tx: asyncpg.Connection, session_id: UUID) -> Records:
    """Each booking with its steps: summons, identity, contract, attendance, or how it ended."""
    return _records(
        await tx.fetch(
            """select b.id as booking, b.candidate_id as person, b.booked_at, b.convoked_at, b.checked_in_at,
                      b.contract_signed_at, b.attended_at, b.extra_minutes, b.released_at as ended_at, b.release as ended_as
               from scheduling.bookings b where b.session_id = $1 order by b.booked_at, b.id""",
            session_id,
        )
    )


async def grids(tx: asyncpg.Connection, session_id: UUID) -> Records:
    """Every submitted grid with its digest, once its candidate was deliberated on, or told their profile."""
    return _records(
        await tx.fetch(
            """select r.id as recording, b.candidate_id as person, r.assessor_id as assessor, r.role, r.started_at,
                      r.submitted_at, r.digest, r.remarks, coalesce((
                          select jsonb_agg(jsonb_build_object('indicator', t.indicator, 'rating', t.rating, 'reason', t.reason)
                                           order by t.indicator)
                          from assessments.ratings t where t.recording_id = r.id), '[]') as ratings
               from assessments.recordings r join scheduling.bookings b on b.id = r.booking_id
               where b.session_id = $1 and r.submitted_at is not null
                 and (exists (select from assessments.deliberations l where l.booking_id = b.id)
                      or assessments.is_told(b.id))
               order by b.booked_at, b.id, r.role, r.submitted_at""",
            session_id,
        )
    )


async def day(tx: asyncpg.Connection, session_id: UUID) -> Records:
    """What was noted beside the grids: incidents, interruptions, times, corrections; no photographs, but that there are."""
    return _records(
        await tx.fetch(
            """select e.id as entry, b.candidate_id as person, e.assessor_id as assessor, e.role, e.kind, e.indicator, e.rating,
                      e.reason, e.motive, e.said, e.at, e.received_at, e.set_aside
               from assessments.entries e join scheduling.bookings b on b.id = e.booking_id
               where b.session_id = $1 and e.kind <> 'rating'
                 and (exists (select from assessments.deliberations l where l.booking_id = b.id)
                      or assessments.is_told(b.id))
               order by e.number""",
            session_id,
        )
    )


async def deliberations(tx: asyncpg.Connection, session_id: UUID) -> Records:
    return _records(
        await tx.fetch(
            """select l.id as deliberation, b.candidate_id as person, l.proposal, l.evaluator_vote, l.observer_vote,
                      l.manager_vote, l.outcome, l.motivation, l.deliberated_at
               from assessments.deliberations l join scheduling.bookings b on b.id = l.booking_id
               where b.session_id = $1 order by l.deliberated_at, l.id""",
            session_id,
        )
    )


async def decisions(tx: asyncpg.Connection, session_id: UUID) -> Records:
    """Those that were released, with the appeal against each, and who reviewed it."""
    return _records(
        await tx.fetch(
            """select d.id as decision, d.candidate_id as person, d.outcome, d.profile, d.taken_by as decider, d.taken_at,
                      d.released_at, d.superseded_at, d.revises, (
                          select jsonb_build_object('appeal', p.id, 'lodged_at', p.lodged_at, 'due_on', p.due_on,
                                                    'grounds', p.grounds, 'answered_at', p.answered_at, 'outcome', p.outcome,
                                                    'motivation', p.motivation)
                          from assessments.appeals p where p.decision_id = d.id) as appeal,
                      array(select w.assessor_id from assessments.appeal_reviewers w
                            join assessments.appeals p on p.id = w.appeal_id
                            where p.decision_id = d.id order by w.appointed_at) as reviewers
               from assessments.decisions d join scheduling.bookings b on b.id = d.booking_id
               where b.session_id = $1 and d.released_at is not null order by d.taken_at, d.id""",
            session_id,
        )
    )


async def profiles(tx: asyncpg.Connection, session_id: UUID) -> Records:
    """Of a screening: the scores that were given to each candidate, and what was recommended."""
    return _records(
        await tx.fetch(
            """select p.id as profile, b.candidate_id as person, p.scores, p.released_at,
                      array(select coalesce(u.code, r.training) from assessments.recommendations r
                            left join assessments.units u on u.id = r.unit_id
                            where r.booking_id = b.id order by r.position) as recommended
               from assessments.profiles p join scheduling.bookings b on b.id = p.booking_id
               where b.session_id = $1 order by p.released_at, p.id""",
            session_id,
        )
    )


async def recognitions(tx: asyncpg.Connection, session_id: UUID) -> Records:
    """Of an EVC: what was recognised and released."""
    return _records(
        await tx.fetch(
            """select r.id as recognition, b.candidate_id as person, r.proposal, r.result, r.competences, r.motivation,
                      r.decided_by as decider, r.decided_at, r.revises, d.id as decision, d.released_at
               from assessments.recognitions r join assessments.decisions d on d.recognition_id = r.id
               join scheduling.bookings b on b.id = r.booking_id
               where b.session_id = $1 and d.released_at is not null order by r.decided_at, r.id""",
            session_id,
        )
    )


async def certificates(tx: asyncpg.Connection, session_id: UUID) -> Records:
    """What was issued for the session's decisions, and how each stands; the holder's name and birth date are on the PDF."""
    return _records(
        await tx.fetch(
            """select k.id as certificate, k.candidate_id as person, k.year, k.number, k.decision_id as decision, k.unit_code,
                      k.standard_version, k.recognised, k.competences,
                      k.jury_date, k.issued_at, k.valid_until, k.suspended_at, k.withdrawn_at, k.reason,
                      f.sha256 as pdf_sha256
               from certificates.register k join assessments.decisions d on d.id = k.decision_id
               join scheduling.bookings b on b.id = d.booking_id
               left join certificates.documents f on f.certificate_id = k.id
               where b.session_id = $1 order by k.year, k.number""",
            session_id,
        )
    )


async def document(tx: asyncpg.Connection, certificate_id: UUID) -> bytes | None:
    """A certificate as it was printed; None while it waits to be."""
    return await tx.fetchval(  # type: ignore[no-any-return]
        "select pdf from certificates.documents where certificate_id = $1", certificate_id
    )


async def of_year(tx: asyncpg.Connection, year: int, centre_id: UUID | None) -> list[UUID]:
    """The sessions of a year that began, in their order."""
    rows = await tx.fetch(
        """select s.id from scheduling.sessions s
           where s.started_at is not null and ($2::uuid is null or s.centre_id = $2)
             and extract(year from service.day(lower(s.test_time))) = $1
           order by lower(s.test_time), s.id""",
        year,
        centre_id,
    )
    return [row["id"] for row in rows]


def _records(rows: list[asyncpg.Record]) -> Records:
    return [dict(row) for row in rows]
