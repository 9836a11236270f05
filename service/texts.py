"""Short messages to be sent: written by reactions, in their transaction; sent by the worker, as letters are.

At least once: a worker killed between the gateway's yes and our commit sends again, under the same id.
"""

from datetime import datetime
from uuid import UUID

import asyncpg
from msgspec import Struct

from service import logs, sms
from service.mail import Delayed, Undeliverable
from service.wiring import Running

ATTEMPTS = 8  # about twenty minutes: a short message that comes a day late says something wrong


class Text(Struct, frozen=True):
    id: int
    number: str
    body: str


async def write(
    tx: asyncpg.Connection, candidate_id: UUID, number: str, body: str, *, outbox_id: int, now: datetime
) -> None:
    """Take a message down to be sent, in plain letters. The same one for the same outbox row is taken once."""
    said = sms.plain(body)
    await tx.execute(
        """insert into service.texts (outbox_id, candidate_id, number, body, segments, written_at)
           values ($1, $2, $3, $4, $5, $6) on conflict (outbox_id, candidate_id) do nothing""",
        outbox_id,
        candidate_id,
        number,
        said,
        sms.segments(said),
        now,
    )


async def send_next(running: Running) -> bool:
    """Send the oldest message that is due; say whether there was one. Several workers may do so at once."""
    async with running.db.transaction() as tx:
        await tx.execute("select set_config('idle_in_transaction_session_timeout', '60s', true)")  # a slow gateway
        text = await _take(tx, now=running.now())
        if text is None:
            return False
        try:
            await running.sms.send(text.number, text.body, name=f"sms-{text.id}")
        except (Undeliverable, Delayed) as refused:
            logs.fault("a short message was not taken", refused, text_id=text.id)
            await _put_off(tx, text, refused, now=running.now())
        else:
            await tx.execute(
                "update service.texts set sent_at = $2, failure = null, number = '', body = '' where id = $1",
                text.id,
                running.now(),
            )
    return True


async def _take(tx: asyncpg.Connection, *, now: datetime) -> Text | None:
    row = await tx.fetchrow(
        """select id, number, body from service.texts
           where sent_at is null and given_up_at is null and (retry_at is null or retry_at <= $1)
           order by id limit 1 for update skip locked""",
        now,
    )
    return None if row is None else Text(**row)


async def _put_off(tx: asyncpg.Connection, text: Text, refused: Exception, *, now: datetime) -> None:
    await tx.execute(
        """update service.texts
           set attempts = attempts + 1, failure = $2,
               retry_at = $3::timestamptz + make_interval(secs => 5 * power(2, attempts)),
               given_up_at = case when $4 or attempts + 1 >= $5 then $3 end
           where id = $1""",
        text.id,
        type(refused).__name__,
        now,
        isinstance(refused, Undeliverable),
        ATTEMPTS,
    )


async def erase(tx: asyncpg.Connection, candidate_id: UUID) -> None:
    """Delete every message to a candidate, sent or not."""
    await tx.execute("delete from service.texts where candidate_id = $1", candidate_id)


async def forget(tx: asyncpg.Connection, *, before: datetime, most: int) -> int:
    """Delete up to `most` messages that left, or were given up, before; return how many."""
    status = await tx.execute(
        """delete from service.texts where id in (
               select id from service.texts where coalesce(sent_at, given_up_at) < $1 limit $2)""",
        before,
        most,
    )
    return int(status.rsplit(" ", 1)[1])
