"""Places: what a candidate can find and book; public, and with reasons for who is signed in as a candidate."""

from typing import Any
from uuid import UUID

from litestar import Request, Response, get
from litestar.params import FromPath
from msgspec import Struct, structs

from scheduling import places
from scheduling.refusals import NotFound
from service import auth, why_not
from service.accounts import Account
from service.api import waiting
from service.api.described import refusals
from service.api.fields import LanguageAsked, Limit, MomentAsked, Word, asked
from service.api.pages import After, last_read, next_link
from service.problems import REFUSALS, slug_of
from service.provide import Db, Now, Words


class Reason(Struct, frozen=True):
    """Why this candidate cannot book this place: `type` as in problem documents, `title` in the reader's language."""

    type: str
    title: str


class Place(places.Place, frozen=True):
    """A session that takes bookings; `refusals` are the caller's own, nearest first, empty for who is no candidate.
    `why_not`: of one place without a free seat, what is short and the nearest way out."""

    refusals: tuple[Reason, ...] = ()  # type: ignore[assignment]
    why_not: waiting.WhyNot | None = None


@get(
    "/places",
    guards=[auth.may("places", "search")],
    tags=["places"],
    security=[{}, {"login": []}],
    responses=refusals(codes=(422,)),
)
async def search(
    request: Request[Any, Any, Any],
    db: Db,
    now: Now,
    words: Words,
    text: Word = None,
    unit: Word = None,
    trade: Word = None,
    language: LanguageAsked = None,
    centre: Word = None,
    since: MomentAsked = None,
    until: MomentAsked = None,
    after: After = None,
    limit: Limit = 50,
) -> Response[list[Place]]:
    """Sessions that take bookings now, soonest first. `unit`, `trade` and `centre` are codes; `text` looks in labels.

    A Link header leads to the next ones."""
    wish = places.Wish(
        text=text,
        unit=unit,
        trade=trade,
        language=language,
        centre=centre,
        since=asked(since, "since"),
        until=asked(until, "until"),
        limit=limit,
        after=last_read(after),
    )
    async with db.read() as tx:
        found = await places.search(tx, wish, candidate_id=_candidate(request), now=now)
    wanted = {"text": text, "unit": unit, "trade": trade, "language": language, "centre": centre, "until": until}
    last = {"since": found[-1].starts_at.isoformat(), "after": found[-1].session_id} if found else {}
    link = next_link("/api/v1/places", {**wanted, **last, "limit": limit}, is_full=len(found) == limit)
    return Response([_shown(place, words) for place in found], headers=link)


@get(
    "/places/{session_id:uuid}",
    guards=[auth.may("places", "search")],
    tags=["places"],
    security=[{}, {"login": []}],
    responses=refusals(codes=(404,)),
)
async def one(session_id: FromPath[UUID], request: Request[Any, Any, Any], db: Db, now: Now, words: Words) -> Place:
    """One place, while it takes bookings."""
    async with db.read() as tx:
        place = await places.get(tx, session_id, candidate_id=_candidate(request), now=now)
        if place is None:
            raise NotFound
        is_full = place.free <= 0
        why = await why_not.of_session(tx, session_id, _candidate(request), now=now) if is_full else None
    shown = _shown(place, words)
    return shown if why is None else structs.replace(shown, why_not=waiting.shown(why, words))


def _candidate(request: Request[Any, Any, Any]) -> UUID | None:
    account: Account | None = request.scope.get("user")
    return account.candidate_id if account else None


def _shown(place: places.Place, words: Words) -> Place:
    reasons = tuple(
        Reason(f"/problems/{slug_of(refusal)}", words.gettext(REFUSALS[refusal].title)) for refusal in place.refusals
    )
    return Place(**{**structs.asdict(place), "refusals": reasons})


HANDLERS = [search, one]
