"""Lists from files for programs: hand in, follow, read line by line, have written, call off."""

from typing import Annotated
from uuid import UUID

import asyncpg
from litestar import Response, get, post, put
from litestar.datastructures import UploadFile
from litestar.exceptions import ValidationException
from litestar.params import FromPath, MultipartBody, QueryParameter
from msgspec import Meta, Struct

from service import auth, desk, import_lines, imports, reach
from service.api.described import refusals
from service.i18n import N_
from service.i18n import Words as Language
from service.import_lines import Verdict
from service.importing import findings
from service.provide import Db, Now, Words
from service.refusals import ImportNotReady

TAGS = ["imports"]
# Not a Literal | None: that would take the word "null" for one.
Which = Annotated[str | None, QueryParameter(pattern=r"^(new|changed|unchanged|refused)$(?!\n)", max_length=9)]
After = Annotated[int, QueryParameter(ge=0, le=1_000_000)]
Most = Annotated[int, QueryParameter(ge=1, le=500)]


class HandedIn(Struct, frozen=True, forbid_unknown_fields=True):
    """`centre`: its code, for who has several."""

    kind: imports.Kind
    file: UploadFile | None = None
    centre: Annotated[str, Meta(max_length=40)] = ""


class Progress(Struct, frozen=True):
    """`total`: lines of the file, None until it is read; `counts` say how many were checked to what end, and written.
    `passed_over`: headings that the list does not know."""

    id: UUID
    kind: imports.Kind
    name: str
    state: imports.State
    total: int | None
    fault: str | None
    counts: import_lines.Counts
    passed_over: list[str]


class Said(Struct, frozen=True):
    """In the caller's language: what is wrong, and what to do. A blocking one keeps the line out."""

    column: str
    value: str
    code: str
    blocking: bool
    says: str
    remedy: str


class Line(Struct, frozen=True):
    """`number`: in the file, the heading included. `changes`: {column: [before, after]}."""

    number: int
    cells: dict[str, str]
    verdict: Verdict | None
    changes: dict[str, tuple[str, str]]
    findings: list[Said]
    written: bool


@post(
    "/imports",
    tags=TAGS,
    guards=[auth.may("lists", "import")],
    responses=refusals(codes=(400, 401, 403, 404, 413, 422)),
    request_max_body_size=imports.LARGEST + 100_000,
    status_code=202,
)
async def hand_in(data: MultipartBody[HandedIn], me: auth.Me, db: Db, now: Now) -> Response[Progress]:
    """Take in a file (CSV or XLSX). It is checked; nothing of it is written before that is ordered.

    The same file again while it is under way is the same import; once it is checked, and nothing ordered, it is checked
    anew."""
    file = data.file
    content = await file.read(imports.LARGEST + 1) if file else b""
    if file is None or not 0 < len(content) <= imports.LARGEST:
        raise ValidationException(extra=[{"message": N_("A file of at most 8 MB is expected."), "key": "file"}])
    async with db.transaction() as tx:
        here = await desk.centre(tx, me, data.centre)
        found = await imports.ask(tx, data.kind, here.id, name=file.filename, file=content, by=me, now=now)
        counts = await import_lines.counts(tx, found)
    progress = Progress(found, data.kind, file.filename, "reading", None, None, counts, [])
    return Response(progress, status_code=202, headers={"Location": f"/api/v1/imports/{found}"})


@get(
    "/imports/{import_id:uuid}",
    tags=TAGS,
    guards=[auth.may("lists", "import")],
    responses=refusals(codes=(401, 403, 404)),
)
async def progress(import_id: FromPath[UUID], me: auth.Me, db: Db) -> Progress:
    """How far it is."""
    async with db.read() as tx:
        await reach.runs_import(tx, me, import_id)
        return await _progress(tx, import_id)


async def _progress(tx: asyncpg.Connection, import_id: UUID) -> Progress:
    asked, counts = await imports.get(tx, import_id), await import_lines.counts(tx, import_id)
    return Progress(asked.id, asked.kind, asked.name, asked.state, asked.total, asked.fault, counts, asked.passed_over)


@get(
    "/imports/{import_id:uuid}/lines",
    tags=TAGS,
    guards=[auth.may("lists", "import")],
    responses=refusals(codes=(400, 401, 403, 404, 422)),
)
async def lines(
    import_id: FromPath[UUID],
    me: auth.Me,
    db: Db,
    words: Words,
    verdict: Which = None,
    after: After = 0,
    most: Most = 100,
) -> list[Line]:
    """Lines in the order of the file, from behind line `after` on."""
    async with db.read() as tx:
        await reach.runs_import(tx, me, import_id)
        found = await import_lines.page(tx, import_id, verdict=verdict, after=after, most=most)
    return [
        Line(
            line.number,
            line.cells,
            line.verdict,
            line.changes,
            [_said(words, finding) for finding in line.findings],
            line.written_at is not None,
        )
        for line in found
    ]


def _said(words: Language, finding: import_lines.Finding) -> Said:
    says, remedy = findings.said(words, finding)
    return Said(finding.column, finding.value, finding.code, finding.blocking, says, remedy)


@put(
    "/imports/{import_id:uuid}/order",
    tags=TAGS,
    guards=[auth.may("lists", "import")],
    responses=refusals(ImportNotReady, codes=(401, 403, 404)),
)
async def order(import_id: FromPath[UUID], me: auth.Me, db: Db, now: Now) -> Progress:
    """Have the lines written that may be, each as a whole and once; ordered twice is ordered once."""
    async with db.transaction() as tx:
        await reach.runs_import(tx, me, import_id)
        await imports.order(tx, import_id, by=me.id, now=now)
        return await _progress(tx, import_id)


@put(
    "/imports/{import_id:uuid}/cancellation",
    tags=TAGS,
    guards=[auth.may("lists", "import")],
    responses=refusals(ImportNotReady, codes=(401, 403, 404)),
)
async def call_off(import_id: FromPath[UUID], me: auth.Me, db: Db, now: Now) -> Progress:
    """Write no further line; what is written stays."""
    async with db.transaction() as tx:
        await reach.runs_import(tx, me, import_id)
        await imports.cancel(tx, import_id, by=me.id, now=now)
        return await _progress(tx, import_id)


HANDLERS = [hand_in, progress, lines, order, call_off]
