"""Links: what ties an assessor to a candidate. Kinship and a professional link bar from the jury whichever came first;
a teaching link bars from all but the evaluator's seat."""

from datetime import datetime
from typing import Literal
from uuid import UUID

import asyncpg
from msgspec import Struct

from assessments.refusals import NotFound

Kind = Literal["kinship", "professional", "teaching"]


class Link(Struct, frozen=True):
    id: UUID
    assessor_id: UUID
    candidate_id: UUID
    kind: Kind
    declared_at: datetime
    ended_at: datetime | None


async def declare(
    tx: asyncpg.Connection, assessor_id: UUID, candidate_id: UUID, kind: Kind, *, by: UUID | None, now: datetime
) -> UUID:
    """Put a tie on record; return its id. Refuses LinkAlreadyDeclared, and LinkInJury while both are in the same coming
    session: the seat changes hands first."""
    return await tx.fetchval(  # type: ignore[no-any-return]
        """insert into assessments.links (assessor_id, candidate_id, kind, declared_at, declared_by)
           values ($1, $2, $3, $4, $5) returning id""",
        assessor_id,
        candidate_id,
        kind,
        now,
        by,
    )


async def end(tx: asyncpg.Connection, link_id: UUID, *, now: datetime) -> None:
    """The tie is no more; its record stays. Ending it twice changes nothing. Refuses NotFound."""
    found = await tx.fetchval(
        "update assessments.links set ended_at = coalesce(ended_at, $2) where id = $1 returning id", link_id, now
    )
    if found is None:
        raise NotFound


async def of_candidate(tx: asyncpg.Connection, candidate_id: UUID) -> list[Link]:
    """The candidate's declared ties, ended ones included, oldest first."""
    rows = await tx.fetch(
        """select id, assessor_id, candidate_id, kind, declared_at, ended_at
           from assessments.links where candidate_id = $1 order by declared_at, id""",
        candidate_id,
    )
    return [Link(**row) for row in rows]
