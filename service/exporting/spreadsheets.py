"""CSV and XLSX for spreadsheets, written as the rows come; nothing in them can be computed.

In CSV a cell that begins as a formula does gets an apostrophe before it, which an import takes away again; in XLSX every
text is marked as text, so it needs none, and days, moments and numbers are what they are.
"""

import asyncio
import csv
import io
import tempfile
from collections.abc import AsyncIterator, Iterable
from datetime import date, datetime, time
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

from service.exporting.words import Cell, Row, said
from service.importing.files import RISKY

Heading = tuple[str, ...]
BATCH = 500  # rows
CHUNK = 65_536  # bytes
MEDIA_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


async def as_csv(heading: Heading, rows: AsyncIterator[Row]) -> AsyncIterator[bytes]:
    """UTF-8 with a byte order mark and semicolons, as spreadsheets in Belgium open it."""
    yield "\ufeff".encode() + _lines([heading])
    batch: list[Row] = []
    async for row in rows:
        batch.append(row)
        if len(batch) == BATCH:
            yield _lines(batch)
            batch = []
    yield _lines(batch)


def _lines(rows: Iterable[Row]) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=";").writerows([harmless(said(cell)) for cell in row] for row in rows)
    return text.getvalue().encode()


def harmless(cell: str) -> str:
    """A cell that a spreadsheet shows and never computes."""
    return f"'{cell}" if cell.startswith((*RISKY, "'")) else cell


async def as_xlsx(heading: Heading, rows: AsyncIterator[Row]) -> AsyncIterator[bytes]:
    """One sheet; it is built in a file beside the memory, and leaves in pieces."""
    book = Workbook(write_only=True)
    sheet = _sheet(book, heading)
    batch: list[Row] = []
    async for row in rows:
        batch.append(row)
        if len(batch) == BATCH:
            await asyncio.to_thread(_append, sheet, batch)
            batch = []
    await asyncio.to_thread(_append, sheet, batch)
    async for piece in _saved(book):
        yield piece


async def explained(heading: Heading, example: Row, explanations: list[Row]) -> AsyncIterator[bytes]:
    """A template: the headings with a line to be replaced, and on a second sheet what each means."""
    book = Workbook(write_only=True)
    _append(_sheet(book, heading), [example])
    _append(_sheet(book, tuple(map(said, explanations[0])), "Explanations"), explanations[1:])
    async for piece in _saved(book):
        yield piece


def _sheet(book: Workbook, heading: Heading, name: str = "Preuve") -> Any:
    sheet: Any = book.create_sheet(name)
    sheet.freeze_panes = "A2"
    for place, label in enumerate(heading):
        sheet.column_dimensions[get_column_letter(place + 1)].width = max(14, min(60, len(label) + 4))
    _append(sheet, [heading], bold=True)
    return sheet


async def _saved(book: Workbook) -> AsyncIterator[bytes]:
    with tempfile.TemporaryFile() as packed:
        await asyncio.to_thread(book.save, packed)
        packed.seek(0)
        while piece := packed.read(CHUNK):
            yield piece


def _append(sheet: Any, rows: Iterable[Row], *, bold: bool = False) -> None:
    for row in rows:
        sheet.append([_cell(sheet, cell, bold=bold) for cell in row])


def _cell(sheet: Any, given: Cell, *, bold: bool) -> Any:
    cell = WriteOnlyCell(sheet)
    if isinstance(given, int):
        cell.value = given
    elif isinstance(given, (date, time)) and not _too_early(given):
        cell.value, cell.number_format = given, _form(given)
    else:
        cell.value = ILLEGAL_CHARACTERS_RE.sub("", said(given))
        cell.data_type = "s"  # also what begins with =
    if bold:
        cell.font = Font(bold=True)
    return cell


def _too_early(given: date | time) -> bool:
    """Spreadsheets know no day before 1900."""
    return isinstance(given, date) and given.year < 1900


def _form(given: date | time) -> str:
    if isinstance(given, time):
        return "hh:mm"
    return "yyyy-mm-dd hh:mm" if isinstance(given, datetime) else "yyyy-mm-dd"


WRITERS = {"csv": as_csv, "xlsx": as_xlsx}


async def every(rows: Iterable[Row]) -> AsyncIterator[Row]:
    """Rows that are there already, for the same writers."""
    for row in rows:
        yield row
