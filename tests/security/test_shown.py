"""The table of what is shown by which test names tests that there are."""

import ast
import tomllib
from pathlib import Path

import pytest

HOUSE = Path(__file__).parents[2]
SHOWN = tomllib.loads(Path(__file__).with_name("shown.toml").read_text())


@pytest.mark.parametrize("table", ["http", "promises", "abuse"])
def test_what_shows_it_is_there(table: str) -> None:
    absent = [f"{said}: {place}" for said, places in SHOWN[table].items() for place in places if not _is_there(place)]
    assert absent == []
    assert len(SHOWN[table]) > 10
    assert all(SHOWN[table].values())


def test_every_abuse_that_was_planned_against_is_shown_or_said_not_to_be() -> None:
    planned = {f"A{number}" for number in range(1, 17)} | {f"I{number}" for number in range(1, 5)} | {"F10"}
    said = {one.split(maxsplit=1)[0].rstrip(",") for one in [*SHOWN["abuse"], *SHOWN["not_shown"]]}
    assert planned <= said


def _is_there(place: str) -> bool:
    path, _, name = place.partition("::")
    module = ast.parse((HOUSE / path).read_text())
    return name in {one.name for one in module.body if isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef)}
