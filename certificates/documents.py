"""The printed documents: rendered once after the issue, kept as bytes with their digest."""

import hashlib
from datetime import datetime
from uuid import UUID

import asyncpg


async def keep(tx: asyncpg.Connection, certificate_id: UUID, pdf: bytes, *, now: datetime) -> None:
    """Keep the PDF of a certificate. A second call changes nothing: what was handed out stays."""
    await tx.execute(
        """insert into certificates.documents (certificate_id, pdf, sha256, rendered_at) values ($1, $2, $3, $4)
           on conflict (certificate_id) do nothing""",
        certificate_id,
        pdf,
        hashlib.sha256(pdf).hexdigest(),
        now,
    )


async def get(tx: asyncpg.Connection, certificate_id: UUID) -> bytes | None:
    """The PDF, or None while it is still being made."""
    return await tx.fetchval(  # type: ignore[no-any-return]
        "select pdf from certificates.documents where certificate_id = $1", certificate_id
    )
