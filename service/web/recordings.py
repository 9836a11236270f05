"""An assessor's own grid for one candidate: filled in bit by bit, then sealed; the others' only once all are sealed."""

from typing import Any, get_args
from uuid import UUID

import asyncpg
from litestar import Request, Response, get, post
from litestar.params import FromPath, URLEncodedBody
from litestar.response import Redirect
from msgspec import Struct

from assessments import assessors, entries, ratings, recordings, schemes, standards
from assessments.marking import Mark, Rating
from assessments.refusals import ReasonMissing, RecordingAlreadyStarted
from scheduling.jury_seats import Role
from service import agenda, assessing, auth, desk, fields, reach, versions
from service.accounts import Account
from service.provide import Db, Now, Words
from service.refusals import NotFound
from service.web.declined import Declined, sentence
from service.web.look import render

MARKS: tuple[Mark, ...] = get_args(Mark)
LONGEST_REASON, LONGEST_REMARKS = 800, 10_000


class Sheet(Struct, frozen=True):
    """Whose test, by which standard, and what its reader may see of the grids."""

    person: desk.Person
    line: agenda.SessionLine
    role: Role
    standard: standards.Standard
    reading: recordings.Reading
    disputed: dict[str, list[entries.Stored]]
    corrections: list[entries.Correction]
    besides: list[entries.Noted]
    names: dict[UUID, str]
    is_screening: bool

    @property
    def codes(self) -> list[str]:
        return assessing.expected(self.standard.content.grid, self.role)

    @property
    def saved(self) -> dict[str, Rating]:
        return {rating.indicator: rating for rating in self.reading.own.ratings} if self.reading.own else {}

    @property
    def missing(self) -> list[str]:
        return [code for code in self.codes if code not in self.saved]


class Typed(Struct, frozen=True):
    """What came with the form: what can be saved, and what lacks its reason."""

    ratings: list[Rating]
    remarks: str
    unreasoned: list[str]


@get("/recordings/{booking_id:uuid}", include_in_schema=False, guards=[auth.may("recordings", "record")])
async def sheet_page(
    booking_id: FromPath[UUID], request: Request[Any, Any, Any], me: auth.Me, db: Db, words: Words
) -> Response[str]:
    """My grid to fill in; once it is sealed, to read, beside the others' when they may be read."""
    async with db.read() as tx:
        sheet = await _sheet(tx, me, booking_id)
    return _page(request, sheet, words)


@post("/recordings/{booking_id:uuid}", include_in_schema=False, guards=[auth.may("recordings", "record")])
async def save(
    booking_id: FromPath[UUID],
    data: URLEncodedBody[fields.Form],
    request: Request[Any, Any, Any],
    me: auth.Me,
    db: Db,
    now: Now,
    words: Words,
) -> Response[Any]:
    """Keep all that is complete, and say what is not: nothing that was typed is lost."""
    async with db.read() as tx:
        sheet = await _sheet(tx, me, booking_id)
    sent = data.of({"version", "remarks", "onward", *sheet.codes, *(f"{code}.reason" for code in sheet.codes)})
    typed = _typed(sent, [code for code in sheet.codes if code not in sheet.disputed])
    with Declined() as no:
        async with db.transaction() as tx:
            own = sheet.reading.own
            recording_id = own.id if own else await _start(tx, me, booking_id, sheet, now=now)
            await ratings.hold(tx, recording_id, by=me.assessor_id)
            if _is_overlooked(str(sent.get("version", "")), typed, await recordings.get(tx, recording_id)):
                errors = {"": words.gettext(versions.CHANGED)}
                return _page(request, await _sheet(tx, me, booking_id), words, status=412, errors=errors)
            await ratings.rate(tx, recording_id, typed.ratings, by=me.assessor_id, now=now)
            await recordings.remark(tx, recording_id, typed.remarks, by=me.assessor_id)
    async with db.read() as tx:
        sheet = await _sheet(tx, me, booking_id)
    errors = no.errors(words) | {code: _unreasoned(sheet, code, words) for code in typed.unreasoned}
    if errors:
        return _page(request, sheet, words, status=no.status if no.refusal else 422, errors=errors, typed=sent)
    onward = "/submission" if sent.get("onward") == "submission" else "?saved=yes"
    return Redirect(f"/recordings/{booking_id}{onward}", status_code=303)


async def _start(tx: asyncpg.Connection, me: Account, booking_id: UUID, sheet: Sheet, *, now: Now) -> UUID:
    """Two presses of the button arrive together: the second goes on with the grid that the first began."""
    if sheet.role == "manager":
        raise NotFound
    try:
        async with tx.transaction():
            return await recordings.start(tx, booking_id, auth.own(me.assessor_id), sheet.role, now=now)
    except asyncpg.UniqueViolationError:
        found = (await recordings.read(tx, booking_id, reader_assessor_id=auth.own(me.assessor_id))).own
        if found is None:
            raise RecordingAlreadyStarted from None
        return found.id


@get("/recordings/{booking_id:uuid}/submission", include_in_schema=False, guards=[auth.may("recordings", "submit")])
async def submission_page(
    booking_id: FromPath[UUID], request: Request[Any, Any, Any], me: auth.Me, db: Db, words: Words
) -> Response[Any]:
    """What submitting does, and what is still to be rated before it."""
    async with db.read() as tx:
        sheet = await _sheet(tx, me, booking_id)
    if sheet.reading.own is None or sheet.reading.own.submitted_at is not None:
        return Redirect(f"/recordings/{booking_id}", status_code=303)
    return _submission_page(request, sheet, words)


@post("/recordings/{booking_id:uuid}/submission", include_in_schema=False, guards=[auth.may("recordings", "submit")])
async def submit(
    booking_id: FromPath[UUID], request: Request[Any, Any, Any], me: auth.Me, db: Db, now: Now, words: Words
) -> Response[Any]:
    """Seal it: nothing in it changes any more."""
    async with db.read() as tx:
        sheet = await _sheet(tx, me, booking_id)
    if sheet.reading.own is None:
        raise NotFound
    with Declined() as no:
        async with db.transaction() as tx:
            await recordings.submit(tx, sheet.reading.own.id, by=me.assessor_id, now=now)
    if no.refusal is None:
        return Redirect(f"/recordings/{booking_id}", status_code=303)
    return _submission_page(request, sheet, words, status=no.status, errors=no.errors(words))


async def _sheet(tx: asyncpg.Connection, me: Account, booking_id: UUID) -> Sheet:
    """Refuses NotFound to whoever neither evaluates nor observes this candidate."""
    await reach.sits_before_booking(tx, me, booking_id)
    person = await desk.person(tx, booking_id)
    own = auth.own(me.assessor_id)
    role = await assessing.role_in(tx, own, person.session_id)
    if role == "manager":
        raise NotFound
    reading = await recordings.read(tx, booking_id, reader_assessor_id=own)
    readable = {one.assessor_id for one in [reading.own, *reading.others] if isinstance(one, recordings.Recording)}
    corrections = await entries.corrections(tx, booking_id)
    line = await agenda.session(tx, person.session_id)
    return Sheet(
        person=person,
        line=line,
        role=role,
        standard=await standards.of_booking(tx, booking_id),
        reading=reading,
        disputed=await entries.disputed(tx, reading.own.id) if reading.own else {},
        corrections=[one for one in corrections if one.assessor_id in readable],
        besides=await entries.besides(tx, booking_id) if reading.unsealed else [],
        names={one: (await assessors.get(tx, one)).name for one in readable},
        is_screening=(await schemes.get(tx, line.scheme)).decision_profile == "none",
    )


def _is_overlooked(version: str, typed: Typed, own: recordings.Recording) -> bool:
    """Whether the form would write over what was not on it. The same once more, from a button pressed twice, is none."""
    if not own.ratings and not own.remarks:
        return False
    news = [one for one in typed.ratings if one not in own.ratings]
    return bool(news or typed.remarks != own.remarks) and versions.is_stale(version, _written(own))


def _written(own: recordings.Recording | None) -> tuple[tuple[Rating, ...], str]:
    return (own.ratings, own.remarks) if own else ((), "")


def _typed(data: dict[str, Any], codes: list[str]) -> Typed:
    complete, unreasoned = [], []
    for code in codes:
        mark = next((mark for mark in MARKS if mark == data.get(code)), None)
        reason = str(data.get(f"{code}.reason", "")).strip()[:LONGEST_REASON] if mark == "not_observed" else ""
        if mark == "not_observed" and not reason:
            unreasoned.append(code)
        elif mark is not None:
            complete.append(Rating(code, mark, reason))
    return Typed(complete, str(data.get("remarks", "")).strip()[:LONGEST_REMARKS], unreasoned)


def _unreasoned(sheet: Sheet, code: str, words: Words) -> str:
    said = sentence(words, ReasonMissing).partition(". ")[0]
    return f"{said} – {assessing.labels(sheet.standard.content.grid, words)[code]}"


def _page(
    request: Request[Any, Any, Any],
    sheet: Sheet,
    words: Words,
    *,
    status: int = 200,
    errors: dict[str, str] | None = None,
    typed: dict[str, Any] | None = None,
) -> Response[str]:
    """`typed` wins over what is saved, so that a half-given answer is still on the form."""
    own, grid = sheet.reading.own, sheet.standard.content.grid
    shown: dict[str, tuple[str, str]] = {code: (rating.rating, rating.reason) for code, rating in sheet.saved.items()}
    for code in sheet.codes if typed else ():
        if typed and code in typed:
            shown[code] = (str(typed[code]), str(typed.get(f"{code}.reason", "")))
    is_sealed = own is not None and own.submitted_at is not None
    others = [one for one in sheet.reading.others if isinstance(one, recordings.Recording)]
    mine = [own] if own else []
    return render(
        request,
        "recordings/read.html" if is_sealed else "recordings/fill.html",
        status=status,
        errors=errors or {},
        sheet=sheet,
        grid=grid,
        shown=shown,
        version=versions.of_form(_written(own)),
        remarks=str((typed or {}).get("remarks", own.remarks if own else "")),
        is_saved="saved" in request.query_params and not errors,
        columns=[*mine, *others],
        labels=assessing.labels(grid, words),
        side_by_side=assessing.side_by_side(grid.criteria, [one.ratings for one in [*mine, *others]], words),
        check_list=assessing.check_list(grid.conformity, _of_observer([*mine, *others]), words),
    )


def _of_observer(read: list[recordings.Recording]) -> tuple[Rating, ...]:
    return next((one.ratings for one in read if one.role == "observer"), ())


def _submission_page(
    request: Request[Any, Any, Any],
    sheet: Sheet,
    words: Words,
    *,
    status: int = 200,
    errors: dict[str, str] | None = None,
) -> Response[str]:
    given = [rating.rating for rating in sheet.saved.values()]
    return render(
        request,
        "recordings/submission.html",
        status=status,
        errors=errors or {},
        sheet=sheet,
        labels=assessing.labels(sheet.standard.content.grid, words),
        counts=[(mark, given.count(mark)) for mark in MARKS],
    )


HANDLERS = [sheet_page, save, submission_page, submit]
