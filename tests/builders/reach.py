"""Whose rows are whose, told by the catalogue's foreign keys and not by the policies that are under test."""

from collections import deque
from typing import Any
from uuid import UUID

import asyncpg
from msgspec import Struct

from service.db import APPLICATION, SERVER_SETTINGS, Actor, speak_json

Tx = asyncpg.Connection
SCHEMAS = ["service", "scheduling", "assessments", "certificates"]
# Ways that lead from a row to somebody else: an assessor of one centre examines in another, a unit belongs to all.
ELSEWHERE = {"assessments.assessors", "assessments.units", "assessments.standards", "assessments.trades"}

# What everybody with an actor may read, the stranger too, and why.
PUBLIC = {
    "scheduling.centres": "where a centre is and how to reach it",
    "scheduling.sites": "where to go",
    "scheduling.rooms": "where to go, and whether a wheelchair gets there",
    "scheduling.opening_hours": "when it is open",
    "scheduling.surroundings": "a number drawn by chance, another one after each change of what everybody reads",
    "scheduling.units_written": "the catalogue, as a list of places shows it to everybody",
    "scheduling.rooms_written": "where to go, as a list of places shows it to everybody",
    "scheduling.fair_use": "the rule is the same for all",
    "scheduling.priority_groups": "the order of a waiting list is the same for all",
    "scheduling.travel_times": "how far it is from one site to another",
    "scheduling.openings": "that places are drawn, and all that it takes to check it",
    "assessments.schemes": "the rules, which are the same for all",
    "assessments.trades": "the catalogue",
    "assessments.units": "the catalogue",
    "assessments.standards": "the catalogue, once published",
    "assessments.pictures": "what the grids of the catalogue show",
    "assessments.rome_labels": "what the catalogue is searched by",
    "assessments.everyday_words": "what the catalogue is searched by",
    "assessments.search_texts": "what the catalogue is searched by",
    "assessments.accreditations": "who may certify what is published",
}


class Table(Struct, frozen=True):
    name: str
    columns: tuple[str, ...]  # generated ones left out
    ways: tuple[tuple[str, str], ...]  # a column, and the table whose id it holds


async def tables(owner: Tx) -> dict[str, Table]:
    """Every table of ours, by its name."""
    rows = await owner.fetch(
        """select c.oid::regclass::text as name,
                  (select array_agg(a.attname::text order by a.attnum) from pg_attribute a
                   where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = '') as columns,
                  array(select a.attname || ' ' || k.confrelid::regclass::text
                        from pg_constraint k, unnest(k.conkey, k.confkey) as pair (here, there)
                        join pg_attribute a on a.attnum = pair.here join pg_attribute t on t.attnum = pair.there
                        where k.conrelid = c.oid and k.contype = 'f' and a.attrelid = c.oid and t.attrelid = k.confrelid
                          and t.attname in ('id', 'certificate_id') order by 1) as ways
           from pg_class c where c.relkind in ('r', 'p') and c.relnamespace::regnamespace::text = any ($1)""",
        SCHEMAS,
    )
    return {
        row["name"]: Table(row["name"], tuple(row["columns"]), tuple(tuple(way.split(" ")) for way in row["ways"]))
        for row in rows
    }


def path(every: dict[str, Table], start: str, wanted: str, at: str) -> str | None:
    """SQL for whose a row `x` of `start` is: its `wanted` column, or that of the nearest row it leads to; at table `at`
    it is the id."""
    queue = deque([(start, "x", "{}")])
    seen = {start}
    while queue:
        name, alias, inside = queue.popleft()
        table = every[name]
        if name == at:
            return inside.format(f"{alias}.id")
        if wanted in table.columns:
            return inside.format(f"{alias}.{wanted}")
        for column, parent in table.ways:
            if parent not in seen and parent not in ELSEWHERE - {at}:
                seen.add(parent)
                further = f"x{len(seen)}"
                step = f"(select {{}} from {parent} {further} where {further}.id = {alias}.{column})"
                queue.append((parent, further, inside.format(step)))
    return None


async def connected(url: str) -> Tx:
    """As the application is: in the role that owns nothing."""
    connection = await asyncpg.connect(url, server_settings=SERVER_SETTINGS | {"role": APPLICATION})
    await speak_json(connection)
    return connection


async def act(tx: Tx, actor: Actor, **more: Any) -> None:
    """What Database.transaction() says at its beginning."""
    said = {"role": actor.role, "actor": actor.account, "centre": actor.centre}
    said |= {"candidate": actor.candidate, "assessor": actor.assessor, **more}
    for name, value in said.items():
        await tx.execute("select set_config('preuve.' || $1, $2, true)", name, str(value or ""))


async def rows_of(owner: Tx, table: str, expression: str, whose: UUID) -> set[str]:
    return {
        row["at"]
        for row in await owner.fetch(f"select x.ctid::text as at from {table} x where {expression} = $1", whose)
    }


async def rows_seen(tx: Tx, table: str) -> set[str]:
    return {row["at"] for row in await tx.fetch(f"select x.ctid::text as at from {table} x")}
