"""The jury of a session as a list names it: by mail addresses. What a list leaves empty it leaves alone."""

from collections.abc import Awaitable, Callable, Sequence
from typing import get_args
from uuid import UUID

import asyncpg
from msgspec import Struct

from scheduling import attempts, jury_seats
from service.import_lines import Finding
from service.importing import fields
from service.importing.lines import Scope, Values
from service.problems import slug_of

ROLES: dict[str, jury_seats.Role] = {"evaluators": "evaluator", "observers": "observer", "manager": "manager"}
assert set(ROLES.values()) == set(get_args(jury_seats.Role))
Seated = dict[tuple[UUID, str], dict[str, UUID]]  # the seats by mail address, of a session and a role


class Register(Struct, frozen=True):
    """Who can be seated, by mail address, and who is seated already."""

    people: dict[str, UUID]
    seated: Seated


class Act(Struct, frozen=True):
    """Something that a line asks for; `column` and `value` are where it asks, if it is refused."""

    act: Callable[[], Awaitable[object]]
    column: str
    value: str


def unknown(values: Values, register: Register) -> list[Finding]:
    """Addresses of nobody in the register: their seats stay to be given."""
    return [
        Finding(column, mail, "unknown_assessor", blocking=False)
        for column in ROLES
        for mail in values.get(column, ())
        if mail not in register.people
    ]


def changes(values: Values, session_id: UUID, register: Register) -> dict[str, tuple[str, str]]:
    """Whose seats would be given or freed, among those who are in the register."""
    found = {}
    for column, role in ROLES.items():
        if column not in values:
            continue
        has = register.seated.get((session_id, role), {}).keys()
        wanted = {mail for mail in values[column] if mail in register.people}
        if has != wanted:
            found[column] = (fields.shown(sorted(has)), fields.shown(sorted(wanted)))
    return found


async def seating(tx: asyncpg.Connection, session_id: UUID, values: Values, scope: Scope) -> list[Act]:
    """Free the seats of those who are not named any more; return what gives theirs to the others."""
    register = Register(await people(tx, [values]), await seated(tx, [session_id]))
    acts = []
    for column, role in ROLES.items():
        if column not in values:
            continue
        has = register.seated.get((session_id, role), {})
        wanted = {mail for mail in values[column] if mail in register.people}
        for mail in sorted(has.keys() - wanted):
            await jury_seats.release(tx, has[mail], by=scope.by, now=scope.now)
        acts += [
            Act(_giving(tx, session_id, register.people[mail], role, scope), column, mail)
            for mail in sorted(wanted - has.keys())
        ]
    return acts


def _giving(
    tx: asyncpg.Connection, session_id: UUID, assessor_id: UUID, role: jury_seats.Role, scope: Scope
) -> Callable[[], Awaitable[object]]:
    async def act() -> None:
        await jury_seats.give(tx, session_id, assessor_id, role, by=scope.by, now=scope.now)

    return act


async def said(tx: asyncpg.Connection, acts: Sequence[Act]) -> list[Finding]:
    """Act; what refuses is said, and keeps nothing else out. Mostly nothing does: so all of it first, then one by one."""

    async def all_of_it() -> None:
        for each in acts:
            await each.act()

    if len(acts) > 1 and await attempts.refusal_of(tx, all_of_it) is None:
        return []
    refusals = [(each, await attempts.refusal_of(tx, each.act)) for each in acts]
    return [
        Finding(each.column, each.value, slug_of(rule), blocking=False) for each, rule in refusals if rule is not None
    ]


async def seated(tx: asyncpg.Connection, sessions: Sequence[UUID]) -> Seated:
    """The jury of sessions."""
    rows = await tx.fetch(
        """select j.session_id, j.role, lower(a.email) as email, j.id
           from scheduling.jury_seats j join assessments.assessors a on a.id = j.assessor_id
           where j.session_id = any ($1::uuid[]) and j.released_at is null""",
        sessions,
    )
    found: Seated = {}
    for row in rows:
        found.setdefault((row["session_id"], row["role"]), {})[row["email"]] = row["id"]
    return found


async def people(tx: asyncpg.Connection, values: Sequence[Values]) -> dict[str, UUID]:
    """Whom lines name, as far as they are in the register."""
    rows = await tx.fetch(
        """select lower(email) as email, id from assessments.assessors
           where lower(email) = any ($1::text[]) and retired_at is null""",
        list({mail for line in values for column in ROLES for mail in line.get(column, ())}),
    )
    return {row["email"]: row["id"] for row in rows}
