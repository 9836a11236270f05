"""The annual report: "Training and skills validation: number of occupied spots", centre by centre.

One line is counted here, two are other systems' and are imported; each says where it comes from. What leaves the centre
in finer pieces goes through suppression.suppress first (domain.md, invariant 16).
"""

import csv
import io
from typing import Literal

import asyncpg
from msgspec import Struct

from service.i18n import N_
from service.report_imports import import_line as import_line  # one address for those who fill a report
from service.suppression import Table

LineName = Literal["trained_jobseekers", "in_company", "validations_and_screenings"]

TITLE = N_("Training and skills validation: number of occupied spots")
LABELS: dict[LineName, str] = {
    "trained_jobseekers": N_("Trained jobseekers"),
    "in_company": N_("Training in companies"),
    "validations_and_screenings": N_("Validations and screenings"),
}
COUNTED = N_("Counted here: seats whose candidate attended, in sessions held in the year")
NOT_IMPORTED = N_("Not imported yet")
IN_PUBLISHED_ORDER = ("technicity", "digitalcity", "logisticity", "construcity")


class Centre(Struct, frozen=True):
    code: str
    name: str


class ReportLine(Struct, frozen=True):
    """Spots by the centre's code; None where nothing was imported, and then there is no total either.

    `label` is an English sentence to translate, and so are two sources, COUNTED and NOT_IMPORTED.
    """

    line: LineName
    label: str
    spots: dict[str, int | None]
    total: int | None
    source: str


class AnnualReport(Struct, frozen=True):
    """The table of one calendar year of Brussels; `title` is an English sentence to translate."""

    year: int
    title: str
    centres: tuple[Centre, ...]
    lines: tuple[ReportLine, ...]


async def annual(tx: asyncpg.Connection, year: int) -> AnnualReport:
    """The three lines of a year, for every centre and in total; a centre where nothing was held shows 0."""
    centres = await _centres(tx)
    counted = await tx.fetch(
        "select centre_code, count(*)::int as spots from service.occupied_spots where year = $1 group by centre_code",
        year,
    )
    spots = {row["centre_code"]: row["spots"] for row in counted}
    own = _line("validations_and_screenings", {centre.code: spots.get(centre.code, 0) for centre in centres}, COUNTED)
    imported = [await _imported(tx, year, line, centres) for line in ("trained_jobseekers", "in_company")]
    return AnnualReport(year, TITLE, tuple(centres), (*imported, own))


async def _centres(tx: asyncpg.Connection) -> list[Centre]:
    rows = await tx.fetch(
        "select code, name from scheduling.centres order by array_position($1::text[], code) nulls last, name",
        IN_PUBLISHED_ORDER,
    )
    return [Centre(**row) for row in rows]


async def _imported(tx: asyncpg.Connection, year: int, line: LineName, centres: list[Centre]) -> ReportLine:
    rows = await tx.fetch(
        """select c.code, i.value, i.source from service.report_imports i join scheduling.centres c on c.id = i.centre_id
           where i.year = $1 and i.line = $2""",
        year,
        line,
    )
    values = {row["code"]: row["value"] for row in rows}
    sources = sorted({row["source"] for row in rows})
    return _line(line, {centre.code: values.get(centre.code) for centre in centres}, "; ".join(sources) or NOT_IMPORTED)


def _line(line: LineName, spots: dict[str, int | None], source: str) -> ReportLine:
    known = [value for value in spots.values() if value is not None]
    return ReportLine(line, LABELS[line], spots, sum(known) if known and len(known) == len(spots) else None, source)


async def by_trade(tx: asyncpg.Connection, year: int) -> Table:
    """The occupied spots of a year by trade and centre, as they are: suppress before it leaves the house.

    Where a centre does not offer the trade and held none of it, there is no figure that could be small.
    """
    centres = await _centres(tx)
    rows = await tx.fetch(
        """select t.code as trade, c.code as centre, t.centre_code = c.code as offered, coalesce(o.spots, 0) as spots
           from assessments.trades t cross join scheduling.centres c
           left join (select centre_code, trade_code, count(*)::int as spots from service.occupied_spots
                      where year = $1 group by centre_code, trade_code) o
                  on o.centre_code = c.code and o.trade_code = t.code
           order by t.code""",
        year,
    )
    trades = list(dict.fromkeys(row["trade"] for row in rows))
    cells = {(row["trade"], row["centre"]): row["spots"] if row["offered"] or row["spots"] else None for row in rows}
    return Table(
        rows=tuple(trades),
        columns=tuple(centre.name for centre in centres),
        cells=tuple(tuple(cells[trade, centre.code] for centre in centres) for trade in trades),
    )


def as_rows(report: AnnualReport) -> list[list[str | int | None]]:
    """The table as it is printed, heading first: line, centres, total, source."""
    heading: list[str | int | None] = ["", *(centre.name for centre in report.centres), "total", "source"]
    return [
        heading,
        *(
            [line.label, *(line.spots[c.code] for c in report.centres), line.total, line.source]
            for line in report.lines
        ),
    ]


def as_csv(rows: list[list[str | int | None]]) -> str:
    """Rows for a spreadsheet. A text that it would take for a formula begins with an apostrophe instead."""
    file = io.StringIO()
    csv.writer(file, lineterminator="\r\n").writerows([[_harmless(cell) for cell in row] for row in rows])
    return file.getvalue()


def _harmless(cell: str | int | None) -> str | int:
    if isinstance(cell, str):
        return f"'{cell}" if cell.lstrip().startswith(("=", "+", "-", "@")) or cell[:1] in ("\t", "\r", "\n") else cell
    return "" if cell is None else cell
