"""Expecting a refusal, whether a verb raised it or a constraint did, now or at commit."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

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
