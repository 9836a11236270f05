"""The table and the router are about the same things; the description says what the table says."""

import re
from pathlib import Path
from typing import Any

import pytest
from litestar import Litestar

from service import access, auth
from service.settings import read
from service.web.look import NAVIGATION
from service.web.sign_in import HOME
from tests.access.conftest import Ground
from tests.access.knocking import Address, addresses
from tests.builders.web import an_app

HOUSE = Path(__file__).parents[2]
ROLES = access.COLUMNS[1:3] + access.COLUMNS[6:]


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Litestar:
    return an_app(read({"PREUVE_DATA": str(tmp_path_factory.mktemp("table"))}))


def test_every_address_names_a_line(app: Litestar) -> None:
    assert [address.name for address in addresses(app) if address.rule is None] == []


def test_every_line_has_an_address(app: Litestar) -> None:
    named = {(address.rule.resource, address.rule.action) for address in addresses(app) if address.rule}
    assert set(access.RULES) - named == set()


def test_an_address_is_guarded_by_one_line(app: Litestar) -> None:
    for route in app.routes:
        for handler in getattr(route, "route_handlers", []):
            assert len([guard for guard in handler.resolve_guards() if isinstance(guard, auth.May)]) <= 1


def test_every_resource_has_a_name_and_every_line_a_sentence() -> None:
    assert {resource for resource, _ in access.RULES} == set(access.RESOURCES)
    assert all(rule.says and rule.reach for rule in access.RULES.values())


def test_the_roles_of_accounts_have_a_home_a_navigation_and_a_column() -> None:
    assert set(HOME) == set(ROLES) == set(NAVIGATION) - {""}


def test_a_role_of_one_centre_never_reaches_into_all_of_them() -> None:
    """What is published or the same everywhere is an exception, and stands here."""
    everywhere = {("catalogue", "read"), ("standards", "read"), ("schemes", "read"), ("reports", "read")}
    everywhere |= {("lists", "template")}
    for key, rule in access.RULES.items():
        for column in ("manager", "planner", "reception"):
            assert rule.is_open or rule.of(column) != "any" or key in everywhere, key  # type: ignore[arg-type]
        assert rule.of("administrator") != "centre"


def test_no_exclusion_is_unanchored(app: Litestar) -> None:
    """Litestar's `exclude` is a regular expression that matches anywhere: `/verify` let /admin/candidates/7/verify through."""
    for path in (HOUSE / "service").rglob("*.py"):
        for patterns in re.findall(r"exclude(?:_path_pattern)?\s*=\s*[\[(]([^\])]*)", path.read_text()):
            assert all(one.startswith("^/") for one in re.findall(r'r?"([^"]*)"', patterns)), path
    assert [one for one in auth.Recognise.exclude_path_pattern if not re.fullmatch(r"\^/\w+/", one)] == []


def test_nothing_is_changed_under_a_line_that_reads(app: Litestar) -> None:
    """The matrix believes the line that a handler names; here is what it can see of a wrong one."""
    reads = {"read", "list", "search", "catalogue", "health", "certificates", "document", "proposal", "file", "manage"}
    reads |= {"sessions", "results", "trail", "rooms", "centres", "shared"}
    changing = [address for address in addresses(app) if address.method != "GET"]
    assert [address.name for address in changing if address.rule and address.rule.action in reads] == []


async def test_the_description_says_what_the_table_says(ground: Ground) -> None:
    described: dict[str, Any] = (await ground.client.get("/api/openapi.json")).json()
    api = [address for address in addresses(ground.app) if address.path.startswith(("/api/v1/", "/health/"))]
    assert {_operation(described, address)["x-roles"] == address.rule.reach for address in api if address.rule} == {
        True
    }
    for address in api:
        security = _operation(described, address).get("security", [{}])
        assert address.rule
        assert ({} in security) == address.rule.is_open, address.name
        assert all(set(one) <= set(described["components"]["securitySchemes"]) for one in security)
        assert address.rule.is_open or any(security), address.name


def _operation(described: dict[str, Any], address: Address) -> dict[str, Any]:
    operation: dict[str, Any] = described["paths"][address.path][address.method.lower()]
    return operation
