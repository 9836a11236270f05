"""Accreditation bundles: ask for the complete file of a session or a year, see how far it is, fetch it, or cancel it."""

from typing import Annotated, Any
from uuid import UUID

import asyncpg
from litestar import Request, Response, get, post
from litestar.datastructures import State
from litestar.params import FromPath, QueryParameter, URLEncodedBody
from litestar.response import File, Redirect
from msgspec import UNSET, Meta, Struct, UnsetType

from scheduling import centres
from service import agenda, audit, auth, bundles, fields, reach
from service.accounts import Account
from service.bundling.making import Subject
from service.db import Database
from service.provide import Db, Now, Words
from service.quality import readings
from service.refusals import NotFound
from service.web.declined import Declined
from service.web.look import render

Session = Annotated[str | None, QueryParameter(max_length=40)]


class Wish(Struct, frozen=True, forbid_unknown_fields=True):
    """A session, or a year with perhaps a centre."""

    session: UUID | UnsetType = UNSET
    year: Annotated[int, Meta(ge=2000, le=2100)] | UnsetType = UNSET
    centre: Annotated[str, Meta(max_length=40)] = ""


@get("/bundles", include_in_schema=False, guards=[auth.may("quality", "bundle")])
async def page(
    request: Request[Any, Any, Any], me: auth.Me, db: Db, now: Now, session: Session = None
) -> Response[str]:
    """What I asked for, and what there is to ask for: with `session`, that one."""
    return await _page(request, me, db, now, fields.given(session, "session", UUID))


@post("/bundles", include_in_schema=False, guards=[auth.may("quality", "bundle")])
async def ask(
    data: URLEncodedBody[Wish], request: Request[Any, Any, Any], me: auth.Me, db: Db, now: Now, words: Words
) -> Response[Any]:
    """Under pseudonyms."""
    with Declined() as no:
        async with db.transaction() as tx:
            await bundles.ask(tx, await _subject(tx, me, data, words.language, with_names=False), by=me.id, now=now)
    if no.refusal is None:
        return Redirect("/bundles", status_code=303)
    return await _page(request, me, db, now, data.session or None, status=no.status, errors=no.errors(words))


@post("/bundles/names", include_in_schema=False, guards=[auth.may("quality", "names")])
async def ask_with_names(
    data: URLEncodedBody[Wish], request: Request[Any, Any, Any], me: auth.Me, db: Db, now: Now, words: Words
) -> Response[Any]:
    """With names and the certificates themselves: a step of its own, and the audit trail keeps it."""
    with Declined() as no:
        async with db.transaction() as tx:
            subject = await _subject(tx, me, data, words.language, with_names=True)
            await audit.reads_names(tx, by=me, centre_id=subject.centre_id)
            await bundles.ask(tx, subject, by=me.id, now=now)
    if no.refusal is None:
        return Redirect("/bundles", status_code=303)
    return await _page(request, me, db, now, data.session or None, status=no.status, errors=no.errors(words))


@post("/bundles/{bundle_id:uuid}/cancellation", include_in_schema=False, guards=[auth.may("quality", "fetch")])
async def cancel(bundle_id: FromPath[UUID], me: auth.Me, db: Db, now: Now) -> Redirect:
    """I do not need it any more."""
    async with db.transaction() as tx:
        await bundles.cancel(tx, bundle_id, by=me.id, now=now)
    return Redirect("/bundles", status_code=303)


@get("/bundles/{bundle_id:uuid}/bundle.zip", include_in_schema=False, guards=[auth.may("quality", "fetch")])
async def fetch(bundle_id: FromPath[UUID], me: auth.Me, db: Db, now: Now, state: State) -> File:
    """The file, for whom it was made."""
    async with db.read() as tx:
        place = await bundles.fetchable(tx, bundle_id, state.settings, by=me.id, now=now)
    return File(
        place,
        filename=f"preuve-{now:%Y-%m-%d}.zip",
        media_type="application/zip",
        headers={"Cache-Control": "no-store"},
    )


async def _subject(tx: asyncpg.Connection, me: Account, wish: Wish, language: str, *, with_names: bool) -> Subject:
    """Within the caller's reach. Refuses NotFound for what is not, and for neither a session nor a year."""
    if wish.session and not wish.year:
        await reach.audits_session(tx, me, wish.session)
        return Subject(session_id=wish.session, with_names=with_names, language=language)
    if not wish.year or wish.session:
        raise NotFound
    known = {one.code: one.id for one in await centres.every(tx)}
    if wish.centre and (wish.centre not in known or me.centre_id not in (None, known[wish.centre])):
        raise NotFound
    centre_id = me.centre_id or known.get(wish.centre)
    return Subject(year=wish.year, centre_id=centre_id, with_names=with_names, language=language)


async def _page(
    request: Request[Any, Any, Any],
    me: Account,
    db: Database,
    now: Now,
    session: UUID | None,
    *,
    status: int = 200,
    errors: dict[str, str] | None = None,
) -> Response[str]:
    async with db.read() as tx:
        if session is not None:
            await reach.audits_session(tx, me, session)
        line = await agenda.session(tx, session) if session is not None else None
        asked = await bundles.of_account(tx, me.id, now=now)
        years = await readings.years(tx, me.centre_id)
        every = [] if me.centre_id else [(one.code, one.name) for one in await centres.every(tx)]
    return render(
        request,
        "bundles/mine.html",
        status=status,
        errors=errors or {},
        bundles=asked,
        line=line,
        years=years,
        centres=every,
        is_fresh=auth.is_fresh(request),
    )


HANDLERS = [page, ask, ask_with_names, cancel, fetch]
