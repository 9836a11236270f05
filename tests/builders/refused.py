"""Expecting a refusal, whether a verb raised it or a constraint did, now or at commit."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
import pytest

from service.db import BY_CONSTRAINT

Tx = asyncpg.Connection


@asynccontextmanager
async def refused(tx: Tx, refusal: type[Exception]) -> AsyncIterator[None]:
    """The block, and the constraints that wait for the commit, end in this refusal; the transaction goes on."""
    with pytest.raises((refusal, asyncpg.IntegrityConstraintViolationError)) as caught:
        async with tx.transaction():
            yield
            await tx.execute("set constraints all immediate")
    if isinstance(caught.value, asyncpg.IntegrityConstraintViolationError):
        assert BY_CONSTRAINT.get(caught.value.constraint_name or "") is refusal


async def tried(tx: Tx, act: Callable[[], Awaitable[Any]], refusal: type[Exception]) -> Any:
    """The verb in a savepoint, with the constraints that wait for the commit; its answer, or the class of its refusal."""
    try:
        async with tx.transaction():
            await tx.execute("set constraints all deferred")  # the savepoint before left them otherwise
            answer = await act()
            await tx.execute("set constraints all immediate")
            return answer
    except refusal as refused:
        return type(refused)
    except asyncpg.IntegrityConstraintViolationError as error:
        return BY_CONSTRAINT[error.constraint_name or ""]
