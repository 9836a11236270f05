"""My data: what I agreed to, who was told, copies to take away, and the wish to be forgotten."""

from typing import Annotated, Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.datastructures import State
from litestar.params import FromPath, URLEncodedBody
from litestar.response import Redirect
from msgspec import Meta, Struct

from assessments import consents, enrolments, national_numbers
from assessments.refusals import DecisionAwaited, StillExpected
from service import (
    audit,
    auth,
    erasures,
    exports,
    keys,
    rectification_readings,
    share_links,
    shared_addresses,
    text_wishes,
)
from service.exports import Whose
from service.provide import Db, Now
from service.web.look import render
from service.web.own_data import Confirmed, Person

CANDIDATE = Person(
    page="/privacy",
    erased="privacy/erased.html",
    own=lambda me: auth.own(me.candidate_id),
    whose=lambda own: Whose(candidate_id=own),
    wish=lambda tx, own, now: erasures.ask(tx, own, now=now),
    erase=lambda tx, own, me, now: erasures.carry_out(tx, own, by=me.id, now=now),
    stay=erasures.take_back,
    awaited=(DecisionAwaited, StillExpected),
)
LOOKED_BACK = 500  # entries of the trail; all of them are in a copy


class Number(Struct, frozen=True, forbid_unknown_fields=True):
    """A national number, as it stands on the card; empty: there is to be none."""

    number: Annotated[str, Meta(max_length=20)]


@get("/privacy", include_in_schema=False, guards=[auth.may("privacy", "read")])
async def mine(me: auth.Me, request: Request[Any, Any, Any], db: Db, now: Now, state: State) -> Response[str]:
    """Everything about my data on one page; the address that was just made for somebody, this once."""
    candidate_id, token = auth.own(me.candidate_id), request.cookies.get(shared_addresses.FRESH, "")
    async with db.read() as tx:
        given = await consents.of_candidate(tx, candidate_id)
        links = await share_links.of_candidate(tx, candidate_id)
        copies = await exports.of(tx, Whose(candidate_id=candidate_id), now=now)
        units = await enrolments.units_of(tx, candidate_id)
        masked = await national_numbers.masked(tx, candidate_id, keyring=keys.keyring(state.settings))
        fresh = await share_links.by_token(tx, token, now=now) if token else None
        trail = await audit.of_person(tx, candidate_id, most=LOOKED_BACK)
        telephone = await text_wishes.telephone(tx, candidate_id)
        forgetting_since = await erasures.asked_at(tx, candidate_id)
        waiting = await rectification_readings.waiting(tx, candidate_id, now=now)
    is_mine = fresh is not None and fresh.candidate_id == candidate_id
    response = render(
        request,
        "privacy/mine.html",
        consents=[(one, one.stands(now), [link for link in links if link.consent_id == one.id]) for one in given],
        copies=copies,
        units=units,
        masked=masked,
        fresh=fresh if is_mine else None,
        address=shared_addresses.address(state.settings, token) if is_mine else "",
        forgetting_since=forgetting_since,
        readdressings=[one for one in waiting if one.by_staff],
        telephone=telephone if state.settings.sends_texts else None,
        telephone_error=text_wishes.NO_NUMBER if request.query_params.get("telephone") == "wrong" else "",
        readings=[line for line in trail if line.action.startswith("read.")],
    )
    if token:
        response.set_cookie(shared_addresses.waiting(state.settings, "", seconds=0))
    return response


@post("/privacy/exports", include_in_schema=False, guards=[auth.may("privacy", "export")])
async def ask_export(me: auth.Me, request: Request[Any, Any, Any], db: Db, now: Now) -> Redirect:
    """Ask for a copy of everything, in the language of the page; the worker makes it."""
    return await CANDIDATE.asks_copy(me, request, db, now)


@get(
    "/privacy/exports/{export_id:uuid}/archive.zip",
    include_in_schema=False,
    guards=[auth.may("privacy", "export")],
)
async def download(export_id: FromPath[UUID], me: auth.Me, db: Db, now: Now) -> Response[bytes]:
    """The copy, for whom it is about."""
    return await CANDIDATE.fetches(export_id, me, db, now)


@post("/privacy/national-number", include_in_schema=False, guards=[auth.may("privacy", "number")])
async def record_number(data: URLEncodedBody[Number], me: auth.Me, db: Db, now: Now, state: State) -> Redirect:
    """Give my national number, correct it, or take it back: it is never asked for."""
    candidate_id, number = auth.own(me.candidate_id), data.number.strip()
    async with db.transaction() as tx:
        if number:
            keyring = keys.keyring(state.settings)
            await national_numbers.record(tx, candidate_id, number, keyring=keyring, now=now)
        else:
            await national_numbers.erase(tx, candidate_id)
    return Redirect("/privacy#number", status_code=303)


@post("/privacy/erasure", include_in_schema=False, guards=[auth.may("privacy", "erase")], status_code=200)
async def erase(
    data: URLEncodedBody[Confirmed], me: auth.Me, request: Request[Any, Any, Any], db: Db, now: Now, state: State
) -> Response[Any]:
    """Forget me: at once, or as soon as no result is to come any more. The request is kept either way."""
    return await CANDIDATE.leaves(me, request, db, now, state.settings)


@post("/privacy/erasure/withdrawal", include_in_schema=False, guards=[auth.may("privacy", "erase")])
async def keep(me: auth.Me, db: Db) -> Redirect:
    """I stay after all, as long as my request waits."""
    return await CANDIDATE.stays(me, db)


HANDLERS = [mine, ask_export, download, record_number, erase, keep]
