"""Priority groups: who goes before the others on every waiting list. The order is configuration, kept where the view of
the list can read it."""

from collections.abc import Sequence

import asyncpg


async def put(tx: asyncpg.Connection, names: Sequence[str]) -> bool:
    """Make these the groups, in this order; say whether that changed anything."""
    before = await tx.fetch("select name from scheduling.priority_groups order by position")
    if [row["name"] for row in before] == list(names):
        return False
    await tx.execute("delete from scheduling.priority_groups")
    await tx.execute(
        """insert into scheduling.priority_groups (name, position)
           select name, position from unnest($1::text[]) with ordinality as g(name, position)""",
        list(names),
    )
    return True
