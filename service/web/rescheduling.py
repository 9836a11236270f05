"""Another date for a booking, in one step: the old place is given back only when the new one is taken."""

from typing import Annotated, Any
from uuid import UUID, uuid4

import asyncpg
import msgspec
from litestar import Request, Response, get, post
from litestar.params import FromPath, URLEncodedBody
from litestar.response import Redirect
from msgspec import Meta, Struct

from scheduling import bookings, places, rescheduling
from scheduling.refusals import NotInThatState, UnitAlreadyBooked
from service import agenda, auth, idempotency, reach
from service.booking_rules import Booking as Rules
from service.db import ACTING
from service.problems import REFUSALS, slug_of
from service.provide import Db, Now, Reasons, Words
from service.ways_out import WAYS
from service.web.declined import Declined
from service.web.look import render
from service.why_not import Refused


class Choice(Struct, frozen=True, forbid_unknown_fields=True):
    """Another session of the same unit; `key` is new in every form."""

    session_id: UUID
    key: Annotated[str, Meta(min_length=8, max_length=100, pattern=r"^[\w-]+$(?!\n)")]


@get("/bookings/{booking_id:uuid}/rescheduling", include_in_schema=False, guards=[auth.may("bookings", "reschedule")])
async def choose(
    booking_id: FromPath[UUID], me: auth.Me, request: Request[Any, Any, Any], db: Db, now: Now, rules: Rules
) -> Response[Any]:
    """The other sessions of the unit, each with what stands in its way. Of a place that is theirs no more, or not yet, its
    own page says how it stands: who went back in the browser would be told here that they keep it."""
    async with db.read() as tx:
        await reach.holds_booking(tx, me, booking_id)
        if not (await bookings.get(tx, booking_id)).is_expected(now):
            return Redirect(f"/bookings/{booking_id}", status_code=303)
        return await _page(tx, request, me, booking_id, now=now, rules=rules)


@post("/bookings/{booking_id:uuid}/rescheduling", include_in_schema=False, guards=[auth.may("bookings", "reschedule")])
async def change(
    booking_id: FromPath[UUID],
    data: URLEncodedBody[Choice],
    me: auth.Me,
    request: Request[Any, Any, Any],
    db: Db,
    now: Now,
    rules: Rules,
    words: Words,
    reasons: Reasons,
) -> Response[Any]:
    """Take the new place and give the old one back, or neither."""
    with Declined() as no:
        async with db.transaction() as tx:
            await reach.holds_booking(tx, me, booking_id)
            asked = idempotency.digest("POST", f"/bookings/{booking_id}/rescheduling", data.session_id.bytes)
            answer = await idempotency.claim(tx, me.id, data.key, request=asked, now=now)
            if answer is None:
                policy = rules.cancellation((await agenda.booking(tx, booking_id)).scheme)
                new = await rescheduling.reschedule(tx, booking_id, data.session_id, policy=policy, by=me.id, now=now)
                answer = idempotency.Answer(303, msgspec.json.encode(new))
                await idempotency.remember(tx, me.id, data.key, answer)
    if no.refusal is None:
        assert answer is not None  # given before, or now
        return Redirect(f"/bookings/{msgspec.json.decode(answer.body)}", status_code=303)
    if isinstance(no.refusal, NotInThatState):
        return Redirect(f"/bookings/{booking_id}?refused={slug_of(NotInThatState)}", status_code=303)
    refused = Refused(ACTING.get(), type(no.refusal), data.session_id, now, booking_id=booking_id)
    why = await reasons(refused) if refused.refusal in WAYS else None
    async with db.read() as tx:
        counted = {"": f"{words.gettext(why.said[0])}. {why.rule(words)}"} if why and why.failures else None
        said = {"errors": counted or no.errors(words), "why": why}
        return await _page(tx, request, me, booking_id, now=now, rules=rules, status=no.status, said=said)


async def _page(
    tx: asyncpg.Connection,
    request: Request[Any, Any, Any],
    me: auth.Me,
    booking_id: UUID,
    *,
    now: Now,
    rules: Rules,
    status: int = 200,
    said: dict[str, Any] | None = None,
) -> Response[str]:
    line = await agenda.booking(tx, booking_id)
    policy = rules.cancellation(line.scheme)
    wish, known = places.Wish(unit=line.unit_code), request.app.state.place_lists.known
    found = await places.search(tx, wish, candidate_id=me.candidate_id, now=now, known=known)
    return render(
        request,
        "bookings/rescheduling.html",
        status=status,
        line=line,
        **{"errors": {}, "why": None, **(said or {})},
        is_late=policy.release(line.starts_at, now) == "cancelled_late",
        late_hours=policy.late_hours,
        key=uuid4().hex,
        # That the unit is booked already is what the exchange is about.
        found=[
            (place, [REFUSALS[each] for each in place.refusals if each is not UnitAlreadyBooked])
            for place in found
            if place.session_id != line.session_id
        ],
    )


HANDLERS = [choose, change]
