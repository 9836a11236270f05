"""The jury of a session: who sits on it, who could, and why others cannot."""

from datetime import datetime, timedelta
from typing import Annotated, Any
from uuid import UUID

import asyncpg
from litestar import Request, Response, get, post
from litestar.params import FromPath, URLEncodedBody
from litestar.response import Redirect
from msgspec import Meta, Struct

from scheduling import invitations, jury_seats, replacements, sessions
from scheduling.refusals import BY_CONSTRAINT
from service import agenda, auth, desk, reach
from service.accounts import Account
from service.db import Database
from service.problems import REFUSALS
from service.provide import Db, Now, Words
from service.web.declined import Declined
from service.web.look import render

ANSWER_WITHIN, BEFORE_TEST = timedelta(days=7), timedelta(days=2)
ROLES: tuple[jury_seats.Role, ...] = ("evaluator", "observer", "manager")


class Order(Struct, frozen=True, forbid_unknown_fields=True):
    assessor_id: UUID
    role: Annotated[str, Meta(pattern=r"^(evaluator|observer|manager)$(?!\n)", max_length=9)]
    despite: Annotated[str, Meta(max_length=500)] = ""


class Successor(Struct, frozen=True, forbid_unknown_fields=True):
    assessor_id: UUID


class Obstructed(Struct, frozen=True):
    """Somebody who cannot take the seat, and each reason why, in words; `may_override`: a manager may all the same."""

    assessor_id: UUID
    name: str
    employer: str | None
    reasons: list[str]
    may_override: bool


class Bench(Struct, frozen=True):
    """One role: who has a seat in it, who could take one, and who could not."""

    role: jury_seats.Role
    wanted: int
    seated: list[jury_seats.JurySeat]
    fit: list[replacements.Proposal]
    unfit: list[Obstructed]


@get("/centre/sessions/{session_id:uuid}/jury", include_in_schema=False, guards=[auth.may("jury_seats", "list")])
async def jury_page(
    session_id: FromPath[UUID], request: Request[Any, Any, Any], me: auth.Me, db: Db, now: Now, words: Words
) -> Response[str]:
    """Each role with its seats and its people, those who may take a seat first."""
    async with db.read() as tx:
        await reach.runs_session(tx, me, session_id)
    return await _page(request, db, me, session_id, now, words)


@post("/centre/sessions/{session_id:uuid}/jury-seats", include_in_schema=False, guards=[auth.may("jury_seats", "give")])
async def give(
    session_id: FromPath[UUID],
    data: URLEncodedBody[Order],
    request: Request[Any, Any, Any],
    me: auth.Me,
    db: Db,
    now: Now,
    words: Words,
) -> Response[Any]:
    """Seat somebody; they get an invitation for their calendar."""
    role = next(role for role in ROLES if role == data.role)
    with Declined() as no:
        async with db.transaction() as tx:
            await reach.runs_session(tx, me, session_id)
            await reach.knows_assessor(tx, data.assessor_id)
            despite = data.despite.strip() or None
            await jury_seats.give(tx, session_id, data.assessor_id, role, by=me.id, now=now, despite=despite)
    if no.refusal is None:
        return Redirect(f"/centre/sessions/{session_id}/jury", status_code=303)
    return await _page(request, db, me, session_id, now, words, no)


@post(
    "/centre/sessions/{session_id:uuid}/invitations", include_in_schema=False, guards=[auth.may("jury_seats", "invite")]
)
async def invite(
    session_id: FromPath[UUID],
    data: URLEncodedBody[Order],
    request: Request[Any, Any, Any],
    me: auth.Me,
    db: Db,
    now: Now,
    words: Words,
) -> Response[Any]:
    """Keep the seat for somebody until they answer: a week, or until two days before the test."""
    with Declined() as no:
        async with db.transaction() as tx:
            await reach.runs_session(tx, me, session_id)
            await reach.knows_assessor(tx, data.assessor_id)
            starts_at = (await sessions.get(tx, session_id)).starts_at
            await invitations.invite(
                tx,
                session_id,
                data.assessor_id,
                "observer" if data.role == "observer" else "evaluator",
                answer_by=min(now + ANSWER_WITHIN, max(starts_at - BEFORE_TEST, now + (starts_at - now) / 2)),
                by=me.id,
                now=now,
            )
    if no.refusal is None:
        return Redirect(f"/centre/sessions/{session_id}/jury", status_code=303)
    return await _page(request, db, me, session_id, now, words, no)


@post("/centre/jury-seats/{seat_id:uuid}/release", include_in_schema=False, guards=[auth.may("jury_seats", "release")])
async def release(
    seat_id: FromPath[UUID], request: Request[Any, Any, Any], me: auth.Me, db: Db, now: Now, words: Words
) -> Response[Any]:
    """Free the seat before the test begins; its holder is told."""
    session_id = await _session_of(db, me, seat_id)
    with Declined() as no:
        async with db.transaction() as tx:
            await jury_seats.release(tx, seat_id, by=me.id, now=now)
    if no.refusal is None:
        return Redirect(f"/centre/sessions/{session_id}/jury", status_code=303)
    return await _page(request, db, me, session_id, now, words, no)


@post(
    "/centre/jury-seats/{seat_id:uuid}/replacement",
    include_in_schema=False,
    guards=[auth.may("jury_seats", "replace")],
)
async def replace(
    seat_id: FromPath[UUID],
    data: URLEncodedBody[Successor],
    request: Request[Any, Any, Any],
    me: auth.Me,
    db: Db,
    now: Now,
    words: Words,
) -> Response[Any]:
    """Once the list is closed: one leaves and another takes the seat in one step, and both are told."""
    session_id = await _session_of(db, me, seat_id)
    with Declined() as no:
        async with db.transaction() as tx:
            await reach.knows_assessor(tx, data.assessor_id)
            await jury_seats.replace(tx, seat_id, data.assessor_id, by=me.id, now=now)
    if no.refusal is None:
        return Redirect(f"/centre/sessions/{session_id}/jury", status_code=303)
    return await _page(request, db, me, session_id, now, words, no)


async def _session_of(db: Database, me: Account, seat_id: UUID) -> UUID:
    async with db.read() as tx:
        await reach.runs_jury_seat(tx, me, seat_id)
        return await jury_seats.session_of(tx, seat_id)


async def _page(
    request: Request[Any, Any, Any],
    db: Database,
    me: Account,
    session_id: UUID,
    now: datetime,
    words: Words,
    no: Declined | None = None,
) -> Response[str]:
    async with db.read() as tx:
        line = await agenda.session(tx, session_id)
        rules = await desk.rules(tx, session_id)
        seated = await jury_seats.of_session(tx, session_id)
        asked = {one.seat_id: one for one in await invitations.of_session(tx, session_id)}
        benches = [await _bench(tx, session_id, role, rules, seated, words) for role in ROLES]
        proposed = [one.assessor_id for bench in benches for one in bench.fit]
        visible = await reach.within_plans(tx, me, proposed)
    return render(
        request,
        "centre/jury.html",
        status=no.status if no else 200,
        errors=no.errors(words) if no else {},
        line=line,
        late=line.is_due(now),
        rules=rules,
        benches=benches,
        asked=asked,
        visible=visible,
    )


async def _bench(
    tx: asyncpg.Connection,
    session_id: UUID,
    role: jury_seats.Role,
    rules: desk.Rules,
    seated: list[jury_seats.JurySeat],
    words: Words,
) -> Bench:
    """Those who sit on this jury already are left out: nobody sits on it twice."""
    found = await replacements.proposals(tx, session_id, role)
    taken = {seat.assessor_id for seat in seated}
    free = [one for one in found if one.assessor_id not in taken]
    needed = {
        "evaluator": rules.evaluators_min,
        "observer": rules.observers_min,
        "manager": int(rules.manager_required),
    }
    return Bench(
        role,
        wanted=needed[role],
        seated=[seat for seat in seated if seat.role == role],
        fit=[one for one in free if one.is_fit],
        unfit=[_obstructed(one, words) for one in free if not one.is_fit],
    )


def _obstructed(one: replacements.Proposal, words: Words) -> Obstructed:
    reasons = [words.gettext(REFUSALS[BY_CONSTRAINT[rule]].title) for rule in (*one.obstacles, *one.objections)]
    return Obstructed(one.assessor_id, one.name, one.employer, reasons, may_override=not one.obstacles)


HANDLERS = [jury_page, give, invite, release, replace]
