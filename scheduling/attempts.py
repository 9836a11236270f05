"""Trying an act on the real rows: the only judge of what is possible is the rule that will judge the act itself."""

from collections.abc import Awaitable, Callable

import asyncpg

from scheduling import equipment_refusals, refusals
from scheduling.refusals import Refusal

BY_CONSTRAINT = {**refusals.BY_CONSTRAINT, **equipment_refusals.BY_CONSTRAINT}


async def refusal_of(
    tx: asyncpg.Connection, act: Callable[[], Awaitable[object]], *, keep: bool = True
) -> type[Refusal] | None:
    """Act within a savepoint, constraints that wait for the commit included; None when nothing refuses.

    What was done stays with `keep`, and is undone without it; after a refusal it is always undone.
    """
    savepoint = tx.transaction()
    await savepoint.start()
    try:
        await act()
        await tx.execute("set constraints all immediate")
        await tx.execute("set constraints all deferred")
    except (Refusal, asyncpg.IntegrityConstraintViolationError) as error:
        await savepoint.rollback()
        return named(error)
    except BaseException:
        await savepoint.rollback()
        raise
    await (savepoint.commit() if keep else savepoint.rollback())
    return None


def named(error: Refusal | asyncpg.IntegrityConstraintViolationError) -> type[Refusal]:
    """The refusal that an exception means; a broken constraint that no person can meet is raised again."""
    if isinstance(error, Refusal):
        return type(error)
    refusal = BY_CONSTRAINT.get(error.constraint_name or "")
    if refusal is None:
        raise error
    return refusal
