"""Files that a spreadsheet could have written, and the worker's beat that takes them over."""

import csv
import io
from collections.abc import Iterable
from typing import Any
from uuid import UUID

import httpx
from openpyxl import Workbook, load_workbook

from service import import_lines, imports
from service.accounts import Account
from service.import_lines import Line
from service.importing import steps
from service.wiring import Running
from tests.builders.hall import Hall

SESSIONS = ("reference", "room", "unit", "language", "day", "at", "seats", "evaluators", "observers", "manager", "open")
PEOPLE = ("reference", "email", "given_name", "family_name", "birth_date", "language", "status")
NOOR = ("K-1", "new@example.org", "Noor", "Peeters", "17/05/1990", "fr", "jobseeker")


def as_csv(heading: Iterable[str], *rows: Iterable[str], separator: str = ";", encoding: str = "utf-8-sig") -> bytes:
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=separator)
    writer.writerow(heading)
    writer.writerows(rows)
    return text.getvalue().encode(encoding)


def as_xlsx(heading: Iterable[str], *rows: Iterable[Any]) -> bytes:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for row in (heading, *rows):
        sheet.append(list(row))
    packed = io.BytesIO()
    book.save(packed)
    return packed.getvalue()


async def asked(running: Running, kind: imports.Kind, centre_id: UUID, file: bytes, by: Account) -> UUID:
    """A file that was handed in and is checked."""
    running = running.as_house()
    async with running.db.transaction() as tx:
        import_id = await imports.ask(tx, kind, centre_id, name="liste.csv", file=file, by=by, now=running.now())
    await carried_on(running)
    return import_id


async def ordered(running: Running, import_id: UUID, by: Account) -> None:
    """What may be written is."""
    running = running.as_house()
    async with running.db.transaction() as tx:
        await imports.order(tx, import_id, by=by.id, now=running.now())
    await carried_on(running)


async def carried_on(running: Running) -> int:
    """As many steps as there are: the worker's, which is the house."""
    running, count = running.as_house(), 0
    while await steps.carry_on(running, {}):
        count += 1
    return count


async def lines_of(running: Running, import_id: UUID) -> list[Line]:
    async with running.db.read() as tx:
        return await import_lines.page(tx, import_id, most=20_000)


def verdicts(lines: list[Line]) -> list[str]:
    return [str(line.verdict) for line in lines]


def codes(line: Line) -> list[tuple[str, str]]:
    return [(finding.column, finding.code) for finding in line.findings]


async def hand_in(hall: Hall, kind: str, content: bytes, name: str = "liste.csv") -> str:
    """The page of the import, once it is checked."""
    answer = await hall.manager.post("/centre/imports", data={"kind": kind}, files={"file": (name, content)})
    assert answer.status_code == 303, answer.text
    await carried_on(hall.street.app.state.running)
    return answer.headers["location"]


def rows_of(answer: httpx.Response) -> list[list[str]]:
    if answer.content.startswith(b"PK"):
        sheet = load_workbook(io.BytesIO(answer.content)).active
        assert sheet is not None
        return [["" if cell is None else str(cell) for cell in row] for row in sheet.iter_rows(values_only=True)]
    return list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig")), delimiter=";"))
