"""The pictures of a grid: added to a draft, in four languages of words; read by whoever reads standards."""

import asyncio
from typing import Annotated, Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.datastructures import UploadFile
from litestar.params import FromPath, MultipartBody, URLEncodedBody
from litestar.response import Redirect
from msgspec import Meta, Struct

from assessments import pictures, standard_checks, standard_edits, standards
from assessments.grids import Picture
from assessments.refusals import NotFound
from assessments.standard_refusals import NotAPicture
from assessments.standards import Content
from service import auth, fields, standard_desk, standard_forms
from service.db import Database
from service.i18n import N_
from service.provide import Db, Now, Words
from service.web.declined import Declined
from service.web.look import render

FIELDS = {"revision", "code", "file", *fields.in_languages("alt")}


class Removal(Struct, frozen=True, forbid_unknown_fields=True):
    code: Annotated[str, Meta(max_length=6)]
    revision: Annotated[int, Meta(ge=0, le=1_000_000_000)] = 0


@get("/standards/{standard_id:uuid}/pictures", include_in_schema=False, guards=[auth.may("standards", "edit")])
async def page(standard_id: FromPath[UUID], request: Request[Any, Any, Any], me: auth.Me, db: Db) -> Response[str]:
    """Those there are, and the form for one more."""
    return await _page(request, db, me, standard_id)


@post(
    "/standards/{standard_id:uuid}/pictures",
    include_in_schema=False,
    guards=[auth.may("standards", "edit")],
    request_max_body_size=pictures.LARGEST + 100_000,
)
async def add(
    standard_id: FromPath[UUID],
    data: MultipartBody[fields.Form],
    request: Request[Any, Any, Any],
    me: auth.Me,
    db: Db,
    now: Now,
    words: Words,
) -> Response[Any]:
    """Give a criterion or an indicator its picture, or new words for the one it has."""
    async with db.read() as tx:
        content = (await standard_desk.draft_of(tx, me, standard_id)).standard.content
    sent = data.of(FIELDS)
    typed = {name: value for name, value in sent.items() if isinstance(value, str)}
    reading = standard_forms.Reading(typed, words)
    code, alt = reading.text("code"), reading.label("alt")
    if code not in _codes(content):
        reading.errors["code"] = words.gettext(N_("Choose from the list"))
    no = Declined()
    if not reading.errors:
        with no:
            new = await _read(sent.get("file"))
            old = dict(_shown(content)).get(code)
            if new is None and old is None:
                raise NotAPicture
            sha256 = new.sha256 if new else old.sha256 if old else ""
            async with db.transaction() as tx:
                if new is not None:
                    await pictures.keep(tx, new, by=me.id, now=now)
                changed = standard_edits.with_picture(content, code, Picture(sha256, alt))
                revision = standard_forms.revision(typed)
                await standards.amend(tx, standard_id, changed, revision=revision, by=me.id, now=now)
        if no.refusal is None:
            return Redirect(f"/standards/{standard_id}/pictures", status_code=303)
    errors = reading.errors | no.errors(words, {NotAPicture: "file"})
    return await _page(
        request, db, me, standard_id, status=no.status if no.refusal else 422, typed=typed, errors=errors
    )


@post("/standards/{standard_id:uuid}/pictures/removal", include_in_schema=False, guards=[auth.may("standards", "edit")])
async def remove(
    standard_id: FromPath[UUID],
    data: URLEncodedBody[Removal],
    request: Request[Any, Any, Any],
    me: auth.Me,
    db: Db,
    now: Now,
    words: Words,
) -> Response[Any]:
    """Take a picture out of the draft; other versions keep theirs."""
    with Declined() as no:
        async with db.transaction() as tx:
            content = (await standard_desk.draft_of(tx, me, standard_id)).standard.content
            changed = standard_edits.with_picture(content, data.code, None)
            await standards.amend(tx, standard_id, changed, revision=data.revision, by=me.id, now=now)
    if no.refusal is None:
        return Redirect(f"/standards/{standard_id}/pictures", status_code=303)
    return await _page(request, db, me, standard_id, status=no.status, errors=no.errors(words))


@get("/pictures/{name:str}", include_in_schema=False, guards=[auth.may("standards", "read")])
async def image(name: FromPath[str], db: Db) -> Response[bytes]:
    """A picture by its content: what is under an address never changes."""
    if not name.endswith(".jpg"):
        raise NotFound
    async with db.read() as tx:
        picture = await pictures.get(tx, name.removesuffix(".jpg"))
    headers = {"Cache-Control": "private, max-age=31536000, immutable", "Content-Security-Policy": "sandbox"}
    return Response(picture.image, media_type="image/jpeg", headers=headers)


async def _read(file: object) -> pictures.Picture | None:
    """The picture that was sent; None when none was chosen."""
    if not isinstance(file, UploadFile):
        return None
    body = await file.read(pictures.LARGEST + 1)
    return await asyncio.to_thread(pictures.read, body) if body else None


def _shown(content: Content) -> list[tuple[str, Picture]]:
    return [(thing.code, thing.picture) for thing in content.grid.things if thing.picture is not None]


def _codes(content: Content) -> set[str]:
    return {thing.code for thing in content.grid.things}


async def _page(
    request: Request[Any, Any, Any],
    db: Database,
    me: Any,
    standard_id: UUID,
    *,
    status: int = 200,
    typed: dict[str, str] | None = None,
    errors: dict[str, str] | None = None,
) -> Response[str]:
    async with db.read() as tx:
        found = await standard_desk.draft_of(tx, me, standard_id)
    content = found.standard.content
    return render(
        request,
        "standards/pictures.html",
        status=status,
        desk=found,
        content=content,
        shown=_shown(content),
        needed=standard_checks.needed(content),
        fields=typed or {},
        errors=errors or {},
    )


HANDLERS = [page, add, remove, image]
