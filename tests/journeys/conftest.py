"""Where the pages of a hall are reached by a browser; and a workshop on the day of the test, with tablets for its jury."""

from collections.abc import AsyncIterator, Callable
from datetime import datetime
from pathlib import Path

import pytest

from tests.builders.browser import free_port, over_http
from tests.builders.hall import Hall
from tests.builders.shelf import Shelf, a_shelf
from tests.builders.workshop import Workshop, a_workshop


@pytest.fixture
async def address(hall: Hall) -> AsyncIterator[str]:
    async with over_http(hall.street.app, free_port()) as address:
        yield address


@pytest.fixture
def people() -> int:
    """How many candidates come; a story with fewer says so."""
    return 8


@pytest.fixture
async def workshop(
    database_url: str, valkey_url: str, tmp_path: Path, clock: Callable[[], datetime], now: datetime, people: int
) -> AsyncIterator[Workshop]:
    async with a_workshop(database_url, valkey_url, tmp_path, clock, now, people=people) as workshop:
        yield workshop


@pytest.fixture
async def shelf(workshop: Workshop, tmp_path: Path) -> AsyncIterator[Shelf]:
    async with a_shelf(workshop, tmp_path) as shelf:
        yield shelf
