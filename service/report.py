"""`preuve report`: print a report of a year, after taking over what other systems count for it."""

import argparse
import asyncio
import sys
from datetime import UTC, datetime
from pathlib import Path

import asyncpg
import msgspec

from service import report_imports, reports
from service.db import SERVER_SETTINGS
from service.settings import Settings, SettingsFault
from service.suppression import Outside, suppress

TITLES = {"annual": reports.TITLE, "trades": "Validations and screenings by trade (* is not shown, to protect people)"}
Rows = list[list[str | int | None]]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Which report of which year, in which shape."""
    parser.add_argument(
        "report",
        choices=("annual", "trades"),
        help="annual: the table of occupied spots; trades: validations and screenings by trade, as it may be handed on",
    )
    parser.add_argument("--year", type=_year, required=True, help="calendar year, for example 2023")
    shape = parser.add_mutually_exclusive_group()
    shape.add_argument("--json", action="store_true", help="print it as JSON")
    shape.add_argument("--csv", action="store_true", help="print it as CSV")
    parser.add_argument(
        "--import",
        dest="file",
        type=Path,
        metavar="FILE",
        help="first take over a CSV file with the columns line, centre, value and perhaps source",
    )


def _year(given: str) -> int:
    if not (given.isascii() and given.isdigit() and 1990 <= int(given[:5]) <= 2200):
        raise argparse.ArgumentTypeError(f"a year has four digits, for example 2023, not {given!r}")
    return int(given)


def command(arguments: argparse.Namespace, settings: Settings) -> int:
    """Print the report. Status 2 when a file to import cannot be read; nothing of it is kept then."""
    try:
        report, rows = asyncio.run(_made(arguments, settings.owner))
    except report_imports.Unreadable as unreadable:
        for fault in unreadable.faults:
            sys.stderr.write(f"{arguments.file}, line {fault.number}: {fault.says}\n")
        return 2
    if arguments.json:
        sys.stdout.write(msgspec.json.encode(report).decode() + "\n")
    elif arguments.csv:
        sys.stdout.write(reports.as_csv(rows))
    else:
        sys.stdout.write(f"{TITLES[arguments.report]}, {arguments.year}\n{table(rows)}")
    return 0


async def _made(arguments: argparse.Namespace, database_url: str) -> tuple[reports.AnnualReport | Outside, Rows]:
    connection = await asyncpg.connect(database_url, server_settings=SERVER_SETTINGS | {"statement_timeout": "60s"})
    try:
        async with connection.transaction():
            if arguments.file is not None:
                await _take_over(connection, arguments.year, arguments.file)
            if arguments.report == "trades":
                outside = suppress(await reports.by_trade(connection, arguments.year))
                return outside, outside_rows(outside)
            report = await reports.annual(connection, arguments.year)
            return report, reports.as_rows(report)
    except asyncpg.UndefinedTableError:
        raise SettingsFault("The database is not of this release; `preuve migrate` brings it up to date.") from None
    finally:
        await connection.close()


async def _take_over(tx: asyncpg.Connection, year: int, file: Path) -> None:
    try:
        content = file.read_bytes()
    except OSError as fault:
        raise SettingsFault(f"{file} cannot be read: {fault.strerror}.") from None
    await report_imports.import_file(tx, year, content, source=file.name, now=datetime.now(UTC))


def outside_rows(outside: Outside) -> Rows:
    """A suppressed table as it is printed, heading first; an asterisk for what is hidden."""
    lines = zip(outside.rows, outside.cells, outside.row_totals, strict=True)
    return [
        ["", *outside.columns, "total"],
        *([name, *map(_starred, cells), _starred(total)] for name, cells, total in lines),
        ["total", *map(_starred, outside.column_totals), _starred(outside.total)],
    ]


def _starred(cell: int | str | None) -> int | str | None:
    return "*" if cell == "hidden" else cell


def table(rows: Rows) -> str:
    """Rows in columns, figures to the right; a dash where there is none."""
    texts = [["–" if cell is None else str(cell) for cell in row] for row in rows]
    widths = [max(len(row[at]) for row in texts) for at in range(len(texts[0]))]
    last = len(widths) - 1
    lines = []
    for row in texts:
        cells = [
            text.ljust(width) if at == 0 or (at == last and rows[0][last] == "source") else text.rjust(width)
            for at, (text, width) in enumerate(zip(row, widths, strict=True))
        ]
        lines.append("  ".join(cells).rstrip())
    return "\n".join([*lines, ""])
