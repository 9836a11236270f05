"""Lines of the annual report that other systems count: taken over with their source, one by one or from a CSV file."""

import csv
import io
from collections.abc import Iterator
from datetime import datetime
from typing import Literal, get_args

import asyncpg
from msgspec import Struct

from service.refusals import NotFound

Line = Literal["trained_jobseekers", "in_company"]
NEEDED = ("line", "centre", "value")
ALLOWED = (*NEEDED, "source")
LONGEST_VALUE = 10  # digits that a PostgreSQL integer always holds, and one
LONGEST_SOURCE = 200


class Imported(Struct, frozen=True):
    """One figure. `number`: the line of the file it was read from."""

    number: int
    line: Line
    centre: str
    value: int
    source: str


class Fault(Struct, frozen=True):
    """What is wrong with one line of a file, counted from 1, the heading included."""

    number: int
    says: str


class Unreadable(Exception):
    """A file that cannot be taken over as it is; nothing of it was. `faults` says why, line by line."""

    def __init__(self, faults: list[Fault]) -> None:
        super().__init__(f"{len(faults)} lines cannot be read")
        self.faults = faults


async def import_line(
    tx: asyncpg.Connection, year: int, line: Line, centre_code: str, value: int, *, source: str, now: datetime
) -> None:
    """Take over a figure of a year for a centre; the latest import counts. Refuses NotFound (the centre)."""
    status = await tx.execute(
        """insert into service.report_imports (year, line, centre_id, value, source, imported_at)
           select $1, $2, c.id, $4, $5, $6 from scheduling.centres c where c.code = $3
           on conflict (year, line, centre_id) do update set value = $4, source = $5, imported_at = $6""",
        year,
        line,
        centre_code,
        value,
        source,
        now,
    )
    if status.endswith(" 0"):
        raise NotFound


async def import_file(tx: asyncpg.Connection, year: int, file: bytes, *, source: str, now: datetime) -> int:
    """Take over a CSV file, all of it or nothing; return how many figures. `source`: where a line names none.

    Refuses Unreadable with every fault of every line, centres nobody knows included.
    """
    centres = {row["code"] for row in await tx.fetch("select code from scheduling.centres")}
    figures = read(file, source=source)
    unknown = [figure for figure in figures if figure.centre not in centres]
    if unknown:
        known = ", ".join(sorted(centres)) or "none yet"
        raise Unreadable(
            [Fault(one.number, f"no centre has the code “{one.centre}” (there are: {known})") for one in unknown]
        )
    for figure in figures:
        await import_line(tx, year, figure.line, figure.centre, figure.value, source=figure.source, now=now)
    return len(figures)


def read(file: bytes, *, source: str) -> list[Imported]:
    """The figures of a CSV file with the columns line, centre, value and, if you like, source.

    Commas, semicolons or tabs; UTF-8, with or without a byte order mark. Refuses Unreadable.
    """
    try:
        text = file.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Unreadable(
            [Fault(file[: error.start].count(b"\n") + 1, "not UTF-8 text: save the file as CSV UTF-8")]
        ) from None
    lines = _lines(text)
    _check_heading(lines[0][1] if lines else [])
    heading = [name.strip().lower() for name in lines[0][1]]
    figures: list[Imported] = []
    faults: list[Fault] = []
    for number, cells in lines[1:]:
        says = list(_faults(heading, cells, figures))
        if says:
            faults += [Fault(number, one) for one in says]
        else:
            figures.append(_figure(number, dict(zip(heading, cells, strict=True)), source))
    if faults:
        raise Unreadable(faults)
    return figures


def _lines(text: str) -> list[tuple[int, list[str]]]:
    """Each line that says anything, with its number; the separator is the one the heading uses."""
    heading = text.partition("\n")[0]
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=max(",;\t", key=heading.count), strict=True)
    lines = []
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                lines.append((reader.line_num, [cell.strip() for cell in cells]))
    except csv.Error as error:
        raise Unreadable([Fault(reader.line_num, f"not CSV: {error}")]) from None
    return lines


def _check_heading(heading: list[str]) -> None:
    names = [name.strip().lower() for name in heading]
    says = [f"the column “{name}” is missing" for name in NEEDED if name not in names]
    says += [
        f"the column “{name}” is not known (known are: {', '.join(ALLOWED)})" for name in names if name not in ALLOWED
    ]
    says += [f"the column “{name}” is there twice" for name in ALLOWED if names.count(name) > 1]
    if says:
        raise Unreadable([Fault(1, one) for one in says])


def _faults(heading: list[str], cells: list[str], before: list[Imported]) -> Iterator[str]:
    if len(cells) != len(heading):
        yield f"{len(cells)} cells under {len(heading)} columns"
        return
    given = dict(zip(heading, cells, strict=True))
    if given["line"] not in get_args(Line):
        yield f"“{given['line']}” is no line of the report (there are: {', '.join(get_args(Line))})"
    if not (given["value"].isascii() and given["value"].isdigit() and len(given["value"]) < LONGEST_VALUE):
        yield f"“{given['value']}” is not a whole number: write it in digits only, 2828 and not 2.828"
    if len(given.get("source", "")) > LONGEST_SOURCE or "\0" in "".join(cells):
        yield f"the source is longer than {LONGEST_SOURCE} characters, or holds one that cannot be kept"
    twice = [one.number for one in before if (one.line, one.centre) == (given["line"], given["centre"])]
    if twice:
        yield f"line {twice[0]} gives this figure already"


def _figure(number: int, given: dict[str, str], source: str) -> Imported:
    line: Line = "in_company" if given["line"] == "in_company" else "trained_jobseekers"
    return Imported(number, line, given["centre"], int(given["value"]), given.get("source") or source)
