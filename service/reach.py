"""What lies within a caller's reach. What is somebody else's is as absent as what never was: the same NotFound.

The guard (auth.may) has let in only roles that reach something by the table in service/access.py; here the reach is held
against the object. `runs_…` is its "centre" and "any": the caller's own centre, or every one for an administrator;
`sits_…` its "jury"; `sees_…` either of them; `audits_…` an auditor's "centre"; all others its "own".
"""

from uuid import UUID

import asyncpg

from scheduling.jury_seats import Role
from service.accounts import Account
from service.refusals import NotFound


def runs_centre(me: Account, centre_id: UUID) -> None:
    """The centre is the caller's own. Refuses NotFound."""
    or_absent(me.role == "administrator" or me.centre_id == centre_id)


async def runs_session(tx: asyncpg.Connection, me: Account, session_id: UUID) -> None:
    """The session belongs to the caller's centre. Refuses NotFound."""
    or_absent(
        await tx.fetchval(
            "select $2 = 'administrator' or s.centre_id = $3 from scheduling.sessions s where s.id = $1",
            session_id,
            me.role,
            me.centre_id,
        )
    )


async def sees_session(tx: asyncpg.Connection, me: Account, session_id: UUID) -> None:
    """The caller runs the session or sits on its jury. Refuses NotFound."""
    or_absent(
        await tx.fetchval(
            """select $2 = 'administrator' or s.centre_id = $3 or exists (
                   select from scheduling.jury_seats j
                   where j.session_id = s.id and j.assessor_id = $4 and j.released_at is null)
               from scheduling.sessions s where s.id = $1""",
            session_id,
            me.role,
            me.centre_id,
            me.assessor_id,
        )
    )


async def audits_session(tx: asyncpg.Connection, me: Account, session_id: UUID) -> None:
    """The session belongs to the auditor's centre; for one without a centre, to any. Refuses NotFound."""
    or_absent(
        await tx.fetchval(
            "select $2::uuid is null or s.centre_id = $2 from scheduling.sessions s where s.id = $1",
            session_id,
            me.centre_id,
        )
    )


async def runs_booking(tx: asyncpg.Connection, me: Account, booking_id: UUID) -> None:
    """The booking is for a session of the caller's centre. Refuses NotFound."""
    or_absent(
        await tx.fetchval(
            """select $2 = 'administrator' or s.centre_id = $3
               from scheduling.bookings b join scheduling.sessions s on s.id = b.session_id where b.id = $1""",
            booking_id,
            me.role,
            me.centre_id,
        )
    )


async def holds_booking(tx: asyncpg.Connection, me: Account, booking_id: UUID) -> None:
    """The booking is the caller's own. Refuses NotFound."""
    or_absent(
        await tx.fetchval(
            "select b.candidate_id = $2 from scheduling.bookings b where b.id = $1", booking_id, me.candidate_id
        )
    )


async def has_papers(tx: asyncpg.Connection, me: Account, booking_id: UUID) -> None:
    """The booking is the caller's own, or for a session of their centre. Refuses NotFound."""
    await (holds_booking if me.role == "candidate" else runs_booking)(tx, me, booking_id)


async def sits_before_booking(tx: asyncpg.Connection, me: Account, booking_id: UUID, *roles: Role) -> None:
    """The caller sits on the jury of the booking's session, in one of these roles or, without any, in whichever.

    Refuses NotFound.
    """
    or_absent(
        await tx.fetchval(
            """select exists (select from scheduling.bookings b join scheduling.jury_seats j on j.session_id = b.session_id
                              where b.id = $1 and j.assessor_id = $2 and j.released_at is null
                                and (j.role = any ($3::text[]) or $3::text[] = '{}'))""",
            booking_id,
            me.assessor_id,
            roles,
        )
    )


async def holds_enrolment(tx: asyncpg.Connection, me: Account, enrolment_id: UUID) -> None:
    """The file is the caller's own. Refuses NotFound."""
    or_absent(
        await tx.fetchval(
            "select e.candidate_id = $2 from assessments.enrolments e where e.id = $1", enrolment_id, me.candidate_id
        )
    )


async def holds_alert(tx: asyncpg.Connection, me: Account, alert_id: UUID) -> None:
    """The alert is the caller's own. Refuses NotFound."""
    or_absent(
        await tx.fetchval(
            "select a.candidate_id = $2 from scheduling.alerts a where a.id = $1", alert_id, me.candidate_id
        )
    )


async def sees_booking(tx: asyncpg.Connection, me: Account, booking_id: UUID) -> None:
    """The caller runs the booking's session or sits on its jury. Refuses NotFound."""
    session_id = await tx.fetchval("select b.session_id from scheduling.bookings b where b.id = $1", booking_id)
    await sees_session(tx, me, session_id)


async def runs_jury_seat(tx: asyncpg.Connection, me: Account, seat_id: UUID) -> None:
    """The seat is in a jury of the caller's centre. Refuses NotFound."""
    session_id = await tx.fetchval("select j.session_id from scheduling.jury_seats j where j.id = $1", seat_id)
    await runs_session(tx, me, session_id)


async def knows_assessor(tx: asyncpg.Connection, assessor_id: UUID) -> None:
    """There is such an assessor: juries are filled from all of them. Refuses NotFound."""
    or_absent(await tx.fetchval("select exists (select from assessments.assessors a where a.id = $1)", assessor_id))


async def plans_with_assessor(tx: asyncpg.Connection, me: Account, assessor_id: UUID) -> None:
    """The assessor is one of the caller's centre, or has a seat in one of its juries. Refuses NotFound."""
    or_absent(assessor_id in await within_plans(tx, me, [assessor_id]))


async def answers_for_assessor(tx: asyncpg.Connection, me: Account, assessor_id: UUID) -> None:
    """The assessor is one of the caller's centre, comes from outside, or has a seat in one of its juries.

    Refuses NotFound.
    """
    or_absent(
        await tx.fetchval(
            """select $2 = 'administrator' or a.centre_id is null or a.centre_id = $3 or exists (
                   select from scheduling.jury_seats j join scheduling.sessions s on s.id = j.session_id
                   where j.assessor_id = a.id and j.released_at is null and s.centre_id = $3)
               from assessments.assessors a where a.id = $1""",
            assessor_id,
            me.role,
            me.centre_id,
        )
    )


async def within_plans(tx: asyncpg.Connection, me: Account, assessor_ids: list[UUID]) -> set[UUID]:
    """Those of these assessors who are of the caller's centre, or have a seat in one of its juries."""
    rows = await tx.fetch(
        """select a.id from assessments.assessors a
           where a.id = any ($1::uuid[]) and ($2 = 'administrator' or a.centre_id = $3 or exists (
                   select from scheduling.jury_seats j join scheduling.sessions s on s.id = j.session_id
                   where j.assessor_id = a.id and j.released_at is null and s.centre_id = $3))""",
        assessor_ids,
        me.role,
        me.centre_id,
    )
    return {row["id"] for row in rows}


async def answers_invitation(tx: asyncpg.Connection, me: Account, invitation_id: UUID) -> None:
    """The invitation is the caller's own. Refuses NotFound."""
    or_absent(
        await tx.fetchval(
            "select i.assessor_id = $2 from scheduling.invitations i where i.id = $1", invitation_id, me.assessor_id
        )
    )


async def runs_repair(tx: asyncpg.Connection, me: Account, repair_id: UUID) -> None:
    """The repair is the caller's centre's. Refuses NotFound."""
    or_absent(
        await tx.fetchval(
            "select $2 = 'administrator' or r.centre_id = $3 from scheduling.repairs r where r.id = $1",
            repair_id,
            me.role,
            me.centre_id,
        )
    )


async def runs_closure(tx: asyncpg.Connection, me: Account, closure_id: UUID) -> None:
    """The closure is of the caller's centre. Refuses NotFound."""
    or_absent(
        await tx.fetchval(
            "select $2 = 'administrator' or c.centre_id = $3 from scheduling.closures c where c.id = $1",
            closure_id,
            me.role,
            me.centre_id,
        )
    )


async def runs_import(tx: asyncpg.Connection, me: Account, import_id: UUID) -> None:
    """The import is the caller's centre's. Refuses NotFound."""
    or_absent(
        await tx.fetchval(
            "select $2 = 'administrator' or i.centre_id = $3 from service.imports i where i.id = $1",
            import_id,
            me.role,
            me.centre_id,
        )
    )


async def writes_recording(tx: asyncpg.Connection, me: Account, recording_id: UUID) -> None:
    """The recording is the caller's own. Refuses NotFound."""
    or_absent(
        await tx.fetchval(
            "select r.assessor_id = $2 from assessments.recordings r where r.id = $1", recording_id, me.assessor_id
        )
    )


async def owns_calendar(tx: asyncpg.Connection, me: Account, kind: str, owner_id: UUID) -> None:
    """A calendar of the caller's own tests or seats, of their centre, or of a room in it. Refuses NotFound."""
    or_absent(
        await tx.fetchval(
            """select case $1 when 'candidate' then $2 = $3::uuid
                              when 'assessor' then $2 = $4::uuid
                              when 'centre' then exists (select from scheduling.centres c where c.id = $2
                                                           and ($6 = 'administrator' or c.id = $5))
                              when 'room' then exists (select from scheduling.rooms r where r.id = $2
                                                         and ($6 = 'administrator' or r.centre_id = $5)) end""",
            kind,
            owner_id,
            me.candidate_id,
            me.assessor_id,
            me.centre_id,
            me.role,
        )
    )


def or_absent(within: bool | None) -> None:
    if not within:
        raise NotFound


async def runs_piece(tx: asyncpg.Connection, me: Account, equipment_id: UUID) -> None:
    """The piece of equipment is of the caller's centre. Refuses NotFound."""
    or_absent(
        await tx.fetchval(
            "select $2 = 'administrator' or e.centre_id = $3 from scheduling.equipment e where e.id = $1",
            equipment_id,
            me.role,
            me.centre_id,
        )
    )


async def runs_outage(tx: asyncpg.Connection, me: Account, outage_id: UUID) -> None:
    """The piece that is out of order is of the caller's centre. Refuses NotFound."""
    or_absent(
        await tx.fetchval(
            """select $2 = 'administrator' or e.centre_id = $3
               from scheduling.outages o join scheduling.equipment e on e.id = o.equipment_id where o.id = $1""",
            outage_id,
            me.role,
            me.centre_id,
        )
    )
