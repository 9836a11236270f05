"""What stands in a CSV or XLSX file: a heading and numbered lines of text cells, whatever program wrote them.

CSV with semicolons, commas or tabs, in UTF-8, UTF-16 or Windows-1252. Of XLSX the first sheet, without following any
formula; a file that unpacks to more than a list of that length can need is not unpacked.
"""

import csv
import io
import zipfile
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from msgspec import Struct
from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

MOST_LINES = 10_000
MOST_ROWS = 50_000  # blank ones included: a sheet may say that it is a million rows high
MOST_COLUMNS = 60
LONGEST_CELL = 2_000
UNPACKED = 80_000_000  # bytes of all parts of an XLSX file together
PARTS = 500
FORMULA = "\ue000formula"  # a cell that asks to be computed
SEPARATORS = ";,\t|"
RISKY = ("=", "+", "-", "@", "\t", "\r")  # with which a cell begins that a spreadsheet would compute


class Unreadable(Exception):
    """A file that cannot be taken over as it is; `code` says why (service/importing/findings.py), and `passed_over` which
    headings the list does not know."""

    def __init__(self, code: str, passed_over: Sequence[str] = ()) -> None:
        super().__init__(code)
        self.code = code
        self.passed_over = list(passed_over)


class Sheet(Struct, frozen=True):
    """`lines`: each with its number in the file, as many cells as the heading has or fewer."""

    heading: list[str]
    lines: list[tuple[int, list[str]]]


def read(file: bytes) -> Sheet:
    """The lines of a file that say anything. Refuses Unreadable."""
    rows = _xlsx(file) if file.startswith(b"PK\x03\x04") else _csv(file)
    heading: list[str] | None = None
    lines: list[tuple[int, list[str]]] = []
    for number, cells in rows:
        if not any(cells):
            continue
        if heading is None:
            heading = _trimmed(cells)
        elif len(lines) == MOST_LINES:
            raise Unreadable("too_many_lines")
        else:
            lines.append((number, _trimmed(cells)))
    if heading is None:
        raise Unreadable("empty_file")
    return Sheet(heading, lines)


def _trimmed(cells: list[str]) -> list[str]:
    while cells and not cells[-1]:
        cells = cells[:-1]
    return cells


def plain(text: str) -> str:
    """A cell without what protects it from being computed: our own lists write '=x where they mean =x."""
    return text[1:] if text[:1] == "'" and text[1:2] in (*RISKY, "'") else text


def _csv(file: bytes) -> Iterator[tuple[int, list[str]]]:
    text = _decoded(file)
    if "\0" in text:
        raise Unreadable("not_text")
    first = text.partition("\n")[0].strip("\r")
    skipped = 0
    if first.lower().startswith("sep=") and len(first) == 5:  # Excel's own way to say it
        text, skipped = text.partition("\n")[2], 1
        separator = first[4]
    else:
        separator = max(SEPARATORS, key=_first_that_says_something(text).count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    rows = 0
    while True:
        number = reader.line_num + 1 + skipped
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error:
            raise Unreadable("broken_csv") from None
        rows += 1
        if len(cells) > MOST_COLUMNS or rows > MOST_ROWS:
            raise Unreadable("too_many_columns" if rows <= MOST_ROWS else "too_many_lines")
        yield number, [_cell(cell) for cell in cells]


def _first_that_says_something(text: str) -> str:
    """The heading: what separates its cells separates all, and there may be empty lines before it."""
    return next((line for line in io.StringIO(text, newline="") if line.strip(f'{SEPARATORS} "\r\n')), "")


def _cell(text: str) -> str:
    """A cell of CSV: what begins with = asks to be computed, unless an apostrophe says that it is text."""
    text = text.strip().replace("\u00a0", " ")
    return FORMULA if text.startswith("=") else plain(text)


def _decoded(file: bytes) -> str:
    is_utf16 = file.startswith((b"\xff\xfe", b"\xfe\xff"))
    encodings = ["utf-16"] if is_utf16 else ["utf-8-sig", "cp1252"]
    for encoding in encodings:
        try:
            return file.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise Unreadable("not_text")


def _xlsx(file: bytes) -> Iterator[tuple[int, list[str]]]:
    _refuse_bomb(file)
    try:
        book = load_workbook(io.BytesIO(file), read_only=True, data_only=False, keep_links=False)
        sheet = book.worksheets[0]
        sheet.reset_dimensions()
        for number, row in enumerate(sheet.iter_rows(max_col=MOST_COLUMNS + 1), start=1):
            if number > MOST_ROWS:
                raise Unreadable("too_many_lines")
            cells = [_shown(cell) for cell in row]
            if any(cells[MOST_COLUMNS:]):
                raise Unreadable("too_many_columns")
            yield number, cells
    except Unreadable:
        raise
    except (
        InvalidFileException,
        zipfile.BadZipFile,
        KeyError,
        ValueError,
        IndexError,
        TypeError,
        SyntaxError,
    ) as error:
        raise Unreadable("broken_xlsx") from error  # ParseError is a SyntaxError
    except (AttributeError, OverflowError, EOFError, OSError, MemoryError, RecursionError) as error:
        raise Unreadable("broken_xlsx") from error


def _refuse_bomb(file: bytes) -> None:
    """Before anything is unpacked whole: how much there is, said and true, and that no part declares entities."""
    try:
        with zipfile.ZipFile(io.BytesIO(file)) as archive:
            entries = archive.infolist()
            if len(entries) > PARTS or sum(entry.file_size for entry in entries) > UNPACKED:
                raise Unreadable("too_large_inside")
            if any(entry.flag_bits & 1 for entry in entries):
                raise Unreadable("locked_file")
            for entry in entries:
                with archive.open(entry) as part:
                    if entry.filename.endswith((".xml", ".rels")) and b"<!DOCTYPE" in part.read(entry.file_size + 1):
                        raise Unreadable("broken_xlsx")
    except (zipfile.BadZipFile, NotImplementedError, EOFError, OSError, RuntimeError, ValueError) as error:
        raise Unreadable("broken_xlsx") from error


def _shown(cell: Any) -> str:
    """As a person would type what the cell shows: days and times in their ISO forms, whole numbers without a point."""
    value = cell.value
    if value is None:
        return ""
    if cell.data_type == "f":
        return FORMULA
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(" ", "minutes")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, time):
        return value.isoformat("minutes")
    if isinstance(value, timedelta):
        return f"{value.seconds // 3600:02d}:{value.seconds % 3600 // 60:02d}"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return plain(str(value).replace("\0", "").strip().replace("\u00a0", " "))
