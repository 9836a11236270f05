"""As service/reach.py: whether a decision, a certificate, an appeal or a complaint lies within an account's reach."""

from uuid import UUID

import asyncpg

from service.accounts import Account
from service.reach import or_absent, runs_booking


async def runs_decision(tx: asyncpg.Connection, me: Account, decision_id: UUID) -> None:
    """The decision is about a test in the caller's centre. Refuses NotFound."""
    booking_id = await tx.fetchval("select d.booking_id from assessments.decisions d where d.id = $1", decision_id)
    await runs_booking(tx, me, booking_id)


async def runs_certificate(tx: asyncpg.Connection, me: Account, certificate_id: UUID) -> None:
    """The certificate was issued by the caller's centre. Refuses NotFound."""
    or_absent(
        await tx.fetchval(
            "select $2 = 'administrator' or k.centre_id = $3 from certificates.register k where k.id = $1",
            certificate_id,
            me.role,
            me.centre_id,
        )
    )


async def concerned_by_decision(tx: asyncpg.Connection, me: Account, decision_id: UUID) -> None:
    """The decision is about the caller, and they have been told. Refuses NotFound."""
    or_absent(
        await tx.fetchval(
            """select d.candidate_id = $2 and d.released_at is not null
               from assessments.decisions d where d.id = $1""",
            decision_id,
            me.candidate_id,
        )
    )


async def concerned_by_appeal(tx: asyncpg.Connection, me: Account, appeal_id: UUID) -> None:
    """The appeal is the caller's own. Refuses NotFound."""
    decision_id = await tx.fetchval("select a.decision_id from assessments.appeals a where a.id = $1", appeal_id)
    await concerned_by_decision(tx, me, decision_id)


async def holds_complaint(tx: asyncpg.Connection, me: Account, complaint_id: UUID) -> None:
    """The complaint is the caller's own. Refuses NotFound."""
    or_absent(
        await tx.fetchval(
            "select c.candidate_id = $2 from assessments.complaints c where c.id = $1", complaint_id, me.candidate_id
        )
    )


async def runs_complaint(tx: asyncpg.Connection, me: Account, complaint_id: UUID) -> None:
    """The complaint was addressed to the caller's centre. Refuses NotFound."""
    or_absent(
        await tx.fetchval(
            "select $2 = 'administrator' or c.centre_id = $3 from assessments.complaints c where c.id = $1",
            complaint_id,
            me.role,
            me.centre_id,
        )
    )


async def handles_appeal(tx: asyncpg.Connection, me: Account, appeal_id: UUID) -> None:
    """The caller is of the appeal's panel, or an administrator. Refuses NotFound."""
    if me.role != "administrator":
        await reviews_appeal(tx, me, appeal_id)
    or_absent(await tx.fetchval("select exists (select from assessments.appeals a where a.id = $1)", appeal_id))


async def reads_appeal(tx: asyncpg.Connection, me: Account, appeal_id: UUID) -> None:
    """The appeal is about a decision of the caller's centre, or theirs to review. Refuses NotFound."""
    or_absent(
        await tx.fetchval(
            """select $2 = 'administrator' or s.centre_id = $3 or exists (
                   select from assessments.appeal_reviewers w where w.appeal_id = a.id and w.assessor_id = $4)
               from assessments.appeals a
               join assessments.decisions d on d.id = a.decision_id
               join scheduling.bookings b on b.id = d.booking_id
               join scheduling.sessions s on s.id = b.session_id
               where a.id = $1""",
            appeal_id,
            me.role,
            me.centre_id,
            me.assessor_id,
        )
    )


async def reviews_appeal(tx: asyncpg.Connection, me: Account, appeal_id: UUID) -> None:
    """The caller was appointed to review the appeal. Refuses NotFound."""
    or_absent(
        await tx.fetchval(
            """select exists (select from assessments.appeal_reviewers w
                              where w.appeal_id = $1 and w.assessor_id = $2)""",
            appeal_id,
            me.assessor_id,
        )
    )
