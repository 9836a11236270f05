"""What another system of a centre calls a candidate, an assessor, a room or a session: the key of its next file."""

from datetime import datetime
from uuid import UUID

import asyncpg


async def find(tx: asyncpg.Connection, kind: str, centre_id: UUID, reference: str) -> UUID | None:
    """The row that a centre's other system calls so; None for a name that is new."""
    return await tx.fetchval(  # type: ignore[no-any-return]
        "select subject_id from service.external_references where kind = $1 and centre_id = $2 and reference = $3",
        kind,
        centre_id,
        reference,
    )


async def of(tx: asyncpg.Connection, kind: str, centre_id: UUID, subject_id: UUID) -> str | None:
    """What a centre's other system calls a row."""
    return await tx.fetchval(  # type: ignore[no-any-return]
        "select reference from service.external_references where kind = $1 and centre_id = $2 and subject_id = $3",
        kind,
        centre_id,
        subject_id,
    )


async def record(
    tx: asyncpg.Connection, kind: str, centre_id: UUID, reference: str, subject_id: UUID, *, is_new: bool, now: datetime
) -> None:
    """Keep the name; the latest one counts. `is_new`: the row had none before."""
    if not is_new:
        await tx.execute(
            "delete from service.external_references where kind = $1 and centre_id = $2 and subject_id = $3",
            kind,
            centre_id,
            subject_id,
        )
    await tx.execute(
        """insert into service.external_references (kind, centre_id, reference, subject_id, recorded_at)
           values ($1, $2, $3, $4, $5)
           on conflict (kind, centre_id, reference) do update set subject_id = $4, recorded_at = $5""",
        kind,
        centre_id,
        reference,
        subject_id,
        now,
    )


async def erase(tx: asyncpg.Connection, kind: str, subject_id: UUID) -> None:
    """Nobody finds a person again who was forgotten; as the other kind of person they stay."""
    await tx.execute("delete from service.external_references where kind = $1 and subject_id = $2", kind, subject_id)
