"""One standard as a file: exported, and imported as a draft; nothing is written unless it is asked for."""

import asyncio
from typing import Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.datastructures import UploadFile
from litestar.params import FromPath, MultipartBody
from litestar.response import Redirect

from assessments import schemes, standard_checks, standard_differences, standard_files, standards, units
from assessments.standard_files import Fault, StandardFault
from assessments.standards import Content
from assessments.units import Unit
from service import auth, fields, standard_desk, standard_words
from service.db import Database
from service.i18n import N_
from service.i18n import Words as Language
from service.provide import Db, Now, Words
from service.web.look import render


@get("/standards/{standard_id:uuid}/file", include_in_schema=False, guards=[auth.may("standards", "read")])
async def export(standard_id: FromPath[UUID], me: auth.Me, db: Db) -> Response[bytes]:
    """The version as a file to keep, to edit, to import elsewhere."""
    async with db.read() as tx:
        found = await standard_desk.of(tx, me, standard_id)
        body = await standard_desk.exported(tx, found.unit, found.standard.content)
    name = f"{found.unit.code.lower()}-v{found.standard.version}.json"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(body, media_type="application/json", headers=headers)


@get("/units/{code:str}/standards/import", include_in_schema=False, guards=[auth.may("standards", "edit")])
async def import_page(code: FromPath[str], request: Request[Any, Any, Any], db: Db, words: Words) -> Response[str]:
    async with db.read() as tx:
        unit = await units.get(tx, code)
    return await _page(request, db, unit, words)


@post(
    "/units/{code:str}/standards/import",
    include_in_schema=False,
    guards=[auth.may("standards", "edit")],
    request_max_body_size=standard_files.LARGEST + 100_000,
)
async def import_file(
    code: FromPath[str],
    data: MultipartBody[fields.Form],
    request: Request[Any, Any, Any],
    me: auth.Me,
    db: Db,
    now: Now,
    words: Words,
) -> Response[Any]:
    """Say what is wrong with the file, or what differs from the version in force; or make a draft of it."""
    async with db.read() as tx:
        unit = await units.get(tx, code)
    sent = data.of({"file", "act"})
    file = sent.get("file")
    body = await file.read(standard_files.LARGEST + 1) if isinstance(file, UploadFile) else b""
    if not body or len(body) > standard_files.LARGEST:
        said = N_("The file is too large") if body else N_("Choose a file")
        return await _page(request, db, unit, words, status=422, errors={"file": words.gettext(said)})
    try:
        content, shown = await asyncio.to_thread(standard_files.read, body, unit=unit.code)
    except StandardFault as fault:
        return await _page(request, db, unit, words, status=422, faults=fault.faults)
    if sent.get("act") != "draft":
        return await _page(request, db, unit, words, looked=content)
    async with db.transaction() as tx:
        draft = await standard_desk.import_draft(tx, me, unit.id, content, shown, now=now)
    return Redirect(f"/standards/{draft}", status_code=303)


async def _page(
    request: Request[Any, Any, Any],
    db: Database,
    unit: Unit,
    words: Language,
    *,
    status: int = 200,
    errors: dict[str, str] | None = None,
    faults: tuple[Fault, ...] = (),
    looked: Content | None = None,
) -> Response[str]:
    changes, to_do = [], []
    if looked is not None:
        async with db.read() as tx:
            before, scheme = await standards.latest(tx, unit.id), await schemes.get(tx, unit.scheme)
        differ = standard_differences.differences(before.content, looked) if before else ()
        changes = [standard_words.row(words, one) for one in differ]
        found = standard_checks.faults(looked, scheme, standard_desk.kinds())
        to_do = [standard_words.fault(words, one) for one in found]
    return render(
        request,
        "standards/import.html",
        status=status,
        unit=unit,
        errors=errors or {},
        faults=faults,
        looked=looked is not None,
        changes=changes,
        to_do=to_do,
        said=standard_words,
    )


HANDLERS = [export, import_page, import_file]
