"""Consents: attendance or result of a candidate for one recipient, one purpose and a time. Without one: no."""

from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

import asyncpg
from msgspec import Struct

from assessments.refusals import ConsentPeriodUnusable, NotFound

Scope = Literal["attendance", "result"]
RecipientKind = Literal["employer", "actiris", "trainer"]


class Recipient(Struct, frozen=True):
    kind: RecipientKind
    name: str


class Consent(Struct, frozen=True):
    """`unit_id`: of this unit only; None: of every test. A result's consent does not cover attendance, nor the other
    way round: each is given for itself."""

    id: UUID
    candidate_id: UUID
    scope: Scope
    unit_id: UUID | None
    recipient_kind: RecipientKind
    recipient_name: str
    purpose: str
    given_at: datetime
    expires_at: datetime
    withdrawn_at: datetime | None

    def stands(self, now: datetime) -> bool:
        return self.withdrawn_at is None and self.given_at <= now < self.expires_at


class ConsentPolicy(Struct, frozen=True):
    """How long a consent may last at most. Configuration. [proposal]"""

    longest_days: int = 730


POLICY = ConsentPolicy()


async def give(
    tx: asyncpg.Connection,
    candidate_id: UUID,
    recipient: Recipient,
    scope: Scope,
    *,
    purpose: str,
    expires_at: datetime,
    now: datetime,
    unit_id: UUID | None = None,
    policy: ConsentPolicy = POLICY,
) -> UUID:
    """Record that the candidate agrees, until a moment; return the consent's id.

    Refuses ConsentPeriodUnusable (over before it begins, or longer than the policy), PurposeMissing, RecipientMissing,
    NotFound (a unit that is none; an erased candidate too).
    """
    if not now < expires_at <= now + timedelta(days=policy.longest_days):
        raise ConsentPeriodUnusable
    given: UUID | None = await tx.fetchval(
        """insert into assessments.consents (candidate_id, scope, unit_id, recipient_kind, recipient_name, purpose,
                                             given_at, expires_at)
           select p.id, $2, $3, $4, $5, $6, $7, $8 from (
               select c.id from assessments.candidates c where c.id = $1 and c.erased_at is null for key share) p
           where $3::uuid is null or exists (select from assessments.units u where u.id = $3)
           returning id""",
        candidate_id,
        scope,
        unit_id,
        recipient.kind,
        recipient.name.strip(),
        purpose.strip(),
        now,
        expires_at,
    )
    if given is None:
        raise NotFound
    return given


async def withdraw(tx: asyncpg.Connection, consent_id: UUID, *, candidate_id: UUID, now: datetime) -> None:
    """The candidate takes it back; from now on nobody is told any more. Twice is once. Refuses NotFound."""
    found = await tx.fetchval(
        """update assessments.consents set withdrawn_at = coalesce(withdrawn_at, $3)
           where id = $1 and candidate_id = $2 returning id""",
        consent_id,
        candidate_id,
        now,
    )
    if found is None:
        raise NotFound


async def standing(
    tx: asyncpg.Connection,
    candidate_id: UUID,
    recipient: Recipient,
    scope: Scope,
    *,
    now: datetime,
    unit_id: UUID | None = None,
) -> Consent | None:
    """The consent under which this recipient may be told at this moment; None: they may not.

    With `unit_id`, of that unit: a consent for every test covers it too. Without, only one for every test will do.
    """
    row = await tx.fetchrow(
        """select id, candidate_id, scope, unit_id, recipient_kind, recipient_name, purpose, given_at, expires_at,
                  withdrawn_at
           from assessments.consents
           where candidate_id = $1 and recipient_kind = $2 and lower(recipient_name) = lower(btrim($3)) and scope = $4
             and (unit_id is null or unit_id = $5)
             and withdrawn_at is null and given_at <= $6 and expires_at > $6
           order by expires_at desc limit 1""",
        candidate_id,
        recipient.kind,
        recipient.name,
        scope,
        unit_id,
        now,
    )
    return None if row is None else Consent(**row)


async def get(tx: asyncpg.Connection, consent_id: UUID) -> Consent:
    """Refuses NotFound."""
    row = await tx.fetchrow(
        """select id, candidate_id, scope, unit_id, recipient_kind, recipient_name, purpose, given_at, expires_at,
                  withdrawn_at
           from assessments.consents where id = $1""",
        consent_id,
    )
    if row is None:
        raise NotFound
    return Consent(**row)


async def of_candidate(tx: asyncpg.Connection, candidate_id: UUID) -> list[Consent]:
    """Every consent of a candidate, over or not, the newest first."""
    rows = await tx.fetch(
        """select id, candidate_id, scope, unit_id, recipient_kind, recipient_name, purpose, given_at, expires_at,
                  withdrawn_at
           from assessments.consents where candidate_id = $1 order by given_at desc, id""",
        candidate_id,
    )
    return [Consent(**row) for row in rows]


async def wipe(tx: asyncpg.Connection, candidate_id: UUID, *, now: datetime) -> None:
    """Of an erased candidate: every consent ends, and neither recipient nor purpose is left."""
    await tx.execute(
        """update assessments.consents
           set withdrawn_at = coalesce(withdrawn_at, $2), recipient_name = '–', purpose = '–' where candidate_id = $1""",
        candidate_id,
        now,
    )


async def forget(tx: asyncpg.Connection, *, before: datetime, most: int) -> int:
    """Delete up to `most` consents that ended before, with what was shared under them; return how many."""
    status = await tx.execute(
        """delete from assessments.consents where id in (
               select id from assessments.consents where least(expires_at, withdrawn_at) < $1 limit $2)""",
        before,
        most,
    )
    return int(status.rsplit(" ", 1)[1])
