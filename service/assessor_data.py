"""Everything we hold about an assessor, table by table (GDPR, art. 15 and 20). A test walks the catalogue: a table that leads
to an assessor and is not here fails the build.

What an assessor wrote about a candidate is about the candidate and goes to them. Here is that it was written, when, and its
hash; of what was decided not how. Nobody else is named (art. 15, 4).
"""

from uuid import UUID

import asyncpg

from service import personal_accounts, personal_readers
from service.personal_readers import Reader, Row, Told


async def read(tx: asyncpg.Connection, assessor_id: UUID, *, told: Told) -> dict[str, list[Row]]:
    """Every table with what is in it about the assessor; `told` is called with how far it is, from 0 to 1."""
    return await personal_readers.read(tx, assessor_id, READERS, told=told)


async def papers(tx: asyncpg.Connection, assessor_id: UUID) -> list[tuple[str, bytes]]:
    """The papers behind their qualifications and undertakings whose content is still kept, each with its name in the copy."""
    rows = await tx.fetch(
        """select d.sha256, d.media_type, d.content from assessments.documents d
           where d.content is not null and d.id in (
               select q.document_id from assessments.qualifications q where q.assessor_id = $1
               union select v.document_id from assessments.undertakings v where v.assessor_id = $1)
           order by d.received_at, d.id""",
        assessor_id,
    )
    endings = {"application/pdf": "pdf", "image/jpeg": "jpg", "image/png": "png"}
    return [(f"papers/{row['sha256'][:16]}.{endings[row['media_type']]}", row["content"]) for row in rows]


async def _assessor(tx: asyncpg.Connection, assessor_id: UUID) -> list[asyncpg.Record]:
    return await tx.fetch(
        """select a.given_name, a.family_name, a.email, a.employer, c.name as centre, a.languages, a.registered_at,
                  a.leaving_at, a.retired_at
           from assessments.assessors a left join scheduling.centres c on c.id = a.centre_id where a.id = $1""",
        assessor_id,
    )


async def _qualifications(tx: asyncpg.Connection, assessor_id: UUID) -> list[asyncpg.Record]:
    return await tx.fetch(
        """select t.code as trade, t.label::jsonb as trade_label, q.role, lower(q.valid) as first_day,
                  upper(q.valid) - 1 as last_day, q.recorded_at, d.sha256
           from assessments.qualifications q join assessments.trades t on t.id = q.trade_id
           left join assessments.documents d on d.id = q.document_id
           where q.assessor_id = $1 order by q.valid, t.code, q.role""",
        assessor_id,
    )


async def _undertakings(tx: asyncpg.Connection, assessor_id: UUID) -> list[asyncpg.Record]:
    return await tx.fetch(
        """select v.kind, v.statement, lower(v.valid) as first_day, upper(v.valid) - 1 as last_day, v.recorded_at, d.sha256
           from assessments.undertakings v left join assessments.documents d on d.id = v.document_id
           where v.assessor_id = $1 order by v.valid, v.kind""",
        assessor_id,
    )


async def _documents(tx: asyncpg.Connection, assessor_id: UUID) -> list[asyncpg.Record]:
    return await tx.fetch(
        """select d.name, d.media_type, d.sha256, d.received_at from assessments.documents d
           where d.id in (select q.document_id from assessments.qualifications q where q.assessor_id = $1
                          union select v.document_id from assessments.undertakings v where v.assessor_id = $1)
           order by d.received_at, d.id""",
        assessor_id,
    )


async def _links(tx: asyncpg.Connection, assessor_id: UUID) -> list[asyncpg.Record]:
    return await tx.fetch(
        "select kind, declared_at, ended_at from assessments.links where assessor_id = $1 order by declared_at",
        assessor_id,
    )


async def _availability(tx: asyncpg.Connection, assessor_id: UUID) -> list[asyncpg.Record]:
    return await tx.fetch(
        """select weekday, opens::text, closes::text, lower(valid) as first_day, upper(valid) - 1 as last_day
           from scheduling.availability where assessor_id = $1 order by weekday, opens""",
        assessor_id,
    )


async def _exceptions(tx: asyncpg.Connection, assessor_id: UUID) -> list[asyncpg.Record]:
    return await tx.fetch(
        """select lower(during) as starts_at, upper(during) as ends_at, can_come, said_at, withdrawn_at
           from scheduling.availability_exceptions where assessor_id = $1 order by lower(during)""",
        assessor_id,
    )


async def _busy_times(tx: asyncpg.Connection, assessor_id: UUID) -> list[asyncpg.Record]:
    return await tx.fetch(
        """select lower(during) as starts_at, upper(during) as ends_at, imported_at
           from scheduling.busy_times where assessor_id = $1 order by lower(during)""",
        assessor_id,
    )


async def _busy_calendars(tx: asyncpg.Connection, assessor_id: UUID) -> list[asyncpg.Record]:
    return await tx.fetch(
        """select substring(url from '^[a-z]+://([^/:]+)') as url, asked_at, read_at, failure
           from scheduling.busy_calendars where assessor_id = $1""",
        assessor_id,
    )


async def _limits(tx: asyncpg.Connection, assessor_id: UUID) -> list[asyncpg.Record]:
    return await tx.fetch(
        """select sessions_per_day, sessions_per_week, changed_at as recorded_at
           from scheduling.assessor_limits where assessor_id = $1""",
        assessor_id,
    )


async def _invitations(tx: asyncpg.Connection, assessor_id: UUID) -> list[asyncpg.Record]:
    return await tx.fetch(
        """select u.code as unit, u.label::jsonb as unit_label, e.name as centre, lower(s.test_time) as starts_at, i.role,
                  i.invited_at, i.answer_by as answer_before, i.accepted_at, i.declined_at, i.lapsed_at
           from scheduling.invitations i join scheduling.sessions s on s.id = i.session_id
           join scheduling.centres e on e.id = s.centre_id join assessments.units u on u.id = s.unit_id
           where i.assessor_id = $1 order by i.invited_at""",
        assessor_id,
    )


async def _seats(tx: asyncpg.Connection, assessor_id: UUID) -> list[asyncpg.Record]:
    return await tx.fetch(
        """select j.id as seat, u.code as unit, u.label::jsonb as unit_label, e.name as centre, j.role,
                  lower(j.during) as starts_at, upper(j.during) as ends_at, j.given_at as seated_at, j.despite, j.released_at
           from scheduling.jury_seats j join scheduling.sessions s on s.id = j.session_id
           join scheduling.centres e on e.id = s.centre_id join assessments.units u on u.id = s.unit_id
           where j.assessor_id = $1 order by lower(j.during)""",
        assessor_id,
    )


async def _companions(tx: asyncpg.Connection, assessor_id: UUID) -> list[asyncpg.Record]:
    return await tx.fetch(
        """select measure, lower(during) as starts_at, upper(during) as ends_at, given_at as seated_at, released_at
           from scheduling.companions where assessor_id = $1 order by lower(during)""",
        assessor_id,
    )


async def _recordings(tx: asyncpg.Connection, assessor_id: UUID) -> list[asyncpg.Record]:
    return await tx.fetch(
        """select r.id as recording, u.code as unit, u.label::jsonb as unit_label, r.role, r.started_at, r.submitted_at,
                  r.digest
           from assessments.recordings r join scheduling.bookings b on b.id = r.booking_id
           join assessments.units u on u.id = b.unit_id
           where r.assessor_id = $1 order by r.started_at, r.id""",
        assessor_id,
    )


async def _entries(tx: asyncpg.Connection, assessor_id: UUID) -> list[asyncpg.Record]:
    return await tx.fetch(
        """select e.id as entry, e.role, e.kind, e.at, e.received_at, e.device_id as device_number, e.set_aside
           from assessments.entries e where e.assessor_id = $1 order by e.number""",
        assessor_id,
    )


async def _photos(tx: asyncpg.Connection, assessor_id: UUID) -> list[asyncpg.Record]:
    return await tx.fetch(
        "select id as photo, sha256, received_at from assessments.photos where assessor_id = $1 order by received_at, id",
        assessor_id,
    )


async def _decisions(tx: asyncpg.Connection, assessor_id: UUID) -> list[asyncpg.Record]:
    return await tx.fetch(
        """select d.id as decision, u.code as unit, d.profile, d.substitution, d.taken_at, d.released_at as told_at
           from assessments.decisions d join scheduling.bookings b on b.id = d.booking_id
           join assessments.units u on u.id = b.unit_id
           where d.taken_by = $1 order by d.taken_at, d.id""",
        assessor_id,
    )


async def _recognitions(tx: asyncpg.Connection, assessor_id: UUID) -> list[asyncpg.Record]:
    return await tx.fetch(
        """select r.id as recognition, u.code as unit, r.decided_at
           from assessments.recognitions r join scheduling.bookings b on b.id = r.booking_id
           join assessments.units u on u.id = b.unit_id
           where r.decided_by = $1 order by r.decided_at, r.id""",
        assessor_id,
    )


async def _reviews(tx: asyncpg.Connection, assessor_id: UUID) -> list[asyncpg.Record]:
    return await tx.fetch(
        """select appeal_id as appeal_number, appointed_at from assessments.appeal_reviewers
           where assessor_id = $1 order by appointed_at""",
        assessor_id,
    )


async def _appeals(tx: asyncpg.Connection, assessor_id: UUID) -> list[asyncpg.Record]:
    return await tx.fetch(
        """select id as appeal_number, lodged_at, due_on, answered_at from assessments.appeals
           where answered_by = $1 order by answered_at""",
        assessor_id,
    )


async def _mediations(tx: asyncpg.Connection, assessor_id: UUID) -> list[asyncpg.Record]:
    return await tx.fetch(
        """select appeal_id as appeal_number, planned_at, meets_at, place, held_at from assessments.mediations
           where led_by = $1 order by planned_at""",
        assessor_id,
    )


async def _import_lines(tx: asyncpg.Connection, assessor_id: UUID) -> list[asyncpg.Record]:
    return await tx.fetch(
        """select e.name as centre, i.asked_at, l.cells, l.written_at
           from service.import_lines l join service.imports i on i.id = l.import_id
           join scheduling.centres e on e.id = i.centre_id
           where i.kind = 'assessors' and l.subject_id = $1 order by i.asked_at, l.number""",
        assessor_id,
    )


async def _audit(tx: asyncpg.Connection, assessor_id: UUID) -> list[asyncpg.Record]:
    """What they did, and what others did to what is on record about them: who it was by role and centre."""
    return await tx.fetch(
        """select t.at, t.action, t.role, c.name as centre, t.mine as done_by_you
           from (select a.id, a.at, a.action, a.role, a.centre_id, true as mine from service.audit a
                 where a.actor in (select k.id from service.accounts k where k.assessor_id = $1)
                 union all
                 select a.id, a.at, a.action, a.role, a.centre_id, false from service.audit a
                 where a.subject_id in (
                     select $1
                     union all select q.id from assessments.qualifications q where q.assessor_id = $1
                     union all select v.id from assessments.undertakings v where v.assessor_id = $1
                     union all select l.id from assessments.links l where l.assessor_id = $1
                     union all select x.id from scheduling.availability_exceptions x where x.assessor_id = $1
                     union all select i.id from scheduling.invitations i where i.assessor_id = $1
                     union all select j.id from scheduling.jury_seats j where j.assessor_id = $1)
                   and not coalesce(a.actor in (select k.id from service.accounts k where k.assessor_id = $1), false)) t
           left join scheduling.centres c on c.id = t.centre_id
           order by t.id""",
        assessor_id,
    )


READERS: dict[str, Reader] = {
    "assessments.assessors": _assessor,
    "assessments.qualifications": _qualifications,
    "assessments.undertakings": _undertakings,
    "assessments.documents": _documents,
    "assessments.links": _links,
    "scheduling.availability": _availability,
    "scheduling.availability_exceptions": _exceptions,
    "scheduling.busy_times": _busy_times,
    "scheduling.busy_calendars": _busy_calendars,
    "scheduling.assessor_limits": _limits,
    "scheduling.invitations": _invitations,
    "scheduling.jury_seats": _seats,
    "scheduling.companions": _companions,
    "assessments.recordings": _recordings,
    "assessments.entries": _entries,
    "assessments.photos": _photos,
    "assessments.decisions": _decisions,
    "assessments.recognitions": _recognitions,
    "assessments.appeal_reviewers": _reviews,
    "assessments.appeals": _appeals,
    "assessments.mediations": _mediations,
    **personal_accounts.READERS,
    "service.import_lines": _import_lines,
    "service.audit": _audit,
}
