"""An export as a file: data.json for programs, index.html for people in their language, and the certificates."""

import asyncio
import io
import zipfile
from datetime import date, datetime
from typing import Any
from uuid import UUID

import asyncpg
import msgspec
from jinja2 import Environment

from certificates import numbers
from service.i18n import Words, words
from service.personal_codes import VALUES
from service.personal_data import Row
from service.personal_words import COLUMNS, TABLES
from service.web.look import environment

Records = dict[str, list[Row]]
Papers = list[tuple[str, bytes]]


async def papers(tx: asyncpg.Connection, candidate_id: UUID) -> Papers:
    """The candidate's certificates as PDF, each with its name in the archive."""
    rows = await tx.fetch(
        """select k.year, k.number, d.pdf from certificates.documents d
           join certificates.register k on k.id = d.certificate_id where k.candidate_id = $1 order by k.issued_at""",
        candidate_id,
    )
    return [(f"certificates/{numbers.serial(row['year'], row['number'])}.pdf", row["pdf"]) for row in rows]


async def write(records: Records, papers: Papers, *, language: str, now: datetime) -> bytes:
    """The ZIP: the same bytes for the same records at the same moment. In a thread, because it may be long."""
    page = _page(environment(language), records, words(language), now, [name for name, _ in papers])
    data = msgspec.json.format(msgspec.json.encode({"made_at": now, "records": records}), indent=2)
    files = [("index.html", page.encode()), ("data.json", data), *papers]
    return await asyncio.to_thread(_zip, files, now)


def _zip(files: Papers, now: datetime) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files:
            entry = zipfile.ZipInfo(name, now.timetuple()[:6])
            entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, 0o600 << 16
            archive.writestr(entry, content)
    return packed.getvalue()


def _page(engine: Environment, records: Records, w: Words, now: datetime, names: list[str]) -> str:
    """Every table under its title, every row as a list of facts. What people cannot read (ids, digests) is in data.json."""
    sections = [(w.gettext(TABLES[table]), [_facts(row, w) for row in rows]) for table, rows in records.items() if rows]
    return engine.get_template("privacy/export.html").render(sections=sections, made_at=now, names=names)


def _facts(row: Row, w: Words) -> list[tuple[str, str]]:
    return [
        (w.gettext(COLUMNS[column]), _said(value, w))
        for column, value in row.items()
        if column in COLUMNS and value not in (None, "", [])
    ]


def _said(value: Any, w: Words) -> str:
    if isinstance(value, datetime):
        return w.moment(value)
    if isinstance(value, date):
        return w.day(value)
    if isinstance(value, list):
        return ", ".join(_said(one, w) for one in value)
    if isinstance(value, dict):
        return w.label(value)
    return w.gettext(VALUES[value]) if value in VALUES else str(value)
