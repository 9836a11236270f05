"""A version of a standard: read, compared, copied, published, retired, thrown away. Its parts are in standard_parts."""

from typing import Annotated, Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import FromPath, QueryParameter, URLEncodedBody
from litestar.response import Redirect
from msgspec import Meta, Struct

from assessments import standard_differences, standard_edits, standards, units
from assessments.refusals import NotFound
from service import auth, desk, fields, standard_desk, standard_words
from service.db import Database
from service.i18n import Words as Language
from service.provide import Db, Now, Words
from service.web.declined import Declined
from service.web.look import render

Code = Annotated[str, Meta(max_length=6)]


class Step(Struct, frozen=True, forbid_unknown_fields=True):
    """The draft as its reader saw it."""

    revision: Annotated[int, Meta(ge=0, le=1_000_000_000)] = 0


class Change(Struct, frozen=True, forbid_unknown_fields=True):
    """What is done to the list of criteria, by the name of the button."""

    act: Annotated[str, Meta(pattern=r"^(add|up|down|remove)$(?!\n)", max_length=6)]
    revision: Annotated[int, Meta(ge=0, le=1_000_000_000)] = 0
    code: Code = ""


class Copy(Struct, frozen=True, forbid_unknown_fields=True):
    """The version to begin from; "" for the one in force."""

    version: Annotated[str, Meta(pattern=r"^[0-9]{0,5}$(?!\n)", max_length=5)] = ""


@post("/units/{code:str}/standards", include_in_schema=False, guards=[auth.may("standards", "edit")])
async def copy(code: FromPath[str], data: URLEncodedBody[Copy], me: auth.Me, db: Db, now: Now) -> Redirect:
    """A new draft, the same as an earlier version."""
    async with db.transaction() as tx:
        unit = await units.get(tx, code)
        versions = await standards.of_unit(tx, unit.id)
        wanted = [one for one in versions if str(one.version) == data.version]
        in_force = [one for one in versions if one.published_at and not one.retired_at] or versions
        source = next(iter(wanted if data.version else in_force), None)
        if source is None:
            raise NotFound
        draft = await standards.draft(tx, unit.id, source.content, by=me.id, now=now)
    return Redirect(f"/standards/{draft}", status_code=303)


@get("/standards/{standard_id:uuid}", include_in_schema=False, guards=[auth.may("standards", "read")])
async def one(
    standard_id: FromPath[UUID], request: Request[Any, Any, Any], me: auth.Me, db: Db, words: Words
) -> Response[str]:
    """The version as it stands; of a draft also what is still to be done."""
    async with db.read() as tx:
        found = await standard_desk.of(tx, me, standard_id)
    return _page(request, found, words)


@post("/standards/{standard_id:uuid}/criteria", include_in_schema=False, guards=[auth.may("standards", "edit")])
async def change_criteria(
    standard_id: FromPath[UUID],
    data: URLEncodedBody[Change],
    request: Request[Any, Any, Any],
    me: auth.Me,
    db: Db,
    now: Now,
    words: Words,
) -> Response[Any]:
    """Add a criterion, move one, take one away."""
    onward = f"/standards/{standard_id}#criteria"
    with Declined() as no:
        async with db.transaction() as tx:
            found = await standard_desk.draft_of(tx, me, standard_id)
            content, scheme = found.standard.content, found.scheme
            if data.act == "add":
                content, code = standard_edits.with_new_criterion(
                    content, scores_only=scheme.scores_only, weighted=scheme.weighted
                )
                onward = f"/standards/{standard_id}/criteria/{code}"
            elif data.act == "remove":
                content = standard_edits.without_criterion(content, data.code)
            else:
                content = standard_edits.moved(content, data.code, "up" if data.act == "up" else "down")
            await standards.amend(tx, standard_id, content, revision=data.revision, by=me.id, now=now)
    return await _answer(request, db, me, standard_id, no, words, onward=onward)


@post("/standards/{standard_id:uuid}/publication", include_in_schema=False, guards=[auth.may("standards", "publish")])
async def publish(
    standard_id: FromPath[UUID],
    data: URLEncodedBody[Step],
    request: Request[Any, Any, Any],
    me: auth.Me,
    db: Db,
    now: Now,
    words: Words,
) -> Response[Any]:
    """In force from now on, for sessions that are planned from now on."""
    with Declined() as no:
        async with db.transaction() as tx:
            await standard_desk.draft_of(tx, me, standard_id)
            await standard_desk.publish(tx, me, standard_id, revision=data.revision, now=now)
    return await _answer(request, db, me, standard_id, no, words)


@post("/standards/{standard_id:uuid}/retirement", include_in_schema=False, guards=[auth.may("standards", "publish")])
async def retire(
    standard_id: FromPath[UUID], request: Request[Any, Any, Any], me: auth.Me, db: Db, now: Now, words: Words
) -> Response[Any]:
    """Nothing new is planned with it; what was planned goes on."""
    with Declined() as no:
        async with db.transaction() as tx:
            await standards.retire(tx, standard_id, by=me.id, now=now)
    return await _answer(request, db, me, standard_id, no, words)


@post("/standards/{standard_id:uuid}/following", include_in_schema=False, guards=[auth.may("standards", "edit")])
async def follow(
    standard_id: FromPath[UUID],
    data: URLEncodedBody[Step],
    request: Request[Any, Any, Any],
    me: auth.Me,
    db: Db,
    now: Now,
    words: Words,
) -> Response[Any]:
    """The editor compared the draft with what came into force meanwhile: it replaces that."""
    with Declined() as no:
        async with db.transaction() as tx:
            await standards.follow(tx, standard_id, revision=data.revision, now=now)
    return await _answer(request, db, me, standard_id, no, words)


@post("/standards/{standard_id:uuid}/discarding", include_in_schema=False, guards=[auth.may("standards", "edit")])
async def discard(
    standard_id: FromPath[UUID],
    data: URLEncodedBody[Step],
    request: Request[Any, Any, Any],
    me: auth.Me,
    db: Db,
    words: Words,
) -> Response[Any]:
    """Throw the draft away."""
    with Declined() as no:
        async with db.transaction() as tx:
            unit = (await standard_desk.of(tx, me, standard_id)).unit
            await standards.discard(tx, standard_id, revision=data.revision)
    if no.refusal is None:
        return Redirect(f"/units/{unit.code}", status_code=303)
    return await _answer(request, db, me, standard_id, no, words)


@get("/standards/{standard_id:uuid}/differences", include_in_schema=False, guards=[auth.may("standards", "read")])
async def differences(
    standard_id: FromPath[UUID],
    request: Request[Any, Any, Any],
    me: auth.Me,
    db: Db,
    words: Words,
    since: Annotated[str | None, QueryParameter(max_length=10)] = None,
) -> Response[str]:
    """What changed since another version; by default since the one in force, or the one before."""
    asked = fields.given(since, "since", Annotated[int, Meta(ge=1, le=10_000)])
    async with db.read() as tx:
        found = await standard_desk.of(tx, me, standard_id)
        versions = await standards.of_unit(tx, found.unit.id)
    if not page_may_edit(me):
        versions = [one for one in versions if not one.is_draft]
    others = [one for one in versions if one.id != standard_id]
    earlier = [one for one in others if one.version < found.standard.version]
    usual = found.before if found.standard.is_draft else next(iter(earlier), None)
    old = next((one for one in others if one.version == asked), None) if asked else usual
    if asked and old is None:
        raise NotFound
    changes = standard_differences.differences(old.content, found.standard.content) if old else ()
    return render(
        request,
        "standards/differences.html",
        desk=found,
        old=old,
        others=others,
        changes=[standard_words.row(words, one) for one in changes],
        said=standard_words,
    )


def page_may_edit(me: Any) -> bool:
    """Whether drafts are there for this reader."""
    return auth.may("standards", "edit").rule.admits(me)


async def _answer(
    request: Request[Any, Any, Any],
    db: Database,
    me: Any,
    standard_id: UUID,
    no: Declined,
    words: Language,
    *,
    onward: str = "",
) -> Response[Any]:
    if no.refusal is None:
        return Redirect(onward or f"/standards/{standard_id}", status_code=303)
    async with db.read() as tx:
        found = await standard_desk.of(tx, me, standard_id)
    return _page(request, found, words, status=no.status, errors=no.errors(words))


def _page(
    request: Request[Any, Any, Any],
    found: standard_desk.Desk,
    words: Language,
    *,
    status: int = 200,
    errors: dict[str, str] | None = None,
) -> Response[str]:
    content = found.standard.content
    to_do = [
        (standard_words.fault(words, one), standard_words.place(found.standard.id, content, one.path))
        for one in found.faults
    ]
    missing = [
        (standard_words.where(words, one), one.languages, standard_words.place(found.standard.id, content, one.path))
        for one in found.untranslated
    ]
    return render(
        request,
        "standards/one.html",
        status=status,
        desk=found,
        content=content,
        kinds=desk.kinds(),
        to_do=to_do,
        missing=missing,
        errors=errors or {},
    )


HANDLERS = [copy, one, change_criteria, publish, retire, follow, discard, differences]
