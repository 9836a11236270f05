"""The figures that the centres publish: the annual table, drawn and as files."""

from typing import Annotated, Any

from litestar import Request, Response, get
from litestar.params import PathParameter

from service import auth, reports
from service.provide import Db, Words
from service.web.look import render

Year = Annotated[int, PathParameter(ge=2000, le=2100)]


@get("/reports", include_in_schema=False, guards=[auth.may("reports", "read")])
async def reports_page(request: Request[Any, Any, Any], db: Db) -> Response[str]:
    """The years of which there is something to tell."""
    async with db.read() as tx:
        rows = await tx.fetch(
            """select o.year, count(*)::int as spots from service.occupied_spots o group by o.year
               union select i.year, 0 from service.report_imports i
                     where i.year not in (select o.year from service.occupied_spots o)
               order by year desc"""
        )
    return render(request, "reports/years.html", years=[(row["year"], row["spots"]) for row in rows])


@get("/reports/annual/{year:int}", include_in_schema=False, guards=[auth.may("reports", "read")])
async def annual_page(year: Year, request: Request[Any, Any, Any], db: Db) -> Response[str]:
    """Three lines, the centres and the total, with their sources; the line that is counted here as bars."""
    async with db.read() as tx:
        report = await reports.annual(tx, year)
    own = next(line for line in report.lines if line.line == "validations_and_screenings")
    bars = [(centre.name, own.spots[centre.code] or 0) for centre in report.centres]
    return render(
        request, "reports/annual.html", report=report, bars=bars, most=max([1, *(value for _, value in bars)])
    )


@get("/reports/annual/{year:int}/table.csv", include_in_schema=False, guards=[auth.may("reports", "read")])
async def annual_table(year: Year, db: Db, words: Words) -> Response[str]:
    """The same table for a spreadsheet."""
    async with db.read() as tx:
        report = await reports.annual(tx, year)
    rows = reports.as_rows(report)
    said = [[words.gettext(cell) if isinstance(cell, str) and cell else cell for cell in row] for row in rows]
    return Response(
        reports.as_csv(said),
        media_type="text/csv",
        headers={
            "Content-Disposition": f'attachment; filename="preuve-{year}.csv"',
            "Content-Language": words.language,
        },
    )


HANDLERS = [reports_page, annual_page, annual_table]
