"""The parts of a draft, each a form of its own: its frame, one criterion with its indicators, the check-list."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import FromPath, URLEncodedBody
from litestar.response import Redirect

from assessments import standard_checks, standard_edits, standards
from assessments.grids import Criterion
from assessments.standards import Content
from service import auth, desk, fields, standard_desk, standard_forms
from service.db import Database
from service.i18n import Words as Language
from service.provide import Db, Now, Words
from service.standard_desk import Desk
from service.web.declined import Declined
from service.web.look import render

Form = URLEncodedBody[fields.Form]


@get("/standards/{standard_id:uuid}/frame", include_in_schema=False, guards=[auth.may("standards", "edit")])
async def frame_page(
    standard_id: FromPath[UUID], request: Request[Any, Any, Any], me: auth.Me, db: Db
) -> Response[str]:
    """Duration, room, languages, task, conditions."""
    return await _page(request, db, me, standard_id, "frame")


@post("/standards/{standard_id:uuid}/frame", include_in_schema=False, guards=[auth.may("standards", "edit")])
async def save_frame(
    standard_id: FromPath[UUID],
    data: Form,
    request: Request[Any, Any, Any],
    me: auth.Me,
    db: Db,
    now: Now,
    words: Words,
) -> Response[Any]:
    sent = data.of(standard_forms.FRAME)
    return await _save(request, db, me, standard_id, "frame", standard_forms.frame, sent, now, words)


@get("/standards/{standard_id:uuid}/checks", include_in_schema=False, guards=[auth.may("standards", "edit")])
async def checks_page(
    standard_id: FromPath[UUID], request: Request[Any, Any, Any], me: auth.Me, db: Db
) -> Response[str]:
    """The observer's check-list."""
    return await _page(request, db, me, standard_id, "checks")


@post("/standards/{standard_id:uuid}/checks", include_in_schema=False, guards=[auth.may("standards", "edit")])
async def save_checks(
    standard_id: FromPath[UUID],
    data: Form,
    request: Request[Any, Any, Any],
    me: auth.Me,
    db: Db,
    now: Now,
    words: Words,
) -> Response[Any]:
    sent = data.of(standard_forms.CHECK_LIST)
    return await _save(request, db, me, standard_id, "checks", standard_forms.checks, sent, now, words)


@get(
    "/standards/{standard_id:uuid}/criteria/{criterion:str}",
    include_in_schema=False,
    guards=[auth.may("standards", "edit")],
)
async def criterion_page(
    standard_id: FromPath[UUID], criterion: FromPath[str], request: Request[Any, Any, Any], me: auth.Me, db: Db
) -> Response[str]:
    """A criterion and its indicators, in four languages."""
    return await _page(request, db, me, standard_id, "criterion", code=criterion)


@post(
    "/standards/{standard_id:uuid}/criteria/{criterion:str}",
    include_in_schema=False,
    guards=[auth.may("standards", "edit")],
)
async def save_criterion(
    standard_id: FromPath[UUID],
    criterion: FromPath[str],
    data: Form,
    request: Request[Any, Any, Any],
    me: auth.Me,
    db: Db,
    now: Now,
    words: Words,
) -> Response[Any]:
    """Save it; `act` "indicator" gives it one more indicator and stays here."""
    async with db.read() as tx:
        found = await standard_desk.draft_of(tx, me, standard_id)
    content, sent = found.standard.content, data.of(standard_forms.CRITERION)
    made, errors = standard_forms.criterion(sent, standard_edits.criterion(content, criterion), content, words)
    no, more = Declined(), sent.get("act") == "indicator"
    if made is not None:
        written = standard_edits.with_new_indicator(made) if more else made
        no = await _amend(db, me, standard_id, standard_edits.with_criterion(content, criterion, written), sent, now)
    onward = f"/standards/{standard_id}/criteria/{made.code}#last" if made and more else ""
    return await _answer(
        request, db, me, standard_id, "criterion", sent, errors, no, words, code=criterion, onward=onward
    )


async def _save(
    request: Request[Any, Any, Any],
    db: Database,
    me: Any,
    standard_id: UUID,
    part: str,
    read: Callable[[dict[str, Any], Content, Language], standard_forms.Typed],
    data: dict[str, Any],
    now: Any,
    words: Language,
) -> Response[Any]:
    """What a form makes of the draft as it stands."""
    async with db.read() as tx:
        found = await standard_desk.draft_of(tx, me, standard_id)
    typed = read(data, found.standard.content, words)
    no = Declined()
    if typed.content is not None:
        no = await _amend(db, me, standard_id, typed.content, data, now)
    return await _answer(request, db, me, standard_id, part, data, typed.errors, no, words)


async def _amend(
    db: Database, me: Any, standard_id: UUID, content: Content, data: dict[str, Any], now: Any
) -> Declined:
    """Write it over the revision that the form was made of; whoever wrote meanwhile is not written over."""
    with Declined() as no:
        async with db.transaction() as tx:
            revision = standard_forms.revision(data)
            await standards.amend(tx, standard_id, content, revision=revision, by=me.id, now=now)
    return no


async def _answer(
    request: Request[Any, Any, Any],
    db: Database,
    me: Any,
    standard_id: UUID,
    part: str,
    data: dict[str, Any],
    errors: dict[str, str],
    no: Declined,
    words: Language,
    *,
    code: str = "",
    onward: str = "",
) -> Response[Any]:
    if not errors and no.refusal is None:
        return Redirect(onward or f"/standards/{standard_id}", status_code=303)
    said = errors | no.errors(words)
    status = no.status if no.refusal else 422
    return await _page(request, db, me, standard_id, part, code=code, status=status, typed=data, errors=said)


async def _page(
    request: Request[Any, Any, Any],
    db: Database,
    me: Any,
    standard_id: UUID,
    part: str,
    *,
    code: str = "",
    status: int = 200,
    typed: dict[str, Any] | None = None,
    errors: dict[str, str] | None = None,
) -> Response[str]:
    """`typed` wins over what is saved; the form then carries the present revision, so that saving again is a choice."""
    async with db.read() as tx:
        found = await standard_desk.draft_of(tx, me, standard_id)
    content = found.standard.content
    one = standard_edits.criterion(content, code) if part == "criterion" else None
    return render(
        request,
        f"standards/{part}.html",
        status=status,
        desk=found,
        content=content,
        one=one,
        fields=_fields(found, part, one, typed),
        typed=typed,
        needed=standard_checks.needed(content),
        kinds=desk.kinds(),
        known=standard_desk.kinds(),
        errors=errors or {},
    )


def _fields(found: Desk, part: str, one: Criterion | None, typed: dict[str, Any] | None) -> dict[str, str]:
    """What stands in each field: what was typed, else what is saved."""
    content = found.standard.content
    saved: dict[str, Any] = {"revision": found.standard.revision}
    if part == "frame":
        saved |= {name: getattr(content, name) for name in standard_forms.FRAME_NUMBERS}
        saved |= {"pass_percent": content.grid.pass_percent}
        saved |= {"room_kind": content.room_kind, "equipment_kind": content.equipment_kind or ""}
        saved |= _texts("task", content.task) | _texts("conditions", content.conditions)
    elif part == "checks":
        for number, item in enumerate(content.grid.conformity):
            saved |= {f"k{number}.code": item.code, f"k{number}.place": number + 1}
            saved |= _texts(f"k{number}.label", item.label)
    elif one is not None:
        saved |= {"code": one.code, "threshold": one.threshold, "weight": one.weight}
        saved |= _texts("label", one.label) | _texts("guidance", one.guidance)
        for number, indicator in enumerate(one.indicators):
            name = f"i{number}"
            saved |= {f"{name}.was": indicator.code, f"{name}.code": indicator.code, f"{name}.place": number + 1}
            saved |= {f"{name}.eliminatory": "yes" if indicator.eliminatory else ""}
            saved |= _texts(f"{name}.label", indicator.label) | _texts(f"{name}.guidance", indicator.guidance)
    if typed is not None:
        saved = {**{str(name): value for name, value in typed.items()}, "revision": found.standard.revision}
    return {name: str(value) for name, value in saved.items()}


def _texts(name: str, label: dict[str, str]) -> dict[str, str]:
    return {f"{name}.{language}": text for language, text in label.items()}


HANDLERS = [frame_page, save_frame, checks_page, save_checks, criterion_page, save_criterion]
