"""The look at what we depend on that needs no network."""

from pathlib import Path

import pytest

from tests.security import dependencies

HOUSE = Path(__file__).parents[2]


def test_everything_is_asked_for_pinned_and_itself() -> None:
    found = [look(HOUSE) for look in (dependencies.unasked, dependencies.unpinned, dependencies.lookalikes)]
    assert found == [[], [], []]


def test_what_is_not_pinned_is_found(tmp_path: Path) -> None:
    for lock in dependencies.LOCKS:
        (tmp_path / lock).write_text("litestar==2.25.0\nmsgspec>=0.22 \\\n    --hash=sha256:00\n")
    assert len(dependencies.unpinned(tmp_path)) == 2 * len(dependencies.LOCKS) == 6


@pytest.mark.parametrize(("name", "known"), [("litestarr", "litestar"), ("msgpec", "msgspec"), ("async-pg", "asyncpg")])
def test_a_name_that_looks_like_another_is_found(name: str, known: str) -> None:
    assert dependencies.is_alike(name, known)
