"""What a list is, and for whom: its columns in English to translate, and the rows it reads."""

from collections.abc import AsyncIterator, Callable
from datetime import date, datetime
from typing import Literal
from uuid import UUID

import asyncpg
from msgspec import Struct

from service.i18n import BRUSSELS

Row = tuple[str, ...]
About = Literal["places", "people", "results", "day"]


class Asked(Struct, frozen=True):
    """For which centre; `day` in Brussels and `since`, the moment at which it begins: what is planned counts from then on."""

    centre_id: UUID
    day: date
    since: datetime


Rows = Callable[["asyncpg.Connection[asyncpg.Record]", Asked], AsyncIterator[Row]]


class Export(Struct, frozen=True):
    """`about`: which line of the table of access it is; `table`: what the audit trail says was exported."""

    name: str
    label: str
    about: About
    table: str
    columns: tuple[str, ...]
    rows: Rows


def moment(at: datetime | None) -> str:
    """2026-09-15 09:00, by the clock in Brussels."""
    return at.astimezone(BRUSSELS).strftime("%Y-%m-%d %H:%M") if at else ""
