"""A copy of my data lacks no column: each one of a table about candidates is read, or is left out for a reason."""

import inspect
import re
from typing import Any
from uuid import uuid4

import asyncpg

from service import personal_data, personal_words

NAMED_IN_FULL = {"scheduling.bookings.booked_at", "service.rectifications.approved_at"}  # a test of the test
# What no row shows, whatever its table: our own ids, who else is in it, secrets and their hashes.
OURS = re.compile(r"(.*_)?id$|.*_by$|.*_hash$|hash$|salt$|sealed$|lookup$|digest$")
LEFT_OUT = {
    "assessments.candidates": {"erased_at": "nobody is left to read it"},
    "service.erasures": {"carried_out_at": "nobody is left to read it"},
    "scheduling.bookings": {
        "test_time": "what `during` is made of", "sequence": "of the calendar entry", "changed_at": "of the calendar entry",
    },
    "scheduling.companions": {"during": "the time of the booking"},
    "assessments.entries": {
        "sequence": "the device's numbering", "follows": "the device's numbering", "received_at": "when a network was there",
        "set_aside": "why it does not count for the jury",
    },
    "assessments.decisions": {
        "revises": "our own id", "substitution": "who else", "recognition_id": "our own id",
    },
    "assessments.recognitions": {"revises": "our own id"},
    "assessments.appeals": {"late_at": "of our reminders to ourselves", "late_for": "of our reminders to ourselves"},
    "assessments.complaints": {
        "late_at": "of our reminders to ourselves", "late_for": "of our reminders to ourselves",
    },
    "assessments.mediations": {"sequence": "of the calendar entry", "changed_at": "of the calendar entry"},
    "certificates.documents": {"pdf": "a file of its own in the archive"},
    "service.passkeys": {"public_key": "the device has it", "sign_count": "of the check against copies"},
    "service.ceremonies": {"onward": "the page that comes after"},
    "service.idempotency": {
        "key": "the program's own", "request": "what was asked stands where it was written",
        "body": "what was answered stands where it was written",
    },
    "scheduling.alerts": {
        name: "made of the search that is shown"
        for name in ("units", "language", "since", "until", "weekdays", "half", "accessible", "postcodes")
    },
    "service.mails": {
        "body": "emptied once it is sent; until then it may hold a secret", "calendar": "emptied once it is sent",
        "attempts": "of the sending", "retry_at": "of the sending", "failure": "of the sending",
    },
    "service.texts": {
        "body": "emptied once it is sent", "segments": "what the network charges", "attempts": "of the sending",
        "retry_at": "of the sending", "failure": "of the sending",
    },
    "service.exports": {"progress": "of the making", "archive": "the copy itself"},
    "service.import_lines": {
        "batch": "of the checking", "together": "of the checking", "changes": "what the cells made of the other tables",
        "findings": "what the centre has to mend; may name others",
    },
    "service.audit": {
        "transaction": "of the sealing", "commitment": "of the sealing", "actor": "who else",
        "subject": "which table; the action says it", "changes": "the values before; a result before it is told is one",
    },
}  # fmt: skip


async def columns(tx: asyncpg.Connection, table: str) -> set[str]:
    rows = await tx.fetch(
        "select attname from pg_attribute where attrelid = $1::regclass and attnum > 0 and not attisdropped", table
    )
    return {row["attname"] for row in rows}


async def test_every_column_about_me_is_read_or_left_out_for_a_reason(tx: asyncpg.Connection) -> None:
    missing, kept = [], set()
    for table, reader in personal_data.READERS.items():
        source, left_out = inspect.getsource(reader), LEFT_OUT.get(table, {})
        there = await columns(tx, table)
        assert set(left_out) <= there, f"{table}: what is left out is there"
        for column in sorted(there):
            is_read = re.search(rf"\b{column}\b", source) is not None
            kept |= {f"{table}.{column}"} if is_read else set()
            assert not (is_read and column in left_out), f"{table}.{column} is read, and said to be left out"
            if not (is_read or OURS.match(column) or column in left_out):
                missing.append(f"{table}.{column}")
    assert missing == [], "add it to its reader (service/personal_data.py), or say here why it is left out"
    assert kept >= NAMED_IN_FULL


class Asked:
    """Instead of rows, which columns a statement would give."""

    def __init__(self, tx: asyncpg.Connection) -> None:
        self._tx = tx

    async def fetch(self, statement: str, *_: object) -> list[dict[str, str]]:
        prepared = await self._tx.prepare(statement)
        return [{column.name: column.type.name for column in prepared.get_attributes()}]


# What people cannot read, or would not: it stands in data.json.
FOR_PROGRAMS = {
    "booking", "ask", "consent", "digest", "sha256", "image", "said", "scores", "profile", "refusal", "amount_cents", "year",
    "standard_version", "rendered_at", "seen", "cells",
}  # fmt: skip


async def test_whatever_is_read_has_a_name_that_people_know(tx: asyncpg.Connection) -> None:
    read: dict[str, str] = {}
    for table, reader in personal_data.READERS.items():
        asking: Any = Asked(tx)
        (row,) = await reader(asking, uuid4())
        read |= {column: table for column in row}
    assert {column: read[column] for column in sorted(set(read) - set(personal_words.COLUMNS) - FOR_PROGRAMS)} == {}
    assert set(read) >= FOR_PROGRAMS
