"""Letters to be sent: written by reactions, in their transaction; sent by the worker, one after the other.

At least once: a worker killed between the mail server's yes and our commit sends again, with the same Message-ID.
"""

from datetime import datetime

import asyncpg
from msgspec import Struct

from service import logs, mail_attachments
from service.mail import Delayed, Letter, Undeliverable, message
from service.mail_attachments import Attachment
from service.wiring import Running

ATTEMPTS = 12


class Draft(Struct, frozen=True):
    """A letter before it has a number: to whom, and what it says in their language. `calendar`: an invitation.
    `attachments`: papers."""

    recipient: str
    subject: str
    body: str
    calendar: bytes | None = None
    attachments: tuple[Attachment, ...] = ()


async def write(tx: asyncpg.Connection, draft: Draft, *, outbox_id: int, now: datetime) -> None:
    """Take a letter down to be sent. The same one for the same outbox row is taken once."""
    mail_id: int | None = await tx.fetchval(
        """insert into service.mails (outbox_id, recipient, subject, body, calendar, written_at)
           values ($1, $2, $3, $4, $5, $6) on conflict (outbox_id, recipient, subject) do nothing returning id""",
        outbox_id,
        draft.recipient,
        draft.subject,
        draft.body,
        draft.calendar,
        now,
    )
    if mail_id is not None:
        await mail_attachments.keep(tx, mail_id, draft.attachments)


async def file_away(tx: asyncpg.Connection, *, now: datetime) -> int:
    """Mark every unsent letter as sent without sending it: after a replay of the past. Return how many."""
    await mail_attachments.wipe_all(tx)
    status = await tx.execute(
        "update service.mails set sent_at = $1, body = '', calendar = null where sent_at is null", now
    )
    return int(status.rsplit(" ", 1)[1])


async def send_next(running: Running) -> bool:
    """Send the oldest letter that is due; say whether there was one. Several workers may do so at once."""
    async with running.db.transaction() as tx:
        await tx.execute("select set_config('idle_in_transaction_session_timeout', '60s', true)")  # a slow mail server
        letter = await _take(tx, now=running.now())
        if letter is None:
            return False
        try:
            await running.mail.send(message(letter, sender=running.settings.mail_from), name=f"mail-{letter.id}")
        except (Undeliverable, Delayed) as refused:
            logs.fault("a mail was not taken", refused, mail_id=letter.id)
            await _put_off(tx, letter, refused, now=running.now())
        else:
            await _mark_sent(tx, letter, now=running.now())
    return True


async def _take(tx: asyncpg.Connection, *, now: datetime) -> Letter | None:
    row = await tx.fetchrow(
        """select id, recipient, subject, body, calendar, written_at from service.mails
           where sent_at is null and given_up_at is null and (retry_at is null or retry_at <= $1)
           order by id limit 1 for update skip locked""",
        now,
    )
    if row is None:
        return None
    return Letter(**row, attachments=await mail_attachments.of_mail(tx, row["id"]))


async def _mark_sent(tx: asyncpg.Connection, letter: Letter, *, now: datetime) -> None:
    await mail_attachments.wipe(tx, letter.id)
    await tx.execute(
        "update service.mails set sent_at = $2, failure = null, body = '', calendar = null where id = $1",
        letter.id,
        now,
    )


async def _put_off(tx: asyncpg.Connection, letter: Letter, refused: Exception, *, now: datetime) -> None:
    await tx.execute(
        """update service.mails
           set attempts = attempts + 1, failure = $2,
               retry_at = $3::timestamptz + make_interval(secs => least(3600, 5 * power(2, attempts + 1))),
               given_up_at = case when $4 or attempts + 1 >= $5 then $3 end
           where id = $1""",
        letter.id,
        type(refused).__name__,
        now,
        isinstance(refused, Undeliverable),
        ATTEMPTS,
    )


async def erase(tx: asyncpg.Connection, recipients: list[str]) -> None:
    """Delete every letter to these addresses, sent or not."""
    await tx.execute(
        "delete from service.mails where lower(recipient) = any (select lower(r) from unnest($1::text[]) r)", recipients
    )


async def forget(tx: asyncpg.Connection, *, before: datetime, most: int) -> int:
    """Delete up to `most` letters that left, or were given up, before; return how many."""
    status = await tx.execute(
        """delete from service.mails where id in (
               select id from service.mails where coalesce(sent_at, given_up_at) < $1 limit $2)""",
        before,
        most,
    )
    return int(status.rsplit(" ", 1)[1])
