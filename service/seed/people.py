"""Assessors with their qualifications and offered hours, and the accounts of the demonstration."""

from datetime import date, datetime, time
from uuid import UUID

import asyncpg
from msgspec import Struct

from assessments import assessors, qualifications, trades
from scheduling import availability
from service import accounts
from service.seed.replay import data

QUALIFIED_SINCE = date(2022, 1, 3)
WEEKDAYS = (1, 2, 3, 4, 5)
OPENS, CLOSES = time(7), time(19)
JURIES = ("evaluator", "observer", "evaluator.construcity", "colleague.construcity", "observer.construcity")
CENTRE_ROLES: tuple[accounts.Role, ...] = ("planner", "reception", "auditor")


class Assessor(Struct, frozen=True, forbid_unknown_fields=True):
    """`key`: the part before the @ of those who have an account in the demonstration."""

    name: tuple[str, str]
    languages: list[str]
    key: str = ""
    centre: str = ""
    employer: str | None = None
    evaluates: tuple[str, ...] = ()
    observes: tuple[str, ...] = ()
    until: date | None = None
    days: tuple[int, ...] = WEEKDAYS


class Assessors(Struct, frozen=True, forbid_unknown_fields=True):
    assessors: tuple[Assessor, ...]


async def put(tx: asyncpg.Connection, centre_ids: dict[str, UUID], *, now: datetime) -> dict[str, UUID]:
    """Record everyone; return the ids of those with a key."""
    known = {trade.code: trade.id for trade in await trades.every(tx)}
    keyed = {}
    for number, one in enumerate(data("assessors.toml", Assessors).assessors, 1):
        assessor_id = await assessors.register(
            tx,
            given_name=one.name[0],
            family_name=one.name[1],
            email=f"{one.key or f'assessor{number}'}@example.org",
            employer=one.employer,
            centre_id=centre_ids.get(one.centre),
            languages=one.languages,
            now=now,
        )
        for trade in one.evaluates:
            await _qualify(tx, assessor_id, known[trade], "evaluator", one.until)
        for trade in one.observes:
            await _qualify(tx, assessor_id, known[trade], "observer", one.until)
        for weekday in one.days:
            await availability.offer(
                tx, assessor_id=assessor_id, weekday=weekday, opens=OPENS, closes=CLOSES, since=QUALIFIED_SINCE
            )
        if one.key:
            keyed[one.key] = assessor_id
    return keyed


async def _qualify(
    tx: asyncpg.Connection, assessor: UUID, trade: UUID, role: assessors.Role, until: date | None
) -> None:
    await qualifications.qualify(
        tx,
        assessor,
        trade,
        "evaluator" if role == "evaluator" else "observer",
        first_day=QUALIFIED_SINCE,
        last_day=until,
    )


async def open_accounts(
    tx: asyncpg.Connection, centre_ids: dict[str, UUID], keyed: dict[str, UUID], *, now: datetime
) -> dict[str, UUID]:
    """Accounts for the administrator, an auditor of all centres, two juries, and each centre's manager,
    planner, reception and auditor; return the managers' by centre."""
    await accounts.register(tx, email="administrator@example.org", role="administrator", language="fr", now=now)
    await accounts.register(tx, email="auditor@example.org", role="auditor", language="fr", now=now)
    for code, centre_id in centre_ids.items():
        for role in CENTRE_ROLES:
            address = f"{role}.{code}@example.org"
            await accounts.register(tx, email=address, role=role, language="fr", centre_id=centre_id, now=now)
    for key in JURIES:
        await accounts.register(
            tx, email=f"{key}@example.org", role="assessor", language="fr", assessor_id=keyed[key], now=now
        )
    return {
        code: await accounts.register(
            tx,
            email=f"manager.{code}@example.org",
            role="manager",
            language="fr",
            centre_id=centre_id,
            assessor_id=keyed[f"manager.{code}"],
            now=now,
        )
        for code, centre_id in centre_ids.items()
    }
