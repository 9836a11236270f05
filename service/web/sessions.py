"""Finding a test: the search, and one place. For everyone; with reasons for who is signed in as a candidate."""

import unicodedata
from typing import Any
from uuid import UUID, uuid4

import asyncpg
from litestar import Request, Response, get
from litestar.params import FromPath
from litestar.response import Redirect
from litestar.types import Scope
from msgspec import Struct, structs

from assessments import schemes, standards, trades, units
from assessments.schemes import Scheme
from assessments.standards import Standard
from scheduling import centres, communes, places, sessions
from scheduling.centres import Centre
from scheduling.places import Place
from scheduling.refusals import SessionFull, SessionNotOpen
from service import auth, explaining, milestones, months, searches, why_not
from service.accounts import Account
from service.db import ACTING
from service.i18n import Words
from service.problems import REFUSALS, Problem
from service.provide import Db, Now, Reasons
from service.provide import Words as MyWords
from service.refusals import NotFound
from service.web.look import render


class Choice(Struct, frozen=True):
    """A trade and its units, in a list to choose from: (code, label)."""

    trade: tuple[str, str]
    units: list[tuple[str, str]]


@get("/sessions", include_in_schema=False, guards=[auth.may("places", "search")])
async def search(request: Request[Any, Any, Any], db: Db, now: Now, words: MyWords) -> Response[Any]:
    """What answers the wish, as a list or a month; when nothing does, which part of the wish is in the way. Past the end it
    leads to the last page that has something."""
    query = request.query_params
    asked = searches.read(query, now=now, days=query.getall("days", []))
    page = _page(str(query.get("page") or ""))
    wish = structs.replace(asked.wish(now), limit=searches.SHOWN + 1, skip=(page - 1) * searches.SHOWN)
    async with db.read() as tx:
        by_month = query.get("view") == "month" or None
        month = by_month and await months.month(tx, asked, str(query.get("month") or ""), now=now)
        count = await places.count(tx, asked.wish(now), now=now)
        last = _last_page(count)
        if page > last and not month:
            return Redirect(asked.at(page=last) if last > 1 else asked.address, status_code=303)
        known = request.app.state.place_lists.known
        found = [] if month else await places.search(tx, wish, candidate_id=_candidate(request), now=now, known=known)
        ways_out = [] if count else await searches.ways_out(tx, asked, now=now)
        unknown = not count and await searches.is_unknown(tx, asked)
        why = None if count else await _why(tx, asked, _candidate(request), now=now)
        begins = not count and await milestones.under_way(tx, milestones.SEEDED)
        choices, open_centres = await _choices(tx, words), await centres.every(tx)
    return render(
        request,
        "sessions/search.html",
        asked=asked,
        month=month,
        count=count,
        found=[(place, _problems(place), asked.kilometres(place.postcode)) for place in found[: searches.SHOWN]],
        page_number=page,
        more=len(found) > searches.SHOWN and page < searches.PAGES,
        one_is_enough=all(way.is_alone for way in ways_out),
        ways_out=[(way.left_out, way.count, way.address) for way in ways_out],
        why=why,
        unknown=unknown,
        begins=begins,
        choices=choices,
        centres=[(centre.code, centre.name) for centre in open_centres],
        communes=_communes(words),
        weekdays=[(str(number), name) for number, name in enumerate(words.weekdays(), start=1)],
    )


def _page(text: str) -> int:
    return min(max(int(text), 1), searches.PAGES) if text.isdecimal() and len(text) < 5 else 1


def _last_page(count: int) -> int:
    """The last page with a session on it; the first one, where there is none."""
    return min(max(1, -(-count // searches.SHOWN)), searches.PAGES)


def _communes(words: Words) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """Those of Brussels and those beside it, by their names in the reader's language: (postcode, name)."""
    named = [(commune.postcodes[0], commune.name(words.language)) for commune in communes.every()]
    inside, outside = named[: communes.OF_BRUSSELS], named[communes.OF_BRUSSELS :]
    return sorted(inside, key=_by_name), sorted(outside, key=_by_name)


def _by_name(choice: tuple[str, str]) -> str:
    return _as_in_a_dictionary(choice[1])


@get("/sessions/{session_id:uuid}", include_in_schema=False, guards=[auth.may("places", "search")])
async def one(
    session_id: FromPath[UUID], request: Request[Any, Any, Any], db: Db, now: Now, reasons: Reasons, scope: Scope
) -> Response[str]:
    """One place: what the test is, where it is, and how to book it; after a refused booking, why it was refused."""
    async with explaining.explaining(scope, session_id=session_id), db.read() as tx:
        place, standard, scheme, centre = await _read(tx, session_id, _candidate(request), now=now)
    refused = explaining.BY_SLUG.get(str(request.query_params.get("refused")))
    in_the_way = refused or next(iter(place.refusals), SessionFull if place.free <= 0 else None)
    why = in_the_way and await reasons(why_not.Refused(ACTING.get(), in_the_way, session_id, now))
    return render(
        request,
        "sessions/place.html",
        place=place,
        content=standard.content,
        scheme=scheme,
        centre_email=centre.email,
        key=uuid4().hex,
        refused=REFUSALS[refused] if refused else None,
        problems=_problems(place),
        why=why,
    )


async def _why(
    tx: asyncpg.Connection, asked: searches.Asked, candidate_id: UUID | None, *, now: Now
) -> why_not.WhyNot | None:
    """What is short, where one unit was asked for, by its code or in words that come nearest to it."""
    ranks = await places.units_of(tx, asked.wish(now)) or {}
    nearest = [unit_id for unit_id, rank in ranks.items() if rank == min(ranks.values())]
    if len(nearest) != 1:
        return None
    return await why_not.of_unit(tx, nearest[0], asked.language or None, candidate_id, now=now)


async def _read(
    tx: asyncpg.Connection, session_id: UUID, candidate_id: UUID | None, *, now: Now
) -> tuple[Place, Standard, Scheme, Centre]:
    session = await sessions.get(tx, session_id)
    if session.opened_at is None:
        raise NotFound  # a draft is nobody's business yet
    place = await places.get(tx, session_id, candidate_id=candidate_id, now=now)
    if place is None or place.starts_at <= now:
        raise SessionNotOpen
    standard, scheme = await standards.get(tx, session.standard_id), await schemes.get(tx, place.scheme)
    return place, standard, scheme, await centres.get(tx, session.centre_id)


async def _choices(tx: asyncpg.Connection, words: Words) -> list[Choice]:
    """Every trade with its units, by their names in the reader's language."""
    of_trade: dict[str, list[tuple[str, str]]] = {}
    for unit in await units.every(tx):
        of_trade.setdefault(unit.trade_code, []).append((unit.code, words.label(unit.label)))
    offered = [trade for trade in await trades.every(tx) if trade.code in of_trade]
    found = [Choice((trade.code, words.label(trade.label)), of_trade[trade.code]) for trade in offered]
    return sorted(found, key=lambda choice: _as_in_a_dictionary(choice.trade[1]))


def _as_in_a_dictionary(word: str) -> str:
    """É stands with e: people do not look for an electrician (Électricien) after the z."""
    letters = unicodedata.normalize("NFD", word.casefold())
    return "".join(letter for letter in letters if not unicodedata.combining(letter))


def _problems(place: Place) -> list[Problem]:
    """Why this candidate cannot book it, nearest reason first, in words."""
    return [REFUSALS[refusal] for refusal in place.refusals]


def _candidate(request: Request[Any, Any, Any]) -> UUID | None:
    account: Account | None = request.scope.get("user")
    return account.candidate_id if account else None


HANDLERS = [search, one]
