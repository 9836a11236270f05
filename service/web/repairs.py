"""Somebody or something fails: one page shows who is affected and the best repair, and applies it whole."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import FromPath, QueryParameter, URLEncodedBody
from litestar.response import Redirect
from msgspec import Meta, Struct

from scheduling import centres, jury_seats, repairs
from scheduling.refusals import Refusal
from scheduling.repair_plans import Hit, Mended, Option
from service import agenda, auth, desk, i18n, planners, reach, wall_clock
from service.accounts import Account
from service.db import Database
from service.i18n import N_
from service.provide import Db, Now, Words
from service.web.declined import Declined
from service.web.language import language_of
from service.web.look import render

Asked = Annotated[str | None, QueryParameter(max_length=60)]
Short = Annotated[str, Meta(max_length=60)]


class Trouble(Struct, frozen=True, forbid_unknown_fields=True):
    """Who or what fails ("room:…"), from when until when by the clock in Brussels, and what people are told."""

    centre: Short = ""
    subject: Short = ""
    from_day: Short = ""
    from_at: Short = ""
    to_day: Short = ""
    to_at: Short = ""
    reason: Annotated[str, Meta(max_length=500)] = ""


class Choices(Struct, frozen=True, forbid_unknown_fields=True):
    """A choice per session: its id, then the name of the option."""

    choice: (
        Annotated[str, Meta(max_length=200)]
        | Annotated[list[Annotated[str, Meta(max_length=200)]], Meta(max_length=500)]
    ) = ""

    @property
    def wanted(self) -> dict[UUID, str]:
        given = [self.choice] if isinstance(self.choice, str) else self.choice
        pairs = [one.partition("|") for one in given]
        return {found: name for session, _, name in pairs if (found := planners.identifier(session))}


class Row(Struct, frozen=True):
    """One session before and after, with everybody in it. `name_of` says what assessors, rooms and pieces are called."""

    line: agenda.SessionLine
    hit: Hit
    mended: Mended
    candidates: list[agenda.Attendee]
    jury: list[jury_seats.JurySeat]
    refused: type[Exception] | None
    tried: list[tuple[Option, type[Refusal]]]


@get("/centre/repairs/new", include_in_schema=False, guards=[auth.may("repairs", "propose")])
async def new_page(
    request: Request[Any, Any, Any], me: auth.Me, db: Db, now: Now, centre: Asked = None, subject: Asked = None
) -> Response[Any]:
    """What fails, and for how long."""
    if me.centre_id is None and not centre:
        return Redirect("/centres", status_code=303)
    form = Trouble(centre=centre or "", subject=subject or "")
    return await _form(request, db, me, form, now)


@post("/centre/repairs", include_in_schema=False, guards=[auth.may("repairs", "propose")])
async def propose(
    data: URLEncodedBody[Trouble], request: Request[Any, Any, Any], me: auth.Me, db: Db, now: Now, words: Words
) -> Response[Any]:
    """Find the sessions that count on it."""
    async with db.read() as tx:
        here = await desk.centre(tx, me, data.centre)
        found = await planners.fallible(tx, here.id, now=now)
    subject = next((one for one in found if f"{one.trouble}:{one.id}" == data.subject), None)
    begin = wall_clock.first(data.from_day, data.from_at or "00:00")
    end = wall_clock.until(data.to_day, data.to_at)
    is_open = subject is not None and subject.trouble == "equipment" and not data.to_day
    errors = {}
    for name, is_wrong, said in (
        ("subject", subject is None, N_("Choose who or what fails")),
        ("from_day", begin is None, N_("Choose a day and a time")),
        (
            "to_day",
            not is_open and (end is None or (begin or end) >= end),
            N_("Choose a later day or time than the first one"),
        ),
        ("reason", not data.reason.strip(), N_("Say what people are to be told")),
    ):
        if is_wrong:
            errors[name] = words.gettext(said)
    if errors or subject is None or begin is None:
        return await _form(request, db, me, data, now, errors)
    async with db.transaction() as tx:
        repair_id = await repairs.propose(
            tx,
            centre_id=here.id,
            trouble=subject.trouble,
            subject_id=subject.id,
            starts_at=begin,
            ends_at=None if is_open else end,
            reason=data.reason.strip(),
            by=me.id,
            now=now,
        )
    return Redirect(f"/centre/repairs/{repair_id}", status_code=303)


@get("/centre/repairs/{repair_id:uuid}", include_in_schema=False, guards=[auth.may("repairs", "read")])
async def one(
    repair_id: FromPath[UUID], request: Request[Any, Any, Any], me: auth.Me, db: Db, now: Now
) -> Response[str]:
    """Everybody affected, before and after, with the best repair of each session; or what was done."""
    async with db.read() as tx:
        await reach.runs_repair(tx, me, repair_id)
    return await _page(request, db, repair_id, {}, by=me.id, now=now)


@post(
    "/centre/repairs/{repair_id:uuid}/preview",
    include_in_schema=False,
    guards=[auth.may("repairs", "apply")],
    status_code=200,
)
async def preview(
    repair_id: FromPath[UUID],
    data: URLEncodedBody[Choices],
    request: Request[Any, Any, Any],
    me: auth.Me,
    db: Db,
    now: Now,
) -> Response[str]:
    """The same with other choices; nothing is written."""
    async with db.read() as tx:
        await reach.runs_repair(tx, me, repair_id)
    return await _page(request, db, repair_id, data.wanted, by=me.id, now=now)


@post("/centre/repairs/{repair_id:uuid}/renewal", include_in_schema=False, guards=[auth.may("repairs", "propose")])
async def renew(repair_id: FromPath[UUID], me: auth.Me, db: Db, now: Now) -> Redirect:
    """Look again, after something has changed."""
    async with db.transaction() as tx:
        await reach.runs_repair(tx, me, repair_id)
        await repairs.renew(tx, repair_id, now=now)
    return Redirect(f"/centre/repairs/{repair_id}", status_code=303)


@post("/centre/repairs/{repair_id:uuid}/application", include_in_schema=False, guards=[auth.may("repairs", "apply")])
async def apply(
    repair_id: FromPath[UUID],
    data: URLEncodedBody[Choices],
    request: Request[Any, Any, Any],
    me: auth.Me,
    db: Db,
    now: Now,
    words: Words,
) -> Response[Any]:
    """All of it in one transaction, with all notices; or nothing, and why."""
    with Declined() as no:
        async with db.transaction() as tx:
            await reach.runs_repair(tx, me, repair_id)
            repair = await repairs.get(tx, repair_id)
            plan = await repairs.plan(tx, repair, wanted=data.wanted, by=me.id, now=now)
            await repairs.apply(tx, repair_id, repairs.chosen(plan, data.wanted), by=me.id, now=now)
    if no.refusal is None:
        return Redirect(f"/centre/repairs/{repair_id}", status_code=303)
    return await _page(
        request, db, repair_id, data.wanted, by=me.id, now=now, status=no.status, errors=no.errors(words)
    )


async def _form(
    request: Request[Any, Any, Any],
    db: Database,
    me: Account,
    form: Trouble,
    now: datetime,
    errors: dict[str, str] | None = None,
) -> Response[str]:
    async with db.read() as tx:
        here = await desk.centre(tx, me, form.centre)
        found = await planners.fallible(tx, here.id, now=now)
    status = 422 if errors else 200
    return render(request, "repairs/new.html", status=status, centre=here, found=found, form=form, errors=errors or {})


async def _page(
    request: Request[Any, Any, Any],
    db: Database,
    repair_id: UUID,
    wanted: dict[UUID, str],
    *,
    by: UUID,
    now: datetime,
    status: int = 200,
    errors: dict[str, str] | None = None,
) -> Response[str]:
    async with db.transaction() as tx:
        repair = await repairs.get(tx, repair_id)
        done = [(await agenda.session(tx, UUID(one["session_id"])), one["choice"]) for one in repair.choices or []]
        changes: list[tuple[UUID, str]] = []
        rows: list[Row] = []
        if repair.applied_at is None:
            changes = await repairs.changes(tx, repair, now=now)
            plan = await repairs.plan(tx, repair, wanted=wanted, by=by, now=now)
            for hit, mended in zip(plan.hits, plan.mended, strict=True):
                attendees = await agenda.attendees(tx, hit.id)
                rows.append(
                    Row(
                        await agenda.session(tx, hit.id),
                        hit,
                        mended,
                        [who for who in attendees if who.release is None],
                        await jury_seats.of_session(tx, hit.id),
                        plan.refused.get(hit.id),
                        plan.tried.get(hit.id, []),
                    )
                )
        ids = [repair.subject_id, *(option.to for row in rows for option in row.mended.options if option.to)]
        lines = {session_id: await agenda.session(tx, session_id) for session_id in _named(changes, rows)}
        called = await planners.names(tx, ids)
        centre = await centres.get(tx, repair.centre_id)
    return render(
        request,
        "repairs/one.html",
        status=status,
        repair=repair,
        centre=centre,
        rows=rows,
        done=done,
        changes=changes,
        lines=lines,
        called=called,
        refusal=lambda rule: planners.title(i18n.words(language_of(request)), rule),
        errors=errors or {},
    )


def _named(changes: list[tuple[UUID, str]], rows: list[Row]) -> set[UUID]:
    """Sessions that the page speaks of: those that have changed, and those in which candidates would get a place."""
    places = (option.places for row in rows for option in row.mended.options)
    return {session_id for session_id, _ in changes} | {to for found in places for _, to in found if to is not None}


HANDLERS = [new_page, propose, one, preview, renew, apply]
