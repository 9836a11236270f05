"""Erasure of an assessor as pseudonymisation: every module forgets its part, in one transaction.

What they judged stays under their id (invariants 4 to 6, 12 and 14 of domain.md), and so do the hashes of their grids and
the audit trail's proof: neither was made of a name.
"""

from datetime import datetime
from uuid import UUID

import asyncpg

from assessments import assessors, documents, undertakings
from scheduling import (
    assessor_limits,
    availability,
    availability_exceptions,
    busy_calendars,
    busy_times,
    feeds,
    jury_seats,
)
from service import (
    accounts,
    audit,
    bundles,
    erasures,
    exports,
    external_references,
    import_lines,
    mails,
)


async def carry_out(tx: asyncpg.Connection, assessor_id: UUID, *, by: UUID | None, now: datetime) -> None:
    """Erase an assessor. Twice is once. Refuses NotFound, AssessorAwaited."""
    addresses = await _addresses(tx, assessor_id)
    await assessors.erase(tx, assessor_id, by=by, now=now)
    said = await availability_exceptions.erase(tx, assessor_id)
    for wipe in (
        availability.erase,
        busy_times.erase,
        busy_calendars.drop,
        assessor_limits.erase,
        jury_seats.wipe,
        undertakings.wipe,
        documents.wipe,
    ):
        await wipe(tx, assessor_id)
    await feeds.end_all(tx, "assessor", assessor_id, now=now)
    await erasures.close(tx, await accounts.erase_assessor(tx, assessor_id, now=now))
    await mails.erase(tx, addresses)
    await exports.erase(tx, exports.Whose(assessor_id=assessor_id))
    await bundles.erase_assessor(tx, assessor_id)
    await import_lines.erase_assessor(tx, assessor_id, addresses)
    await external_references.erase(tx, "assessors", assessor_id)
    rows = {"assessments.assessors": [assessor_id], "scheduling.assessor_limits": [assessor_id]}
    await audit.erase_rows(tx, rows | {"scheduling.availability_exceptions": said})  # last: it is in the trail too


async def _addresses(tx: asyncpg.Connection, assessor_id: UUID) -> list[str]:
    rows = await tx.fetch(
        """select email from assessments.assessors where id = $1
           union select email from service.accounts where assessor_id = $1 and role = 'assessor'""",
        assessor_id,
    )
    return [row["email"] for row in rows]
