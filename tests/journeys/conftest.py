"""Where the pages of a hall are reached by a browser."""

from collections.abc import AsyncIterator

import pytest

from tests.builders.browser import free_port, over_http
from tests.builders.hall import Hall


@pytest.fixture
async def address(hall: Hall) -> AsyncIterator[str]:
    async with over_http(hall.street.app, free_port()) as address:
        yield address
