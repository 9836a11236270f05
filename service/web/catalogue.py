"""The catalogue: trades, their units, the versions of their standards; and the import of an edited file."""

import asyncio
from typing import Annotated, Any

import asyncpg
from litestar import Request, Response, get, post
from litestar.datastructures import UploadFile
from litestar.params import FromPath, MultipartBody, QueryParameter
from msgspec import Meta, Struct

from assessments import catalogue, standards, trades, units
from assessments.catalogue_files import CatalogueFault
from service import access, assessing, auth, catalogue_imports, desk, fields
from service.i18n import N_
from service.provide import Db, Now, Words
from service.refusals import NotFound
from service.web.look import render

Version = Annotated[str | None, QueryParameter(max_length=10)]
LARGEST = 300_000  # bytes of a file; the longest grid has 20,000


class UnitLine(Struct, frozen=True):
    """A unit in a list; `version` of its standard in force, None when there is none."""

    code: str
    label: dict[str, str]
    trade_code: str
    version: int | None


@get("/trades", include_in_schema=False, guards=[auth.may("catalogue", "read")])
async def trades_page(request: Request[Any, Any, Any], db: Db) -> Response[str]:
    """Every trade by centre, with its units."""
    async with db.read() as tx:
        found = await trades.every(tx)
        lines = await _unit_lines(tx)
    by_trade = {trade.code: [line for line in lines if line.trade_code == trade.code] for trade in found}
    return render(
        request, "catalogue/trades.html", trades=sorted(found, key=lambda one: one.centre_code), units=by_trade
    )


@get("/units/{code:str}", include_in_schema=False, guards=[auth.may("catalogue", "read")])
async def unit_page(
    code: FromPath[str], request: Request[Any, Any, Any], me: auth.Me, db: Db, words: Words, version: Version = None
) -> Response[str]:
    """A unit, the standard in force or an earlier version, and its grid."""
    asked = fields.given(version, "version", Annotated[int, Meta(ge=1, le=10_000)])
    async with db.read() as tx:
        unit = await units.get(tx, code)
        rows = await tx.fetch(
            """select s.id, s.version, s.published_at, s.retired_at, s.published_at is null as is_draft
               from assessments.standards s
               where s.unit_id = $1 and (s.published_at is not null or $2)
               order by s.published_at is null, s.version desc""",
            unit.id,
            access.rule("standards", "edit").admits(me),
        )
        chosen = next((row for row in rows if asked in (None, row["version"])), None)
        if chosen is None and asked is not None:
            raise NotFound
        standard = await standards.get(tx, chosen["id"]) if chosen else None
        trade = await trades.get(tx, unit.trade_code)
    return render(
        request,
        "catalogue/unit.html",
        unit=unit,
        trade=trade,
        versions=rows,
        standard=standard,
        kinds=desk.kinds(),
        criteria=assessing.side_by_side(standard.content.grid.criteria, [], words) if standard else [],
    )


@get("/catalogue/imports", include_in_schema=False, guards=[auth.may("catalogue", "import")], sync_to_thread=False)
def import_page(request: Request[Any, Any, Any]) -> Response[str]:
    """One field: a file."""
    return _import_page(request)


@post("/catalogue/imports", include_in_schema=False, guards=[auth.may("catalogue", "import")])
async def import_file(
    data: MultipartBody[fields.Form], request: Request[Any, Any, Any], db: Db, now: Now, words: Words
) -> Response[str]:
    """Read the file as the whole catalogue's files are read; publish what differs, or say where it is wrong."""
    file = data.of({"file"}).get("file")
    body = await file.read(LARGEST + 1) if isinstance(file, UploadFile) else b""
    if not isinstance(file, UploadFile) or not body:
        return _import_page(request, status=422, errors={"file": words.gettext(N_("Choose a file"))})
    if len(body) > LARGEST:
        return _import_page(request, status=422, errors={"file": words.gettext(N_("The file is too large"))})
    try:
        edited = await asyncio.to_thread(catalogue_imports.read, file.filename, body)
    except catalogue_imports.UnknownFile:
        said = words.gettext(
            N_("The file keeps its name, such as tpcr.toml for a trade or tpcr-3.grid.toml for a grid")
        )
        return _import_page(request, status=422, errors={"file": said})
    except CatalogueFault as fault:
        return _import_page(
            request, status=422, errors={"file": words.gettext(N_("The file cannot be used"))}, fault=fault
        )
    async with db.transaction() as tx:
        done = await catalogue_imports.record(tx, edited, now=now)
    return _import_page(request, done=done)


async def _unit_lines(tx: asyncpg.Connection) -> list[UnitLine]:
    rows = await tx.fetch(
        """select u.code, u.label::jsonb, t.code as trade_code,
                  (select max(s.version) from assessments.standards s
                   where s.unit_id = u.id and s.published_at is not null and s.retired_at is null) as version
           from assessments.units u join assessments.trades t on t.id = u.trade_id order by u.code"""
    )
    return [UnitLine(**row) for row in rows]


def _import_page(
    request: Request[Any, Any, Any],
    *,
    status: int = 200,
    errors: dict[str, str] | None = None,
    fault: CatalogueFault | None = None,
    done: catalogue.Import | None = None,
) -> Response[str]:
    return render(request, "catalogue/import.html", status=status, errors=errors or {}, fault=fault, done=done)


HANDLERS = [trades_page, unit_page, import_page, import_file]
