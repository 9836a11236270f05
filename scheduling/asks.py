"""Asks: a candidate wants one of the places that will be drawn. When within the window does not matter."""

from datetime import datetime
from typing import Literal
from uuid import UUID

import asyncpg
from msgspec import Struct

Outcome = Literal["asked", "withdrawn", "placed", "fell_out", "no_place_left"]


class Ask(Struct, frozen=True):
    """`position`: in the order of the draw; `refusal`: the rule that stood between the candidate and a place."""

    id: UUID
    opening_id: UUID
    candidate_id: UUID
    asked_at: datetime
    withdrawn_at: datetime | None
    position: int | None
    booking_id: UUID | None
    refusal: str | None

    @property
    def outcome(self) -> Outcome:
        if self.withdrawn_at is not None:
            return "withdrawn"
        if self.position is None:
            return "asked"
        return "placed" if self.booking_id else "fell_out" if self.refusal else "no_place_left"


class Drawn(Struct, frozen=True):
    """An ask as everybody may see it once it was drawn: nobody's name. Whoever asked knows their own id."""

    id: UUID
    position: int
    outcome: Literal["placed", "fell_out", "no_place_left"]


async def ask(tx: asyncpg.Connection, opening_id: UUID, candidate_id: UUID, *, now: datetime) -> Ask:
    """Ask for a place; twice is once. Who took the ask back and asks again has the same one. Refuses OpeningOver."""
    row = await tx.fetchrow(
        """insert into scheduling.asks as a (opening_id, candidate_id, asked_at) values ($1, $2, $3)
           on conflict (opening_id, candidate_id) do update
               set asked_at = case when a.withdrawn_at is null then a.asked_at else $3 end, withdrawn_at = null
           returning id, opening_id, candidate_id, asked_at, withdrawn_at, position, booking_id, refusal""",
        opening_id,
        candidate_id,
        now,
    )
    assert row is not None  # an insert that updates otherwise returns its row
    return Ask(**row)


async def withdraw(tx: asyncpg.Connection, opening_id: UUID, candidate_id: UUID, *, now: datetime) -> None:
    """Take an ask back before the draw; twice is once. Refuses OpeningOver."""
    await tx.execute(
        """update scheduling.asks set withdrawn_at = $3
           where opening_id = $1 and candidate_id = $2 and withdrawn_at is null""",
        opening_id,
        candidate_id,
        now,
    )


async def withdraw_all(tx: asyncpg.Connection, candidate_id: UUID, *, now: datetime) -> None:
    """Take back whatever a candidate still waits for, because they are erased."""
    await tx.execute(
        """update scheduling.asks a set withdrawn_at = $2 from scheduling.openings o
           where o.id = a.opening_id and a.candidate_id = $1 and a.withdrawn_at is null
             and o.drawn_at is null and o.called_off_at is null and o.draws_at > $2""",
        candidate_id,
        now,
    )


async def withdraw_from_unit(tx: asyncpg.Connection, candidate_id: UUID, unit_id: UUID, *, now: datetime) -> None:
    """Take back what a candidate who gives up a unit asks for in its draws to come."""
    await tx.execute(
        """update scheduling.asks a set withdrawn_at = $3 from scheduling.openings o, scheduling.sessions s
           where o.id = a.opening_id and s.id = o.session_id and a.candidate_id = $1 and s.unit_id = $2
             and a.withdrawn_at is null and o.drawn_at is null and o.called_off_at is null and o.draws_at > $3""",
        candidate_id,
        unit_id,
        now,
    )


async def drawn(tx: asyncpg.Connection, opening_id: UUID) -> list[Drawn]:
    """The result of a draw, in its order; empty before it."""
    rows = await tx.fetch(
        """select id, position, case when placed then 'placed' when fell_out then 'fell_out' else 'no_place_left' end as outcome
           from scheduling.drawn_order($1)""",
        opening_id,
    )
    return [Drawn(**row) for row in rows]


async def of_opening(tx: asyncpg.Connection, opening_id: UUID) -> list[Ask]:
    """Every ask that stands, in the order of the draw; before it, by id, which says nothing."""
    rows = await tx.fetch(
        """select id, opening_id, candidate_id, asked_at, withdrawn_at, position, booking_id, refusal
           from scheduling.asks where opening_id = $1 and withdrawn_at is null order by position, id""",
        opening_id,
    )
    return [Ask(**row) for row in rows]


async def of_candidate(tx: asyncpg.Connection, opening_id: UUID, candidate_id: UUID) -> Ask | None:
    """The candidate's own ask that stands."""
    row = await tx.fetchrow(
        """select id, opening_id, candidate_id, asked_at, withdrawn_at, position, booking_id, refusal
           from scheduling.asks where opening_id = $1 and candidate_id = $2 and withdrawn_at is null""",
        opening_id,
        candidate_id,
    )
    return None if row is None else Ask(**row)


async def place(
    tx: asyncpg.Connection,
    ask_id: UUID,
    position: int,
    *,
    booking_id: UUID | None = None,
    refusal: str | None = None,
    now: datetime,
) -> None:
    """Write down what the draw gave: a booking, or the rule that was in the way, or neither because all were gone."""
    await tx.execute(
        """with drawn as (
               update scheduling.asks set position = $2, booking_id = $3, refusal = $4
               where id = $1 and position is null returning id, opening_id, candidate_id)
           insert into service.outbox (topic, aggregate, payload, occurred_at)
           select 'ask.drawn', d.id, jsonb_build_object('opening_id', d.opening_id, 'candidate_id', d.candidate_id), $5
           from drawn d""",
        ask_id,
        position,
        booking_id,
        refusal,
        now,
    )
