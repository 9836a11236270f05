"""Repairs: proposed from one snapshot, tried on the real rows, and applied with all notices or not at all."""

from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg
import msgspec
from msgspec import Struct, structs

from scheduling import attempts, rebookings, repair_plans, repair_steps, replacements
from scheduling.refusals import NotFound, Refusal, RepairOutdated
from scheduling.repair_plans import Hit, Mended, Option, Trouble

MOST_TRIED = 12  # rounds in which what a rule refuses is left out


class Repair(Struct, frozen=True):
    """What failed, from when until when (of equipment None: nobody knows yet), as it was said. `found`: the sessions
    concerned, as they were seen."""

    id: UUID
    centre_id: UUID
    trouble: Trouble
    subject_id: UUID
    starts_at: datetime
    ends_at: datetime | None
    reason: str
    found: list[dict[str, Any]]
    proposed_at: datetime
    applied_at: datetime | None
    choices: list[dict[str, Any]] | None


class Proposal(Struct, frozen=True):
    """`refused`: what a person chose and a rule forbids, by session; without any it can be applied as it stands.
    `tried`: what looked possible, and which rule forbids it."""

    hits: list[Hit]
    mended: list[Mended]
    refused: dict[UUID, type[Refusal]]
    tried: dict[UUID, list[tuple[Option, type[Refusal]]]]


async def propose(
    tx: asyncpg.Connection,
    *,
    centre_id: UUID,
    trouble: Trouble,
    subject_id: UUID,
    starts_at: datetime,
    ends_at: datetime | None,
    reason: str,
    by: UUID | None,
    now: datetime,
) -> UUID:
    """Record that somebody or something fails for a while, with the centre's sessions that count on it; return its id."""
    hits = await _hits(tx, centre_id, trouble, subject_id, starts_at, ends_at, now=now)
    return await tx.fetchval(  # type: ignore[no-any-return]
        """insert into scheduling.repairs (centre_id, trouble, subject_id, during, reason, found, proposed_at, proposed_by)
           values ($1, $2, $3, tstzrange($4, $5), $6, $7, $8, $9) returning id""",
        centre_id,
        trouble,
        subject_id,
        starts_at,
        ends_at,
        reason,
        [_seen(hit) for hit in hits],
        now,
        by,
    )


async def get(tx: asyncpg.Connection, repair_id: UUID) -> Repair:
    """Refuses NotFound."""
    row = await tx.fetchrow(
        """select id, centre_id, trouble, subject_id, lower(during) as starts_at, upper(during) as ends_at, reason, found,
                  proposed_at, applied_at, choices from scheduling.repairs where id = $1""",
        repair_id,
    )
    if row is None:
        raise NotFound
    return Repair(**row)


async def plan(
    tx: asyncpg.Connection, repair: Repair, *, wanted: dict[UUID, str], by: UUID | None, now: datetime
) -> Proposal:
    """The best repair that the rules allow, with the choices in `wanted` where they are possible; nothing is written.

    Each plan is carried out within a savepoint that is undone. What a rule refuses is left out and the rest worked out
    anew; only a person's own choice stays as it is, with the refusal beside it.
    """
    hits = await _hits_of(tx, repair, now=now)
    tried: dict[UUID, list[tuple[Option, type[Refusal]]]] = {}
    for _ in range(MOST_TRIED):
        impossible = frozenset((session_id, option.name) for session_id in tried for option, _ in tried[session_id])
        mended = repair_plans.best(hits, repair.trouble, wanted=wanted, impossible=impossible)
        refused = await _rehearsed(tx, repair, hits, mended, by=by, now=now)
        ours = {one.session_id for one in mended if wanted.get(one.session_id) != one.chosen.name}
        new = [one for one in mended if one.session_id in refused.keys() & ours and one.chosen != repair_plans.LEAVE]
        if not new:
            break
        for one in new:
            tried.setdefault(one.session_id, []).append((one.chosen, refused[one.session_id]))
    return Proposal(hits, mended, refused, tried)


async def apply(
    tx: asyncpg.Connection, repair_id: UUID, choices: dict[UUID, Option], *, by: UUID | None, now: datetime
) -> None:
    """Mend every session as chosen, with all notices, in the caller's transaction: one refusal and nothing is done.

    Refuses RepairOutdated when it was applied before, a session has changed, or the choices are not of these sessions;
    and whatever one of the steps refuses, at commit too.
    """
    found = await tx.fetchval(
        "select id from scheduling.repairs where id = $1 and applied_at is null for update", repair_id
    )
    if found is None:
        raise RepairOutdated
    repair = await get(tx, repair_id)
    places = [to for option in choices.values() for _, to in option.places if to is not None]
    await rebookings.lock_sessions(tx, [*choices, *places])
    await repair_steps.let_nobody_in(tx, repair)
    hits = await _hits_of(tx, repair, now=now)
    if [_seen(hit) for hit in hits] != repair.found or {hit.id for hit in hits} != choices.keys():
        raise RepairOutdated
    for hit in hits:
        await repair_steps.mend(tx, repair, hit, choices[hit.id], by=by, now=now)
    await repair_steps.keep_out(tx, repair, by=by, now=now)
    await tx.execute(
        """with applied as (
               update scheduling.repairs set applied_at = $2, applied_by = $3, choices = $4 where id = $1
               returning id, centre_id)
           insert into service.outbox (topic, aggregate, payload, occurred_at)
           select 'repair.applied', id, jsonb_build_object('centre_id', centre_id), $2 from applied""",
        repair_id,
        now,
        by,
        [{"session_id": str(session_id), "choice": option.name} for session_id, option in choices.items()],
    )


def chosen(proposal: Proposal, wanted: dict[UUID, str]) -> dict[UUID, Option]:
    """The options that a person saw and ordered by name, and nothing else in their place. Refuses RepairOutdated."""
    options = {(one.session_id, option.name): option for one in proposal.mended for option in one.options}
    try:
        return {one.session_id: options[one.session_id, wanted[one.session_id]] for one in proposal.mended}
    except KeyError as error:
        raise RepairOutdated from error


async def renew(tx: asyncpg.Connection, repair_id: UUID, *, now: datetime) -> None:
    """Look at the sessions again, after something has changed. Refuses RepairOutdated once it is applied."""
    repair = await get(tx, repair_id)
    hits = await _hits_of(tx, repair, now=now)
    status = await tx.execute(
        "update scheduling.repairs set found = $2, proposed_at = $3 where id = $1 and applied_at is null",
        repair_id,
        [_seen(hit) for hit in hits],
        now,
    )
    if status.endswith(" 0"):
        raise RepairOutdated


async def changes(tx: asyncpg.Connection, repair: Repair, *, now: datetime) -> list[tuple[UUID, str]]:
    """What is different since the repair was proposed: the session, and which of its facts."""
    before = {UUID(each["id"]): each for each in repair.found}
    after = {hit.id: _seen(hit) for hit in await _hits_of(tx, repair, now=now)}
    found = [(session_id, "gone") for session_id in before if session_id not in after]
    found += [(session_id, "new") for session_id in after if session_id not in before]
    for session_id in before.keys() & after.keys():
        one, other = before[session_id], after[session_id]
        found += [(session_id, fact) for fact in sorted(one) if one[fact] != other[fact]]
    return sorted(found, key=str)


async def _rehearsed(
    tx: asyncpg.Connection, repair: Repair, hits: list[Hit], mended: list[Mended], *, by: UUID | None, now: datetime
) -> dict[UUID, type[Refusal]]:
    """Which session's step is refused, and by which rule, when all are done one after another."""
    refused: dict[UUID, type[Refusal]] = {}
    undone = tx.transaction()
    await undone.start()
    try:
        for hit, one in zip(hits, mended, strict=True):

            async def mend(hit: Hit = hit, option: Option = one.chosen) -> None:
                await repair_steps.mend(tx, repair, hit, option, by=by, now=now)

            rule = await attempts.refusal_of(tx, mend)
            if rule is not None:
                refused[hit.id] = rule
    finally:
        await undone.rollback()
    return refused


async def _hits_of(tx: asyncpg.Connection, repair: Repair, *, now: datetime) -> list[Hit]:
    return await _hits(
        tx, repair.centre_id, repair.trouble, repair.subject_id, repair.starts_at, repair.ends_at, now=now
    )


async def _hits(
    tx: asyncpg.Connection,
    centre_id: UUID,
    trouble: Trouble,
    subject_id: UUID,
    starts_at: datetime,
    ends_at: datetime | None,
    *,
    now: datetime,
) -> list[Hit]:
    read = await tx.fetchval(
        "select scheduling.repair_snapshot($1, $2, $3, tstzrange($4, $5), $6)",
        trouble,
        subject_id,
        centre_id,
        starts_at,
        ends_at,
        now,
    )
    hits = msgspec.convert(read, list[Hit])
    return [await _with_substitutes(tx, hit, subject_id) for hit in hits] if trouble == "assessor" else hits


async def _with_substitutes(tx: asyncpg.Connection, hit: Hit, subject_id: UUID) -> Hit:
    seat = next(seat for seat in hit.jury if seat.assessor_id == subject_id)
    found = await replacements.proposals(tx, hit.id, seat.role)
    return structs.replace(hit, substitutes=tuple(one.assessor_id for one in found if one.is_fit))


def _seen(hit: Hit) -> dict[str, Any]:
    """The facts that an order is held against; what else is free may change without harm: the rules judge that."""
    return {
        "id": str(hit.id),
        "time": hit.starts_at.isoformat(),
        "room": str(hit.room_id),
        "state": hit.state,
        "jury": [str(seat.seat_id) for seat in hit.jury],
        "equipment": [str(piece) for piece in hit.pieces],
        "bookings": sorted(str(booked.id) for booked in hit.bookings),
    }
