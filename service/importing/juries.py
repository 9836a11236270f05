"""The jury of a session as a list names it: by mail addresses. What a list leaves empty it leaves alone."""

from collections.abc import Awaitable, Callable
from typing import get_args
from uuid import UUID

import asyncpg

from scheduling import attempts, jury_seats
from service.import_lines import Finding
from service.importing import fields
from service.importing.lines import Scope, Values
from service.problems import slug_of

ROLES: dict[str, jury_seats.Role] = {"evaluators": "evaluator", "observers": "observer", "manager": "manager"}
assert set(ROLES.values()) == set(get_args(jury_seats.Role))


async def unknown(tx: asyncpg.Connection, values: Values) -> list[Finding]:
    """Addresses of nobody in the register: their seats stay to be given."""
    given = {mail: column for column in ROLES for mail in values.get(column, ())}
    rows = await tx.fetch(
        "select lower(email) as email from assessments.assessors where lower(email) = any ($1::text[]) and retired_at is null",
        list(given),
    )
    known = {row["email"] for row in rows}
    return [
        Finding(column, mail, "unknown_assessor", blocking=False) for mail, column in given.items() if mail not in known
    ]


async def changes(tx: asyncpg.Connection, values: Values, session_id: UUID) -> dict[str, tuple[str, str]]:
    """Whose seats would be given or freed, among those who are in the register."""
    found = {}
    for column, role in ROLES.items():
        if column not in values:
            continue
        has, wanted = await _seated(tx, session_id, role), await _people(tx, values[column])
        if set(has) != set(wanted):
            found[column] = (fields.shown(sorted(has)), fields.shown(sorted(wanted)))
    return found


async def seat(tx: asyncpg.Connection, session_id: UUID, values: Values, scope: Scope) -> list[Finding]:
    """Free the seats of those who are not named any more, give theirs to the others; say who cannot be seated."""
    findings: list[Finding] = []
    for column, role in ROLES.items():
        if column not in values:
            continue
        has, wanted = await _seated(tx, session_id, role), await _people(tx, values[column])
        for mail in sorted(set(has) - set(wanted)):
            await jury_seats.release(tx, has[mail][0], by=scope.by, now=scope.now)
        for mail in sorted(set(wanted) - set(has)):
            findings += await said(tx, _giving(tx, session_id, wanted[mail], role, scope), column, mail)
    return findings


def _giving(
    tx: asyncpg.Connection, session_id: UUID, assessor_id: UUID, role: jury_seats.Role, scope: Scope
) -> Callable[[], Awaitable[object]]:
    async def act() -> None:
        await jury_seats.give(tx, session_id, assessor_id, role, by=scope.by, now=scope.now)

    return act


async def said(tx: asyncpg.Connection, act: Callable[[], Awaitable[object]], column: str, value: str) -> list[Finding]:
    """Act; what refuses is said, and keeps nothing else out."""
    rule = await attempts.refusal_of(tx, act)
    return [] if rule is None else [Finding(column, value, slug_of(rule), blocking=False)]


async def _seated(tx: asyncpg.Connection, session_id: UUID, role: str) -> dict[str, tuple[UUID, UUID]]:
    """Seat and person by mail address."""
    rows = await tx.fetch(
        """select lower(a.email) as email, j.id, a.id as assessor_id
           from scheduling.jury_seats j join assessments.assessors a on a.id = j.assessor_id
           where j.session_id = $1 and j.role = $2 and j.released_at is null""",
        session_id,
        role,
    )
    return {row["email"]: (row["id"], row["assessor_id"]) for row in rows}


async def _people(tx: asyncpg.Connection, mails: tuple[str, ...]) -> dict[str, UUID]:
    rows = await tx.fetch(
        """select lower(email) as email, id from assessments.assessors
           where lower(email) = any ($1::text[]) and retired_at is null""",
        list(mails),
    )
    return {row["email"]: row["id"] for row in rows}
