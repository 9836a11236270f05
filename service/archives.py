"""An export as a file: data.json for programs, index.html for people in their language, and the certificates."""

import asyncio
import io
import zipfile
from datetime import date, datetime
from typing import Any
from uuid import UUID

import asyncpg
import msgspec
from msgspec import Struct

from certificates import numbers
from service import assessor_words, personal_codes, personal_words
from service.i18n import Words, words
from service.personal_readers import Row
from service.web.look import environment

Records = dict[str, list[Row]]
Papers = list[tuple[str, bytes]]
Sections = list[tuple[str, list[list[tuple[str, str]]]]]


class Form(Struct, frozen=True):
    """How a copy speaks to whom it is about: the names of its tables, columns and codes, and its page."""

    titles: dict[str, str]
    columns: dict[str, str]
    values: dict[str, str]
    page: str


CANDIDATE = Form(personal_words.TABLES, personal_words.COLUMNS, personal_codes.VALUES, "privacy/export.html")
ASSESSOR = Form(assessor_words.TABLES, assessor_words.COLUMNS, assessor_words.VALUES, "record/export.html")


async def papers(tx: asyncpg.Connection, candidate_id: UUID) -> Papers:
    """The candidate's certificates as PDF, each with its name in the archive."""
    rows = await tx.fetch(
        """select k.year, k.number, d.pdf from certificates.documents d
           join certificates.register k on k.id = d.certificate_id where k.candidate_id = $1 order by k.issued_at""",
        candidate_id,
    )
    return [(f"certificates/{numbers.serial(row['year'], row['number'])}.pdf", row["pdf"]) for row in rows]


async def write(records: Records, papers: Papers, *, form: Form, language: str, now: datetime) -> bytes:
    """The ZIP: the same bytes for the same records at the same moment. In a thread, because it may be long.

    What people cannot read (ids, digests) is in data.json only.
    """
    w = words(language)
    sections = [
        (w.gettext(form.titles[table]), [_facts(row, form, w) for row in rows])
        for table, rows in records.items()
        if rows
    ]
    template = environment(language).get_template(form.page)
    page = template.render(sections=sections, made_at=now, names=[name for name, _ in papers])
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


def _facts(row: Row, form: Form, w: Words) -> list[tuple[str, str]]:
    return [
        (w.gettext(form.columns[column]), _fact(column, value, form, w))
        for column, value in row.items()
        if column in form.columns and value not in (None, "", [])
    ]


def _fact(column: str, value: Any, form: Form, w: Words) -> str:
    if column == "weekday":
        return w.weekdays()[int(value) - 1]
    return w.birth_date(value) if column == "birth_date" else _said(value, form, w)


def _said(value: Any, form: Form, w: Words) -> str:
    if isinstance(value, bool):
        return w.gettext("yes") if value else w.gettext("no")
    if isinstance(value, datetime):
        return w.moment(value)
    if isinstance(value, date):
        return w.day(value)
    if isinstance(value, dict):
        return w.label(value)
    if isinstance(value, list):
        return ", ".join(_said(one, form, w) for one in value)
    return w.gettext(form.values[value]) if value in form.values else str(value)
