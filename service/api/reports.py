"""Reports: what the centres publish about a year."""

from typing import Annotated

from litestar import get
from litestar.params import PathParameter
from msgspec import structs

from service import auth, reports
from service.api.described import refusals
from service.provide import Db, Words

Year = Annotated[int, PathParameter(ge=2000, le=2100)]


@get(
    "/reports/annual/{year:int}",
    tags=["reports"],
    guards=[auth.may("reports", "read")],
    responses=refusals(codes=(401, 403, 404)),
)
async def annual(year: Year, db: Db, words: Words) -> reports.AnnualReport:
    """Occupied spots by line and centre; null where another system's figure was not imported."""
    async with db.read() as tx:
        report = await reports.annual(tx, year)
    lines = (
        structs.replace(line, label=words.gettext(line.label), source=words.gettext(line.source))
        for line in report.lines
    )
    return structs.replace(report, title=words.gettext(report.title), lines=tuple(lines))


HANDLERS = [annual]
