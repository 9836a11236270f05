"""Draws: what was announced is drawn at its moment, once, by whichever worker comes first.

The seed is derived from the opening's id and the installation's key, as a sign-in link is: a copy of the database knows
no result before its time, and nothing has to be kept. Who is drawn books as everybody does, under every rule; whoever a
rule refuses falls out, and the next in order gets the place. Places that are left over are open to all.
"""

import hmac
from datetime import datetime
from uuid import UUID, uuid4

import asyncpg

import assessments.refusals
import scheduling.refusals
from assessments import enrolments
from scheduling import asks, bookings, openings, sessions
from scheduling.asks import Ask
from scheduling.openings import Opening
from scheduling.refusals import SessionFull
from service import logs
from service.accounts import Account
from service.db import translated
from service.problems import slug_of
from service.settings import secret
from service.wiring import Running

DECLINED = (assessments.refusals.Refusal, scheduling.refusals.Refusal)


class _Rehearsed(Exception):
    """It would work: undo it."""


def seed_of(key: bytes, opening_id: UUID) -> bytes:
    """What decides the draw: 256 bits that nobody finds without `key` (settings.secret)."""
    return hmac.digest(key, b"fair opening " + opening_id.bytes, "sha256")


async def announce(
    tx: asyncpg.Connection, session_id: UUID, me: Account, *, draws_at: datetime, key: bytes, now: datetime
) -> UUID:
    """Announce that a session's places are drawn at a moment; return the opening's id.

    Refuses what announcing refuses, and whatever opening the session today would: a promise that cannot be kept.
    """
    opening_id = uuid4()
    hashed = openings.seed_hash(seed_of(key, opening_id))
    if await openings.of_session(tx, session_id) is None:
        await _rehearse(tx, session_id, now=now)
    await openings.announce(tx, opening_id, session_id, seed_hash=hashed, draws_at=draws_at, by=me.id, now=now)
    return opening_id


async def _rehearse(tx: asyncpg.Connection, session_id: UUID, *, now: datetime) -> None:
    try:
        async with tx.transaction():
            await _open(tx, session_id, now=now)
            raise _Rehearsed
    except _Rehearsed:
        return


async def _open(tx: asyncpg.Connection, session_id: UUID, *, now: datetime) -> None:
    """With what is otherwise checked at commit."""
    await sessions.open_for_booking(tx, session_id, by=None, now=now)
    await tx.execute("set constraints all immediate")
    await tx.execute("set constraints all deferred")


async def draw_next(process: Running) -> bool:
    """Draw one opening whose moment has come; say whether there was one."""
    async with process.db.transaction() as tx:
        opening = await openings.take_due(tx, now=process.now())
        if opening is None:
            return False
        await draw(tx, opening, seed=seed_of(secret(process.settings), opening.id), now=process.now())
    return True


async def draw(tx: asyncpg.Connection, opening: Opening, *, seed: bytes, now: datetime) -> None:
    """Open the session and give its places in the order that the seed makes; an opening that cannot be drawn (the
    session was cancelled, the jury fell apart, the key is another one) is called off, and who asked is told."""
    if openings.seed_hash(seed) != opening.seed_hash:
        logs.say("a draw was called off: the key is not the one it was announced under", opening=str(opening.id))
        await openings.call_off(tx, opening.id, by=None, now=now)
        return
    try:
        with translated(tx):
            async with tx.transaction():
                await openings.reveal(tx, opening.id, seed, now=now)
                await _open(tx, opening.session_id, now=now)
    except DECLINED:
        await openings.call_off(tx, opening.id, by=None, now=now)
        return
    await _give(tx, opening, seed, now=now)


async def _give(tx: asyncpg.Connection, opening: Opening, seed: bytes, *, now: datetime) -> None:
    asked = {ask.id: ask for ask in await asks.of_opening(tx, opening.id)}
    session = await sessions.get(tx, opening.session_id)
    full = False
    for position, ask_id in enumerate(openings.order(seed, asked), 1):
        booking_id, refusal = None, None
        if not full:
            try:
                booking_id = await _book(tx, asked[ask_id], session, now=now)
            except SessionFull:
                full = True
            except DECLINED as declined:
                refusal = slug_of(type(declined))
        await asks.place(tx, ask_id, position, booking_id=booking_id, refusal=refusal, now=now)


async def _book(tx: asyncpg.Connection, ask: Ask, session: sessions.Session, *, now: datetime) -> UUID:
    with translated(tx):
        async with tx.transaction():  # whoever a rule refuses leaves no trace
            await enrolments.enrol(tx, ask.candidate_id, session.unit_id, by=None, now=now)
            return await bookings.book(tx, session.id, ask.candidate_id, by=None, now=now)
