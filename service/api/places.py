"""Places: what a candidate can find and book; public, and with reasons for who is signed in as a candidate."""

from typing import Annotated, Any
from uuid import UUID

from litestar import MediaType, Request, Response, get
from litestar.params import FromPath, FromQuery, QueryParameter
from litestar.types import Scope
from msgspec import Meta, structs

from scheduling import places
from scheduling.refusals import NotFound, SessionFull
from service import auth, explaining
from service.accounts import Account
from service.api.described import refusals
from service.api.fields import LanguageAsked, Limit, MomentAsked, Word, asked
from service.place_lists import MOST_PAGES, PlaceLists, Question, Reason
from service.problems import REFUSALS, slug_of
from service.provide import Db, Now, Words

Weekday = Annotated[
    list[Annotated[int, Meta(ge=1, le=7)]] | None,
    QueryParameter(description="1 is Monday; may be repeated.", max_items=7),
]
HalfAsked = Annotated[str | None, QueryParameter(pattern=r"^(morning|afternoon)$(?!\n)", max_length=9)]
PostcodeAsked = Annotated[str | None, QueryParameter(pattern=r"^[0-9]{4}$(?!\n)", min_length=4, max_length=4)]
Kilometres = Annotated[int, QueryParameter(ge=0, le=100, description="0: at any distance.")]
PageAsked = Annotated[int, QueryParameter(ge=1, le=MOST_PAGES)]


class Place(places.Place, frozen=True):
    """A session that takes bookings; `refusals` are the caller's own, nearest first, empty for who is no candidate.
    `why_not`: of one place that the caller cannot take, what is in the way or short, and the nearest way out."""

    refusals: tuple[Reason, ...] = ()  # type: ignore[assignment]
    why_not: explaining.WhyNot | None = None


@get(
    "/places",
    guards=[auth.may("places", "search")],
    tags=["places"],
    security=[{}, {"login": []}],
    responses=refusals(codes=(422,)),
)
async def search(
    request: Request[Any, Any, Any],
    now: Now,
    words: Words,
    text: Word = None,
    unit: Word = None,
    trade: Word = None,
    language: LanguageAsked = None,
    centre: Word = None,
    since: MomentAsked = None,
    until: MomentAsked = None,
    weekday: Weekday = None,
    half: HalfAsked = None,
    accessible: FromQuery[bool] = False,
    free: FromQuery[bool] = False,
    near: PostcodeAsked = None,
    within: Kilometres = 0,
    nearest_first: FromQuery[bool] = False,
    limit: Limit = 50,
    page: PageAsked = 1,
) -> Response[list[Place]]:
    """Sessions that take bookings now, soonest first. `unit`, `trade` and `centre` are codes; `text` looks for words in
    four languages, forgives slips of the pen, and puts what comes nearest first.

    `half`: a morning is over by one o'clock, an afternoon begins at noon or later. `near` is a postcode of Brussels or
    beside it; with `within`, at most so many kilometres from it. `accessible`: rooms that a wheelchair reaches; `free`:
    with a free place. A Link header leads to the next page.
    """
    wish = places.Wish(
        text=text,
        unit=unit,
        trade=trade,
        language=language,
        centre=centre,
        since=asked(since, "since"),
        until=asked(until, "until"),
        weekdays=tuple(weekday or ()),
        half=half,  # type: ignore[arg-type]
        accessible=accessible,
        free=free,
        near=near,
        within=(within or None) if near else None,
        nearest_first=nearest_first and near is not None,
        limit=limit + 1,
        skip=(page - 1) * limit,
    )
    lists: PlaceLists = request.app.state.place_lists
    question = Question(request.scope["query_string"], wish, limit, page)
    candidate_id = _candidate(request)
    if candidate_id is None:
        answer = await lists.for_everybody(question, now=now)
    else:
        answer = await lists.for_candidate(question, candidate_id, words, now=now)
    return Response(answer.body, media_type=MediaType.JSON, headers=answer.headers)  # type: ignore[arg-type]


@get(
    "/places/{session_id:uuid}",
    guards=[auth.may("places", "search")],
    tags=["places"],
    security=[{}, {"login": []}],
    responses=refusals(codes=(404,)),
)
async def one(
    session_id: FromPath[UUID], scope: Scope, request: Request[Any, Any, Any], db: Db, now: Now, words: Words
) -> Place:
    """One place, while it takes bookings."""
    async with db.read() as tx:
        place = await places.get(tx, session_id, candidate_id=_candidate(request), now=now)
    if place is None:
        raise NotFound
    refusal = next(iter(place.refusals), SessionFull if place.free <= 0 else None)
    why = await explaining.of_place(refusal, scope, session_id) if refusal else None
    return structs.replace(_shown(place, words), why_not=why)


def _candidate(request: Request[Any, Any, Any]) -> UUID | None:
    account: Account | None = request.scope.get("user")
    return account.candidate_id if account else None


def _shown(place: places.Place, words: Words) -> Place:
    why = tuple(
        Reason(f"/problems/{slug_of(refusal)}", words.gettext(REFUSALS[refusal].title)) for refusal in place.refusals
    )
    return Place(**{**structs.asdict(place), "refusals": why})


HANDLERS = [search, one]
