"""Keyed writes: the first answer to an Idempotency-Key is given again to every replay, in the transaction of its effect.

A replay writes too (`seen`), so that its commit waits for whatever the first one's waits for: a replay that only reads
could acknowledge a booking that a failing primary takes with it. Only an effect is remembered. A refusal undoes the claim
with everything else and is judged anew, because time or somebody else's cancellation may have cured it.
"""

import hashlib
from datetime import datetime, timedelta
from uuid import UUID

import asyncpg
from msgspec import Struct

from service.refusals import KeyInFlight, KeyReused

KEPT = timedelta(days=7)


class Answer(Struct, frozen=True):
    status: int
    body: bytes


def digest(method: str, path: str, body: bytes) -> str:
    """What makes two requests the same."""
    return hashlib.sha256(b"\n".join((method.encode(), path.encode(), body))).hexdigest()


async def claim(tx: asyncpg.Connection, account_id: UUID, key: str, *, request: str, now: datetime) -> Answer | None:
    """Take the key for this transaction (None), or return the answer it was given before.

    While another transaction holds the key this waits for its end. Refuses KeyInFlight when that takes longer than the
    lock's time limit, KeyReused when the key came with another request.
    """
    try:
        row = await tx.fetchrow(
            "select request, status, body, seen from service.claim_key($1, $2, $3, $4, null, null)",
            account_id,
            key,
            request,
            now,
        )
    except asyncpg.LockNotAvailableError as error:
        raise KeyInFlight from error
    assert row is not None  # an insert that can do nothing else returns its row
    if row["request"] != request:
        raise KeyReused
    return None if row["seen"] == 1 else Answer(row["status"], row["body"])


async def remember(tx: asyncpg.Connection, account_id: UUID, key: str, answer: Answer) -> None:
    """Keep the answer, in the transaction that made it true."""
    await tx.execute(
        "update service.idempotency set status = $3, body = $4 where account_id = $1 and key = $2",
        account_id,
        key,
        answer.status,
        answer.body,
    )


async def forget(tx: asyncpg.Connection, *, now: datetime) -> int:
    """Delete the keys nobody retries any more; return how many."""
    status = await tx.execute("delete from service.idempotency where first_at < $1", now - KEPT)
    return int(status.rsplit(" ", 1)[1])


async def erase(tx: asyncpg.Connection, account_id: UUID) -> None:
    """Delete every answer that was kept for an account that is closed for good."""
    await tx.execute("delete from service.idempotency where account_id = $1", account_id)
