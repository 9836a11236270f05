"""The waiting list: join it, see where one stands, leave it; and why there is no place. An offer is a booking that is held:
POST /bookings/{id}/acceptance takes it, /cancellation does not."""

from datetime import date
from typing import Annotated, Any
from uuid import UUID

from litestar import Request, Response, delete, get, post
from litestar.params import FromPath, JSONBody, QueryParameter
from litestar.types import Scope
from msgspec import Meta, Struct

from assessments import units
from scheduling import centres, waiting
from scheduling.refusals import UnitAlreadyBooked, WaitingForNothing
from service import auth, explaining, queues, why_not
from service.accounts import Account
from service.api.described import refusals
from service.api.fields import Language, LanguageAsked, UnitCode
from service.provide import Db, Now, Words
from service.refusals import NotFound

Weekday = Annotated[int, Meta(ge=1, le=7)]
Weekdays = Annotated[tuple[Weekday, ...], Meta(max_length=7)]
Asked = Annotated[str, QueryParameter(min_length=6, max_length=8)]


class Wish(Struct, frozen=True, forbid_unknown_fields=True):
    """What would do. `centres`: codes, left out for every centre; `mornings` and `afternoons`: weekdays (1 = Monday)."""

    unit: UnitCode
    languages: Annotated[tuple[Language, ...], Meta(min_length=1, max_length=4)]
    earliest: date
    latest: date | None = None
    centres: Annotated[tuple[Annotated[str, Meta(max_length=30)], ...], Meta(max_length=50)] | None = None
    mornings: Weekdays = waiting.EVERY_DAY
    afternoons: Weekdays = waiting.EVERY_DAY


class Entry(Struct, frozen=True):
    """Where I stand: `place` of `length`. Within one `week` (its Monday) fewer `possibilities` go first; `priority`: a
    group that goes before everybody."""

    id: UUID
    unit: str
    place: int
    length: int
    week: date
    possibilities: int
    priority: waiting.Group | None
    languages: tuple[str, ...]
    earliest: date
    latest: date | None


@get("/waiting", tags=["waiting"], guards=[auth.may("waiting", "own")], responses=refusals(codes=(401, 403)))
async def mine(me: auth.Me, db: Db) -> list[Entry]:
    """What I wait for, longest first."""
    async with db.read() as tx:
        return [_entry(one) for one in await queues.of_candidate(tx, auth.own(me.candidate_id))]


@post(
    "/waiting",
    tags=["waiting"],
    guards=[auth.may("waiting", "own")],
    responses=refusals(UnitAlreadyBooked, WaitingForNothing, codes=(400, 401, 403, 404, 422)),
)
async def join(data: JSONBody[Wish], me: auth.Me, db: Db, now: Now, scope: Scope) -> Response[Entry]:
    """Join a unit's list. Asked again it changes what would do, and keeps the moment of joining."""
    candidate_id = auth.own(me.candidate_id)
    async with db.read() as tx:
        unit = next((one for one in await units.every(tx) if one.code == data.unit), None)
        known = {one.code: one.id for one in await centres.every(tx)}
    if unit is None or not set(data.centres or ()) <= set(known):
        raise NotFound
    wish = waiting.Wish(
        languages=tuple(dict.fromkeys(data.languages)),
        earliest=data.earliest,
        latest=data.latest,
        centres=None if data.centres is None else tuple(known[code] for code in dict.fromkeys(data.centres)),
        mornings=waiting.weekdays(data.mornings),
        afternoons=waiting.weekdays(data.afternoons),
    )
    async with explaining.explaining(scope, unit_id=unit.id), db.transaction() as tx:
        waiting_id = await queues.join(tx, candidate_id, unit.id, wish, by=me.id, now=now)
        entry = next(one for one in await queues.of_candidate(tx, candidate_id) if one.id == waiting_id)
    return Response(_entry(entry), status_code=201)


@delete(
    "/waiting/{waiting_id:uuid}",
    tags=["waiting"],
    guards=[auth.may("waiting", "own")],
    responses=refusals(codes=(401, 403, 404)),
)
async def leave(waiting_id: FromPath[UUID], me: auth.Me, db: Db, now: Now) -> None:
    """Wait no longer. Twice is once."""
    async with db.transaction() as tx:
        await queues.holds_entry(tx, me, waiting_id)
        await waiting.leave(tx, waiting_id, now=now)


@get(
    "/why-not",
    guards=[auth.may("places", "search")],
    tags=["places"],
    security=[{}, {"login": []}],
    responses=refusals(codes=(404, 422)),
)
async def why(
    request: Request[Any, Any, Any], db: Db, now: Now, words: Words, unit: Asked, language: LanguageAsked = None
) -> explaining.WhyNot:
    """Why no session of a unit has a free place, in a language or in any: which resource is the bottleneck, what would have
    to change, how many wait, and the nearest way out."""
    account: Account | None = request.scope.get("user")
    async with db.read() as tx:
        found = next((one for one in await units.every(tx) if one.code == unit), None)
        if found is None:
            raise NotFound
        said = await why_not.of_unit(tx, found.id, language, account.candidate_id if account else None, now=now)
    return explaining.shown(said, words)


def _entry(one: queues.Entry) -> Entry:
    return Entry(
        one.id,
        one.unit_code,
        one.place,
        one.length,
        one.week,
        one.possibilities,
        one.priority,
        one.languages,
        one.earliest,
        one.latest,
    )


HANDLERS = [mine, join, leave, why]
