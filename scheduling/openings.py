"""Fair openings: the places of a session are announced for a moment and then drawn among all who asked before it.

Whoever wrote a script that grabs every new place is no faster here than anybody else. And nobody has to trust the draw:
what decides it was fixed, and its hash published, before the first ask (commit), and is shown after it (reveal).
"""

import hashlib
from collections.abc import Iterable
from datetime import datetime
from typing import Literal
from uuid import UUID

import asyncpg
from msgspec import Struct

from scheduling.refusals import DrawTooLate, NotFound, NotInThatState

SEED_BYTES = 32
State = Literal["announced", "drawn", "called_off"]


class Opening(Struct, frozen=True):
    """`seed_hash`: published from the beginning; `seed`: once it was drawn."""

    id: UUID
    session_id: UUID
    announced_at: datetime
    draws_at: datetime
    seed_hash: bytes
    seed: bytes | None
    drawn_at: datetime | None
    called_off_at: datetime | None

    @property
    def state(self) -> State:
        return "called_off" if self.called_off_at else "drawn" if self.drawn_at else "announced"

    def takes_asks(self, now: datetime) -> bool:
        return self.state == "announced" and now < self.draws_at


def seed_hash(seed: bytes) -> bytes:
    """What is published of a seed before the draw."""
    return hashlib.sha256(seed).digest()


def rank(seed: bytes, ask_id: UUID) -> bytes:
    """What an ask is sorted by: SHA-256 of the seed and then the 16 bytes of the ask's id."""
    return hashlib.sha256(seed + ask_id.bytes).digest()


def order(seed: bytes, ask_ids: Iterable[UUID]) -> list[UUID]:
    """The order in which places are given."""
    return sorted(ask_ids, key=lambda ask_id: rank(seed, ask_id))


async def announce(
    tx: asyncpg.Connection,
    opening_id: UUID,
    session_id: UUID,
    *,
    seed_hash: bytes,
    draws_at: datetime,
    by: UUID | None,
    now: datetime,
) -> None:
    """Promise a draft's places for a moment; from now on candidates may ask for one.

    `opening_id` is the caller's, because the seed may be derived from it. Refuses DrawTooLate unless the draw lies
    between now and the test, NotInThatState when the session is open already, over or cancelled, OpeningAnnounced.
    """
    starts_at = await tx.fetchval("select lower(test_time) from scheduling.sessions where id = $1", session_id)
    if starts_at is None:
        raise NotFound
    if not now < draws_at < starts_at:
        raise DrawTooLate
    status = await tx.execute(
        """with drafted as (
               select s.id, s.centre_id from scheduling.sessions s
               where s.id = $2 and s.opened_at is null and s.cancelled_at is null for no key update),
           announced as (
               insert into scheduling.openings (id, session_id, announced_at, announced_by, draws_at, seed_hash)
               select $1, d.id, $3, $4, $5, $6 from drafted d returning id)
           insert into service.outbox (topic, aggregate, payload, occurred_at)
           select 'opening.announced', a.id, jsonb_build_object('session_id', $2::uuid, 'seed_hash', encode($6, 'hex')), $3
           from announced a""",
        opening_id,
        session_id,
        now,
        by,
        draws_at,
        seed_hash,
    )
    if status.endswith(" 0"):
        raise NotInThatState


async def get(tx: asyncpg.Connection, opening_id: UUID) -> Opening:
    """Refuses NotFound."""
    row = await tx.fetchrow(
        """select id, session_id, announced_at, draws_at, seed_hash, seed, drawn_at, called_off_at
           from scheduling.openings where id = $1""",
        opening_id,
    )
    if row is None:
        raise NotFound
    return Opening(**row)


async def of_session(tx: asyncpg.Connection, session_id: UUID) -> Opening | None:
    """The opening of a session that was not called off."""
    row = await tx.fetchrow(
        """select id, session_id, announced_at, draws_at, seed_hash, seed, drawn_at, called_off_at
           from scheduling.openings where session_id = $1 and called_off_at is null""",
        session_id,
    )
    return None if row is None else Opening(**row)


async def coming(tx: asyncpg.Connection, *, now: datetime, limit: int) -> list[Opening]:
    """Openings that take asks, the next draw first."""
    rows = await tx.fetch(
        """select id, session_id, announced_at, draws_at, seed_hash, seed, drawn_at, called_off_at
           from scheduling.openings
           where drawn_at is null and called_off_at is null and draws_at > $1 order by draws_at, id limit $2""",
        now,
        limit,
    )
    return [Opening(**row) for row in rows]


async def take_due(tx: asyncpg.Connection, *, now: datetime) -> Opening | None:
    """An opening whose moment has come, locked for this transaction; of two workers one gets it. None: nothing to draw."""
    row = await tx.fetchrow(
        """select id, session_id, announced_at, draws_at, seed_hash, seed, drawn_at, called_off_at
           from scheduling.openings
           where drawn_at is null and called_off_at is null and draws_at <= $1
           order by draws_at limit 1 for update skip locked""",
        now,
    )
    return None if row is None else Opening(**row)


async def reveal(tx: asyncpg.Connection, opening_id: UUID, seed: bytes, *, now: datetime) -> None:
    """It is drawn, with this seed; PostgreSQL takes no other than the one whose hash was published."""
    status = await tx.execute(
        """with drawn as (
               update scheduling.openings set seed = $2, drawn_at = $3
               where id = $1 and drawn_at is null and called_off_at is null returning id)
           insert into service.outbox (topic, aggregate, payload, occurred_at)
           select 'opening.drawn', id, jsonb_build_object('seed', encode($2, 'hex')), $3 from drawn""",
        opening_id,
        seed,
        now,
    )
    if status.endswith(" 0"):
        raise NotInThatState


async def call_off(tx: asyncpg.Connection, opening_id: UUID, *, by: UUID | None, now: datetime) -> None:
    """There will be no draw; who asked is told. Refuses NotInThatState once it was drawn."""
    status = await tx.execute(
        """with ended as (
               update scheduling.openings set called_off_at = $2, called_off_by = $3
               where id = $1 and drawn_at is null and called_off_at is null returning id)
           insert into service.outbox (topic, aggregate, occurred_at)
           select 'opening.called_off', id, $2 from ended""",
        opening_id,
        now,
        by,
    )
    if status.endswith(" 0"):
        raise NotInThatState
