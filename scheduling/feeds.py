"""Calendar addresses: a secret each, kept as its hash, revocable, bound to what its owner may see today."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

import asyncpg
from msgspec import Struct

from scheduling.refusals import NotFound

Kind = Literal["candidate", "assessor", "room", "centre"]
KEPT = timedelta(days=400)  # how far back a calendar goes
CANCELLED_KEPT = timedelta(days=30)


class Feed(Struct, frozen=True):
    id: UUID
    kind: Kind
    owner_id: UUID
    language: str
    created_at: datetime


class Picture(Struct, frozen=True):
    """A feed at a moment. `seen`: what was visible then; `changed`: the sessions that a former picture does not show as
    they are now, None without a former one; `surroundings`: of which version the names of rooms and units are."""

    feed: Feed
    surroundings: UUID
    seen: str
    changed: list[UUID] | None

    @property
    def notes_changes(self) -> bool:
        """Whether `changed` says all: of centres and rooms. A person's calendar is short, and read as a whole."""
        return self.feed.kind in ("centre", "room")


class Event(Struct, frozen=True):
    """One event in facts; `role` is whose view it is: candidate, evaluator, observer, manager, or session."""

    event_id: UUID
    session_id: UUID
    role: str
    starts_at: datetime
    ends_at: datetime
    sequence: int
    changed_at: datetime
    cancelled: bool
    language: str
    unit_code: str
    unit_label: dict[str, str]
    trade_label: dict[str, str]
    centre_name: str
    room_name: str
    street: str
    postcode: str
    municipality: str


async def create(
    tx: asyncpg.Connection, kind: Kind, owner_id: UUID, *, token_hash: bytes, language: str, by: UUID, now: datetime
) -> UUID:
    """Make a calendar address for an owner; `by` is the account it answers for.

    `token_hash` is the SHA-256 of the secret in the address, which has at least 128 random bits. An earlier address
    of the same account for the same owner ends: renewing is creating.
    """
    return await tx.fetchval(  # type: ignore[no-any-return]
        """with ended as (
               update scheduling.feeds set revoked_at = $6
               where kind = $1 and owner_id = $2 and created_by = $5 and revoked_at is null)
           insert into scheduling.feeds (kind, owner_id, token_hash, language, created_by, created_at)
           values ($1, $2, $3, $4, $5, $6) returning id""",
        kind,
        owner_id,
        token_hash,
        language,
        by,
        now,
    )


async def revoke(tx: asyncpg.Connection, feed_id: UUID, *, by: UUID, now: datetime) -> None:
    """End an address of this account; it answers "gone" at once. Refuses NotFound."""
    status = await tx.execute(
        """update scheduling.feeds set revoked_at = coalesce(revoked_at, $3) where id = $1 and created_by = $2""",
        feed_id,
        by,
        now,
    )
    if status.endswith(" 0"):
        raise NotFound


async def of_account(tx: asyncpg.Connection, account_id: UUID) -> list[Feed]:
    """The live addresses of an account."""
    rows = await tx.fetch(
        """select id, kind, owner_id, language::text, created_at from scheduling.feeds
           where created_by = $1 and revoked_at is null order by created_at""",
        account_id,
    )
    return [Feed(**row) for row in rows]


async def by_secret(tx: asyncpg.Connection, token_hash: bytes) -> Feed | None:
    """The live feed of a secret, if the account behind it may still see what it shows; else None."""
    row = await tx.fetchrow("select id, kind, owner_id, language, created_at from scheduling.feed_of($1)", token_hash)
    return None if row is None else Feed(**row)


async def since(tx: asyncpg.Connection, asked: Sequence[tuple[bytes, str | None]]) -> list[Picture | None]:
    """The live feed of each secret as it is seen now, and what the former picture asked with it does not show as it is: in
    one round trip, whoever acts. None where there is no such feed for its account."""
    rows = await tx.fetch(
        """select a.place, f.id, f.kind, f.owner_id, f.language, f.created_at, f.surroundings, f.seen, f.changed
           from unnest($1::bytea[], $2::text[]) with ordinality a (token_hash, former, place)
           cross join lateral scheduling.feed_since(a.token_hash, a.former::pg_snapshot) f""",
        [token_hash for token_hash, _ in asked],
        [former for _, former in asked],
    )
    pictures: list[Picture | None] = [None] * len(asked)
    for place, *fields in rows:
        pictures[place - 1] = Picture(Feed(*fields[:5]), *fields[5:])
    return pictures


async def events(tx: asyncpg.Connection, feed: Feed, *, now: datetime) -> list[Event]:
    """What the feed shows at a moment, by start; a cancelled event goes 30 days after its cancellation."""
    rows = await tx.fetch(
        """select event_id, session_id, role, starts_at, ends_at, sequence, changed_at, cancelled, language, unit_code,
                  unit_label, trade_label, centre_name, room_name, street, postcode, municipality
           from scheduling.calendar
           where kind = $1 and owner_id = $2 and confirmed and starts_at > $3 and (not cancelled or changed_at > $4)
           order by starts_at, event_id""",
        feed.kind,
        feed.owner_id,
        now - KEPT,
        now - CANCELLED_KEPT,
    )
    return [Event(**row) for row in rows]


async def events_of(tx: asyncpg.Connection, token_hash: bytes, sessions: list[UUID], *, now: datetime) -> list[Event]:
    """The same of some sessions, in the calendar of a centre or a room, by its secret: whoever acts."""
    rows = await tx.fetch(
        """select event_id, session_id, role, starts_at, ends_at, sequence, changed_at, cancelled, language, unit_code,
                  unit_label, trade_label, centre_name, room_name, street, postcode, municipality
           from scheduling.feed_events($1, $2)""",
        token_hash,
        sessions,
    )
    return [
        event
        for event in (Event(*row) for row in rows)
        if event.starts_at > now - KEPT and (not event.cancelled or event.changed_at > now - CANCELLED_KEPT)
    ]


async def end_all(tx: asyncpg.Connection, kind: Kind, owner_id: UUID, *, now: datetime) -> None:
    """End every address of an owner, whoever made it."""
    await tx.execute(
        "update scheduling.feeds set revoked_at = $3 where kind = $1 and owner_id = $2 and revoked_at is null",
        kind,
        owner_id,
        now,
    )


async def forget(tx: asyncpg.Connection, *, before: datetime, most: int) -> int:
    """Delete up to `most` addresses that ended before; return how many."""
    status = await tx.execute(
        """delete from scheduling.feeds where id in (
               select id from scheduling.feeds where revoked_at < $1 limit $2)""",
        before,
        most,
    )
    return int(status.rsplit(" ", 1)[1])
