"""Orders: a candidate's wish for a seat, keyed, in one round trip, which it shares with whoever asks meanwhile.

What is done, and in which order, is `service.order_seat` (migrations/0053_ledger.sql) for one order, and for several at once
`service.order_seats_together` (0119); here it is asked for, and what was refused becomes its refusal. Nothing is remembered
between two round trips: what PostgreSQL did not acknowledge is asked again under its idempotency key.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import asyncpg
from msgspec import Struct

from service import logins
from service.coalescing import Coalesced, GoAlone
from service.db import BY_CONSTRAINT, Actor, Database
from service.held_line import HeldLine
from service.idempotency import Answer
from service.refusals import KeyInFlight, NotFound, TryAgain
from service.turns import Turn

PATIENCE = "200ms"  # for a lock, in company; who meets one that is held for longer waits by themselves
FLIGHTS = 1  # of a process: the more go together, the less each of them costs PostgreSQL
UNPROVEN = "28000"
CROSSED = (asyncpg.SerializationError, asyncpg.DeadlockDetectedError)


class Order(Struct, frozen=True):
    """`answer`: what the order is told if it succeeds, and every replay of `key`; `request`: what makes two the same.

    With `hold_until` the seat is held until then, one of at most `most_held` at a time. `login`: the hash of the login by
    which the actor is still to be recognised, see Unproven; None: it has been.
    """

    actor: Actor
    session_id: UUID
    key: str
    request: str
    booking_id: UUID
    answer: Answer
    now: datetime
    hold_until: datetime | None = None
    most_held: int = 0
    login: bytes | None = None


class Unproven(Exception):
    """The login is not the actor's, is over, or has to be noted as seen: nothing was done, recognition has the word."""


class Orders:
    """`await orders(order)`: the answer under its key. Refuses whatever scheduling.bookings.book refuses, TooManyHolds,
    KeyReused, KeyInFlight, Unproven, and what the database does: after Unavailable the order may have been carried out."""

    def __init__(self, db: Database, *, flights: int = FLIGHTS, turn: Turn | None = None) -> None:
        self._line = HeldLine(db)
        self._each = Coalesced(self._in_company, whose=_owner, alone=self._alone, flights=flights, turn=turn)

    async def __call__(self, order: Order) -> Answer:
        if order.actor.account is None or order.actor.candidate is None:
            raise NotFound
        return await self._each(order)

    async def _in_company(self, orders: Sequence[Order]) -> list[Answer | Exception]:
        return [_outcome(*row) for row in await self._carried_out(orders, PATIENCE)]

    async def _alone(self, order: Order) -> Answer:
        """With all the patience of the connection, and once more if two transactions waited for each other."""
        try:
            return await self._by_itself(order)
        except TryAgain as error:
            if not isinstance(error.__cause__, CROSSED):
                raise
            return await self._by_itself(order)

    async def _by_itself(self, order: Order) -> Answer:
        try:
            ((status, body, state, _),) = await self._carried_out([order], "")
        except TryAgain as error:
            if "claim_key" in (getattr(error.__cause__, "context", None) or ""):
                raise KeyInFlight from error
            raise
        if state == UNPROVEN:
            raise Unproven
        return Answer(status, body)

    async def _carried_out(self, orders: Sequence[Order], patience: str) -> list[asyncpg.Record]:
        async with self._line.glance() as connection:
            return await connection.fetch(
                "select * from service.order_seats($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)",
                [order.actor.account for order in orders],
                [order.actor.candidate for order in orders],
                [order.session_id for order in orders],
                [order.key for order in orders],
                [order.request for order in orders],
                [order.booking_id for order in orders],
                [order.answer.status for order in orders],
                [order.answer.body for order in orders],
                [order.now for order in orders],
                [order.hold_until for order in orders],
                [order.most_held for order in orders],
                patience,
                [order.login for order in orders],
                logins.SEEN_EVERY,
            )


def _outcome(status: int, body: bytes, state: str | None, rule: str | None) -> Answer | Exception:
    """What is no rule of ours was somebody else's lock, or our mistake: by itself it gets time, or its own error."""
    if state is None:
        return Answer(status, body)
    if state == UNPROVEN:
        return Unproven()
    refusal = BY_CONSTRAINT.get(rule or "")
    return GoAlone() if refusal is None else refusal()


def _owner(order: Order) -> UUID | None:
    return order.actor.account
