"""What another system of a centre calls a candidate, an assessor, a room or a session: the key of its next file."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import asyncpg


async def find(tx: asyncpg.Connection, kind: str, centre_id: UUID, references: Sequence[str]) -> dict[str, UUID]:
    """The rows that a centre's other system calls so; a name that is new is not among them."""
    rows = await tx.fetch(
        """select reference, subject_id from service.external_references
           where kind = $1 and centre_id = $2 and reference = any ($3::text[])""",
        kind,
        centre_id,
        references,
    )
    return {row["reference"]: row["subject_id"] for row in rows}


async def of(tx: asyncpg.Connection, kind: str, centre_id: UUID, subject_id: UUID) -> str | None:
    """What a centre's other system calls a row."""
    return await tx.fetchval(  # type: ignore[no-any-return]
        "select reference from service.external_references where kind = $1 and centre_id = $2 and subject_id = $3",
        kind,
        centre_id,
        subject_id,
    )


async def record_all(
    tx: asyncpg.Connection, kind: str, centre_id: UUID, named: Sequence[tuple[str, UUID]], *, now: datetime
) -> None:
    """Keep names of rows that have none; one that named another row names this one from now on."""
    await tx.executemany(
        """insert into service.external_references (kind, centre_id, reference, subject_id, recorded_at)
           values ($1, $2, $3, $4, $5)
           on conflict (kind, centre_id, reference) do update set subject_id = $4, recorded_at = $5""",
        [(kind, centre_id, reference, subject_id, now) for reference, subject_id in named],
    )


async def forget_name(tx: asyncpg.Connection, kind: str, centre_id: UUID, subject_id: UUID) -> None:
    """A row gets another name."""
    await tx.execute(
        "delete from service.external_references where kind = $1 and centre_id = $2 and subject_id = $3",
        kind,
        centre_id,
        subject_id,
    )


async def erase(tx: asyncpg.Connection, kind: str, subject_id: UUID) -> None:
    """Nobody finds a person again who was forgotten; as the other kind of person they stay."""
    await tx.execute("delete from service.external_references where kind = $1 and subject_id = $2", kind, subject_id)
