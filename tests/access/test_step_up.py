"""What weighs heavily asks for a fresh sign-in; no address that does it can forget to, under whichever line it stands."""

import ast
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest

from service import access, logins
from service.access import Rule
from tests.access.conftest import NOW, Ground
from tests.access.knocking import BODIES, Address, addresses, parameters

HOUSE = Path(__file__).parents[2]
# Issue by issue: telling somebody a result, a certificate's standing, personal data on the way out, who may do what.
WEIGHTY = {
    "decisions.release",
    "profiles.release",
    "register.suspend",
    "register.reinstate",
    "register.withdraw",
    "CANDIDATE.asks_copy",
    "CANDIDATE.fetches",
    "ASSESSOR.asks_copy",
    "ASSESSOR.fetches",
    "rectifications.ask_address",
    "rectifications.ask_address_for",
    "rectifications.approve",
    "staff.create",
    "staff.change_role",
    "staff.disable",
}
BEHIND = {"exports.ask", "exports.archive"}  # what own_data.Person does; a handler that calls one by itself is found


def handlers() -> Iterator[tuple[str, set[str], list[Rule]]]:
    """Every function of the pages and of the interface under a guard: what it calls that weighs, and its lines."""
    for folder in ("service/web", "service/api"):
        for path in sorted((HOUSE / folder).glob("*.py")):
            module = ast.parse(path.read_text())
            for node in module.body:
                if isinstance(node, ast.AsyncFunctionDef) and (lines := _lines(node, module)):
                    yield f"{folder}/{path.stem}.{node.name}", weighty_calls(node), lines


def _lines(node: ast.AsyncFunctionDef, module: ast.Module) -> list[Rule]:
    """The lines of the table that its guards name; guards that a module names once (`MANAGE`) are looked up."""
    named = {
        target.id: ast.unparse(one.value)
        for one in module.body
        if isinstance(one, ast.AnnAssign | ast.Assign) and one.value is not None
        for target in (one.targets if isinstance(one, ast.Assign) else [one.target])
        if isinstance(target, ast.Name)
    }
    said = " ".join(ast.unparse(decorator) for decorator in node.decorator_list)
    said += " ".join(value for name, value in named.items() if f"guards={name}" in said)
    return [rule for (resource, action), rule in access.RULES.items() if f"may('{resource}', '{action}')" in said]


def weighty_calls(node: ast.AST) -> set[str]:
    return {ast.unparse(one.func) for one in ast.walk(node) if isinstance(one, ast.Call)} & (WEIGHTY | BEHIND)


def test_every_handler_that_does_what_weighs_stands_under_a_weighty_line() -> None:
    """A profile's release once stood under its line without the guard beside it."""
    found = [*handlers()]
    light = [name for name, calls, lines in found if calls and not any(line.is_weighty for line in lines)]
    assert light == []
    called = set[str]().union(*(calls for _, calls, _ in found))
    assert called == WEIGHTY, "one of these is called in another way now, or no longer"


@pytest.mark.parametrize("name", ["candidate", "manager", "administrator"])
async def test_every_address_under_a_weighty_line_asks_anew_after_ten_minutes(ground: Ground, name: str) -> None:
    actor, world = ground.actors[name], ground.worlds["own"]
    heavy = [
        one for one in addresses(ground.app) if one.rule and one.rule.is_weighty and one.rule.admits(actor.account)
    ]
    assert len(heavy) >= 2
    settled = ground.app.state.running
    ground.app.state.running = msgspec.structs.replace(settled, clock=lambda: NOW + logins.FRESH + timedelta(seconds=1))
    ground.client.cookies.clear()
    try:
        for address in heavy:
            body = BODIES[address.name](world, actor, actor) if address.name in BODIES else None
            answer = await ground.client.request(
                address.method,
                address.path.format(**parameters(address, world, actor, actor)),
                headers={"Cookie": f"preuve={actor.secret}", "If-Match": "*"},
                **_sent(address, body),
            )
            assert (answer.status_code, answer.json()["type"]) == (403, "/problems/step-up-needed"), address.name
            assert not ground.forget(), address.name
    finally:
        ground.app.state.running = settled


def _sent(address: Address, body: dict[str, Any] | None) -> dict[str, Any]:
    return {} if body is None else {"json" if address.is_api else "data": body}
