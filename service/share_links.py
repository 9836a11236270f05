"""Shared addresses: under each, the recipient of one consent reads what it covers, as long as the consent stands.

The token is shown once and kept as its hash. What is read is looked up at the moment of reading: a consent that was
withdrawn, or is over, shows nothing more.
"""

import hashlib
from datetime import datetime
from typing import Literal
from uuid import UUID

import asyncpg
from msgspec import Struct

from service.refusals import NotFound

TOKEN_BYTES = 32


class ShareLink(Struct, frozen=True):
    """`views`: how often it was read, `last_seen_at`: the last time."""

    id: UUID
    consent_id: UUID
    created_at: datetime
    revoked_at: datetime | None
    views: int
    last_seen_at: datetime | None


class Shared(Struct, frozen=True):
    """What a link leads to. `ended`: it was one, and shows nothing any more."""

    link_id: UUID
    ended: bool
    candidate_id: UUID
    unit_id: UUID | None
    scope: Literal["attendance", "result"]
    holder_name: str
    recipient_name: str
    purpose: str
    expires_at: datetime


class Line(Struct, frozen=True):
    """One test, as far as the consent goes: `outcome` is None where the scope is attendance."""

    unit_code: str
    unit_label: dict[str, str]
    centre_name: str
    starts_at: datetime
    ends_at: datetime
    outcome: Literal["pass", "fail"] | None


async def create(tx: asyncpg.Connection, consent_id: UUID, *, candidate_id: UUID, token: str, now: datetime) -> UUID:
    """Make an address for a standing consent of this candidate. Refuses NotFound."""
    made: UUID | None = await tx.fetchval(
        """insert into service.share_links (consent_id, token_hash, created_at)
           select c.id, $3, $4 from assessments.consents c
           where c.id = $1 and c.candidate_id = $2 and c.withdrawn_at is null and c.expires_at > $4 returning id""",
        consent_id,
        candidate_id,
        token_hash(token),
        now,
    )
    if made is None:
        raise NotFound
    return made


async def revoke(tx: asyncpg.Connection, link_id: UUID, *, candidate_id: UUID, now: datetime) -> None:
    """End one address; the consent stays. Refuses NotFound."""
    found = await tx.fetchval(
        """update service.share_links l set revoked_at = coalesce(l.revoked_at, $3)
           from assessments.consents c where l.id = $1 and c.id = l.consent_id and c.candidate_id = $2 returning l.id""",
        link_id,
        candidate_id,
        now,
    )
    if found is None:
        raise NotFound


async def end_all(tx: asyncpg.Connection, candidate_id: UUID, *, now: datetime) -> None:
    """End every address of a candidate."""
    await tx.execute(
        """update service.share_links l set revoked_at = $2
           from assessments.consents c where c.id = l.consent_id and c.candidate_id = $1 and l.revoked_at is null""",
        candidate_id,
        now,
    )


async def of_candidate(tx: asyncpg.Connection, candidate_id: UUID) -> list[ShareLink]:
    """Every address under the candidate's consents, the newest first, with how often it was read."""
    rows = await tx.fetch(
        """select l.id, l.consent_id, l.created_at, l.revoked_at, count(v.id) as views, max(v.seen_at) as last_seen_at
           from service.share_links l
           join assessments.consents c on c.id = l.consent_id
           left join service.share_views v on v.link_id = l.id
           where c.candidate_id = $1 group by l.id order by l.created_at desc, l.id""",
        candidate_id,
    )
    return [ShareLink(**row) for row in rows]


async def by_token(tx: asyncpg.Connection, token: str, *, now: datetime) -> Shared | None:
    """What the address was made for, and whether it still holds; None for one that never was."""
    row = await tx.fetchrow(
        """select l.id as link_id, c.candidate_id, c.unit_id, c.scope, c.recipient_name, c.purpose, c.expires_at,
                  p.given_name || ' ' || p.family_name as holder_name,
                  l.revoked_at is not null or c.withdrawn_at is not null or c.expires_at <= $2
                      or p.erased_at is not null as ended
           from service.share_links l
           join assessments.consents c on c.id = l.consent_id
           join assessments.candidates p on p.id = c.candidate_id
           where l.token_hash = $1""",
        token_hash(token),
        now,
    )
    return None if row is None else Shared(**row)


async def lines(tx: asyncpg.Connection, shared: Shared) -> list[Line]:
    """The tests it covers, newest first: those attended, or those whose result was told to the candidate."""
    rows = await tx.fetch(
        """select u.code as unit_code, u.label::jsonb as unit_label, e.name as centre_name,
                  lower(b.during) as starts_at, upper(b.during) as ends_at,
                  case when $3 = 'result' then d.outcome end as outcome
           from scheduling.bookings b
           join scheduling.sessions s on s.id = b.session_id
           join scheduling.centres e on e.id = s.centre_id
           join assessments.units u on u.id = b.unit_id
           left join assessments.decisions d on d.booking_id = b.id and d.released_at is not null and d.superseded_at is null
               and not exists (select from assessments.new_tests n where n.booking_id = b.id)
           where b.candidate_id = $1 and ($2::uuid is null or b.unit_id = $2) and b.attended_at is not null
             and ($3 = 'attendance' or d.id is not null)
           order by lower(b.during) desc""",
        shared.candidate_id,
        shared.unit_id,
        shared.scope,
    )
    return [Line(**row) for row in rows]


def token_hash(token: str) -> bytes:
    """What is kept of a token."""
    return hashlib.sha256(token.encode()).digest()
