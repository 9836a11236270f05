"""A list from a file: handed in, checked line by line, looked at, written; or called off."""

from typing import Annotated, Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.datastructures import UploadFile
from litestar.params import FromPath, MultipartBody, QueryParameter
from litestar.response import Redirect, Stream
from msgspec import Meta, Struct

from service import auth, desk, import_lines, imports, list_files, reach
from service.i18n import N_
from service.i18n import Words as Language
from service.import_lines import VERDICTS, Line, Verdict
from service.importing import findings
from service.importing.steps import LISTS
from service.provide import Db, Now, Words
from service.refusals import ImportNotReady
from service.web.declined import sentence
from service.web.look import render

Chosen = Annotated[str | None, QueryParameter(max_length=12)]
After = Annotated[int, QueryParameter(ge=0, le=1_000_000)]
Short = Annotated[str, Meta(max_length=40)]
AT_ONCE = 50  # lines on a page
HEADING = (
    N_("Line of the file"),
    N_("Column"),
    N_("What is there"),
    N_("What is wrong"),
    N_("What to do"),
    N_("Keeps the line out"),
)


class HandedIn(Struct, frozen=True, forbid_unknown_fields=True):
    """A file, which list it is, and an administrator's choice of centre."""

    file: UploadFile | None = None
    kind: Short = ""
    centre: Short = ""


@post(
    "/centre/imports",
    include_in_schema=False,
    guards=[auth.may("lists", "import")],
    request_max_body_size=imports.LARGEST + 100_000,
)
async def hand_in(
    data: MultipartBody[HandedIn],
    request: Request[Any, Any, Any],
    me: auth.Me,
    db: Db,
    now: Now,
    words: Words,
) -> Response[Any]:
    """Take the file in; the worker checks it. Nothing of it is written before that is ordered."""
    file, kind = data.file, data.kind
    async with db.read() as tx:
        here = await desk.centre(tx, me, data.centre)
    errors = {}
    content = await file.read(imports.LARGEST + 1) if file else b""
    if kind not in LISTS:
        errors["kind"] = words.gettext(N_("Choose a list"))
    if not content:
        errors["file"] = words.gettext(N_("Choose a file"))
    elif len(content) > imports.LARGEST:
        errors["file"] = words.gettext(N_("The file is too large"))
    if errors or file is None:
        async with db.read() as tx:
            latest = await imports.of_centre(tx, here.id)
        return render(
            request,
            "lists/lists.html",
            status=422,
            centre=here,
            latest=latest,
            kinds=list(LISTS),
            exports=list_files.allowed(me),
            errors=errors,
        )
    async with db.transaction() as tx:
        import_id = await imports.ask(
            tx, kind, here.id, name=file.filename, file=content, by=me, now=now  # type: ignore[arg-type]
        )  # fmt: skip
    return Redirect(f"/centre/imports/{import_id}", status_code=303)


@get("/centre/imports/{import_id:uuid}", include_in_schema=False, guards=[auth.may("lists", "import")])
async def report_page(
    import_id: FromPath[UUID],
    request: Request[Any, Any, Any],
    me: auth.Me,
    db: Db,
    words: Words,
    only: Chosen = None,
    after: After = 0,
) -> Response[str]:
    """How far it is, what would come of each line, and what came of it."""
    return await _report(request, db, me, import_id, words, only=only, after=after)


@post("/centre/imports/{import_id:uuid}/order", include_in_schema=False, guards=[auth.may("lists", "import")])
async def order(
    import_id: FromPath[UUID], request: Request[Any, Any, Any], me: auth.Me, db: Db, now: Now, words: Words
) -> Response[Any]:
    """Have the lines written that may be."""
    try:
        async with db.transaction() as tx:
            await reach.runs_import(tx, me, import_id)
            await imports.order(tx, import_id, by=me.id, now=now)
    except ImportNotReady:
        return await _report(request, db, me, import_id, words, errors={"": sentence(words, ImportNotReady)})
    return Redirect(f"/centre/imports/{import_id}", status_code=303)


@post("/centre/imports/{import_id:uuid}/cancellation", include_in_schema=False, guards=[auth.may("lists", "import")])
async def call_off(
    import_id: FromPath[UUID], request: Request[Any, Any, Any], me: auth.Me, db: Db, now: Now, words: Words
) -> Response[Any]:
    """Write no further line."""
    try:
        async with db.transaction() as tx:
            await reach.runs_import(tx, me, import_id)
            await imports.cancel(tx, import_id, by=me.id, now=now)
    except ImportNotReady:
        return await _report(request, db, me, import_id, words, errors={"": sentence(words, ImportNotReady)})
    return Redirect(f"/centre/imports/{import_id}", status_code=303)


@get(
    "/centre/imports/{import_id:uuid}/findings/{form:str}",
    include_in_schema=False,
    guards=[auth.may("lists", "import")],
)
async def findings_file(import_id: FromPath[UUID], form: FromPath[str], me: auth.Me, db: Db, words: Words) -> Stream:
    """What is wrong and what to do, finding by finding, to work through beside the file."""
    async with db.read() as tx:
        await reach.runs_import(tx, me, import_id)
        asked = await imports.get(tx, import_id)
        found = await import_lines.with_findings(tx, import_id)
    labels = {column.name: words.gettext(column.label) for column in LISTS[asked.kind].columns}
    yes, no = words.gettext(N_("yes")), words.gettext(N_("no"))
    rows = [
        (
            str(line.number),
            labels.get(finding.column, finding.column),
            finding.value,
            *findings.said(words, finding),
            yes if finding.blocking else no,
        )
        for line in found
        for finding in line.findings
    ]
    return list_files.lines(words, HEADING, rows, name=f"{asked.kind}-findings", form=form)


async def _report(
    request: Request[Any, Any, Any],
    db: Db,
    me: auth.Me,
    import_id: UUID,
    words: Language,
    *,
    only: str | None = None,
    after: int = 0,
    errors: dict[str, str] | None = None,
) -> Response[str]:
    chosen: Verdict | None = next((verdict for verdict in VERDICTS if verdict == only), None)
    async with db.read() as tx:
        await reach.runs_import(tx, me, import_id)
        asked = await imports.get(tx, import_id)
        counts = await import_lines.counts(tx, import_id)
        lines = await import_lines.page(tx, import_id, verdict=chosen, after=after, most=AT_ONCE + 1)
        code = await tx.fetchval("select code from scheduling.centres where id = $1", asked.centre_id)
    columns = {column.name: column for column in LISTS[asked.kind].columns}
    labels = {name: words.gettext(column.label) for name, column in columns.items()}
    return render(
        request,
        "lists/import.html",
        status=409 if errors else 200,
        asked=asked,
        counts=counts,
        lines=lines[:AT_ONCE],
        next_after=lines[AT_ONCE - 1].number if len(lines) > AT_ONCE else None,
        only=chosen,
        verdicts=VERDICTS,
        code=code,
        title=_title,
        labels=labels,
        value=lambda name, text: columns[name].say(words, text) if text else "",
        said=lambda finding: findings.said(words, finding),
        fault=findings.of_file(words, asked.fault, labels) if asked.fault else None,
        errors=errors or {},
    )


def _title(line: Line) -> str:
    """How a line is recognised by whoever wrote it."""
    cells = line.cells
    name = " ".join(filter(None, (cells.get("given_name"), cells.get("family_name"))))
    place = ", ".join(
        filter(None, (cells.get("room") or cells.get("name"), cells.get("unit"), cells.get("day"), cells.get("at")))
    )
    return name or place or cells.get("reference", "")


HANDLERS = [hand_in, report_page, order, call_off, findings_file]
