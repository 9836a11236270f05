"""What a list is, and for whom: its columns in English to translate, and the rows it reads."""

from collections.abc import AsyncIterator, Callable, Mapping
from datetime import date, datetime, time
from typing import Any, Literal
from uuid import UUID

import asyncpg
from msgspec import Struct

from service.i18n import BRUSSELS, Words
from service.importing.fields import Say, shown

Cell = str | int | date | time  # a datetime is a date, too: by the clock in Brussels, without its zone
Row = tuple[Cell, ...]
About = Literal["places", "people", "results", "day"]


class Asked(Struct, frozen=True):
    """For which centre; `day` in Brussels and `since`, the moment at which it begins: what is planned counts from then on.
    `language`: the reader's, for what has a name in each."""

    centre_id: UUID
    day: date
    since: datetime
    language: str


Rows = Callable[["asyncpg.Connection[asyncpg.Record]", Asked], AsyncIterator[Row]]


class Export(Struct, frozen=True):
    """`about`: which line of the table of access it is; `table`: what the audit trail says was exported; `says`: how the
    codes in a column, named by its label, are said to people."""

    name: str
    label: str
    about: About
    table: str
    columns: tuple[str, ...]
    rows: Rows
    says: Mapping[str, Say] = {}

    def worded(self, row: Row, say: Words) -> Row:
        """A row without codes, in the reader's language."""
        return tuple(
            self.says[label](say, cell) if label in self.says and isinstance(cell, str) and cell else cell
            for label, cell in zip(self.columns, row, strict=True)
        )


def cell(value: Any) -> Cell:
    """What a spreadsheet sorts and reckons with stays what it is; all else is text that an import takes back."""
    if isinstance(value, datetime):
        return value.astimezone(BRUSSELS).replace(tzinfo=None, second=0, microsecond=0)
    if isinstance(value, (int, date, time)) and not isinstance(value, bool):
        return value
    return shown(value)


def said(value: Cell) -> str:
    """A cell as text: 2026-09-15 09:00."""
    return f"{value:%Y-%m-%d %H:%M}" if isinstance(value, datetime) else shown(value)
