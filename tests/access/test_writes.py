"""Every write of the router: no other site's page sends it with somebody's cookie (reliability.md, A7), and no member that
was not asked for gets in beside those that were (A10)."""

import types
from collections.abc import Iterator
from typing import Annotated, Any, Union, get_args, get_origin

import httpx
import msgspec
import pytest
from litestar import Litestar

from service.edge import SAFE
from service.fields import Form
from tests.access.conftest import ACTORS, Actor, Ground
from tests.access.knocking import BODIES, Address, addresses, parameters

ELSEWHERE = {
    "another site": {"Sec-Fetch-Site": "cross-site"},
    "a neighbour under the same domain": {"Sec-Fetch-Site": "same-site"},
    "an old browser": {"Origin": "https://evil.example.org"},
    "a page without an origin": {"Origin": "null"},
    "our name as another one's beginning": {"Origin": "http://localhost:8000.evil.example.org"},
}
# Names of columns that would be worth having; all others go along together.
SINGLY = ("id", "role", "candidate_id")


def writes(ground: Ground) -> list[Address]:
    found = [one for one in addresses(ground.app) if one.method not in SAFE and one.rule]
    assert len(found) > 150
    return found


def whoever_may(ground: Ground, address: Address) -> Actor:
    """Somebody whom the guard lets in, so that what refuses is not the guard."""
    assert address.rule
    for name in ("candidate", "manager", "administrator", "evaluator", *ACTORS):
        if address.rule.admits(ground.actors[name].account):
            return ground.actors[name]
    raise AssertionError(address.name)


@pytest.mark.parametrize("where", ELSEWHERE)
async def test_no_write_is_taken_from_another_sites_page(ground: Ground, where: str) -> None:
    taken = []
    for address in writes(ground):
        actor = whoever_may(ground, address)
        body = _body(ground, address, actor)
        for more in ({}, {"Content-Type": "text/plain"}, {"X-HTTP-Method-Override": "GET"}):
            answer = await knock(ground, address, actor, body, ELSEWHERE[where] | more)
            is_said = answer.status_code == 403 and answer.json()["type"].endswith("from-another-site")
            if not is_said or ground.forget():
                taken.append((address.name, more, answer.status_code))
    assert taken == []


async def test_no_reading_becomes_a_write_by_a_header_or_a_field(ground: Ground) -> None:
    """What a link or a picture on another site can send: GET, and whatever it says of itself."""
    manager = ground.actors["manager"]
    paths = {one.path for one in addresses(ground.app) if one.method == "GET"}
    for address in [one for one in writes(ground) if one.path not in paths][:40]:
        for said in ({"X-HTTP-Method-Override": address.method}, {"X-Method-Override": address.method}):
            path = address.path.format(**parameters(address, ground.worlds["own"], manager, manager))
            answer = await ground.client.get(
                path, headers={"Cookie": f"preuve={manager.secret}", **said}, params={"_method": address.method}
            )
            assert answer.status_code in (404, 405), address.name
    assert not ground.forget()


async def test_a_member_that_nobody_asked_for_is_refused_and_changes_nothing(ground: Ground) -> None:
    async with ground.database.read() as tx:
        rows = await tx.fetch(
            """select distinct column_name from information_schema.columns
               where table_schema in ('service', 'scheduling', 'assessments', 'certificates')"""
        )
    columns = {row["column_name"] for row in rows}
    assert len(columns) > 300
    passed, elsewhere = [], 0
    for address in writes(ground):
        if address.name not in BODIES:
            continue
        found = await whoever_succeeds(ground, address)
        actor = found or whoever_may(ground, address)
        # Where nobody's plain body is taken here (its own refusal comes first), it is at least not taken with more.
        refused = (400, 422) if found else range(400, 500)
        elsewhere += found is None
        body = _body(ground, address, actor) or {}
        for names in ({*columns}, *({one} for one in SINGLY)):
            extra = dict.fromkeys(names - body.keys() - fields_of(ground.app, address), "1")
            if not extra:
                continue
            answer = await knock(ground, address, actor, body | extra, {})
            if answer.status_code not in refused or ground.forget():
                passed.append((address.name, sorted(extra)[:3], answer.status_code))
    assert passed == []
    assert elsewhere < 15


async def whoever_succeeds(ground: Ground, address: Address) -> Actor | None:
    """Somebody for whom the body without more is taken: then it is what was added that is refused."""
    assert address.rule
    for name in ("candidate", "manager", "evaluator", "reviewer", "administrator", *ACTORS):
        actor = ground.actors[name]
        if address.rule.admits(actor.account):
            answer = await knock(ground, address, actor, _body(ground, address, actor), {})
            ground.forget()
            if answer.status_code < 400:
                return actor
    return None


async def test_a_form_that_its_page_names_the_fields_of_takes_no_others(ground: Ground) -> None:
    """Lines of a grid, languages, files: before anything else is looked at, and nothing of it is done."""
    forms = {path for path, kind in bodies(ground.app) if kind is Form}
    assert len(forms) == 12
    for address in [one for one in writes(ground) if one.path in forms]:
        actor = whoever_may(ground, address) if address.name not in BODIES else await whoever_succeeds(ground, address)
        assert actor, address.name
        body = _body(ground, address, actor) or {}
        name = "new.file" if address.path.endswith("/accreditations") else "file"
        file = {} if address.name in BODIES else {name: ("a.txt", b"x")}
        stranger = {"other": ("a.txt", b"x")} if file else {}
        for more, files in (({}, file), ({"nobody_asked": "1"}, file), ({"1.9": "met"}, file), ({}, stranger)):
            answer = await knock(ground, address, actor, body | more, {}, files)
            is_refused = answer.status_code == 422 and '"/problems/field-unasked"' in answer.text
            assert is_refused == bool(more or files != file), (address.name, more, answer.status_code)
            assert not ground.forget() or not is_refused


def test_every_body_and_everything_in_it_takes_no_members_but_its_own(ground: Ground) -> None:
    loose, seen = [], 0
    assert {kind for _, kind in bodies(ground.app) if not [*structs(kind)]} == {Form}
    for handler, data in bodies(ground.app):
        for one in structs(data):
            seen += 1
            if not one.__struct_config__.forbid_unknown_fields:
                loose.append(f"{handler}: {one.__name__}")
    assert loose == []
    assert seen > 100


def bodies(app: Litestar) -> Iterator[tuple[str, Any]]:
    for route in app.routes:
        for handler in getattr(route, "route_handlers", []):
            if "data" in handler.parsed_fn_signature.parameters:
                yield route.path_format, handler.parsed_fn_signature.parameters["data"].annotation


def fields_of(app: Litestar, address: Address) -> set[str]:
    """The members that its body has."""
    for route in app.routes:
        for handler in getattr(route, "route_handlers", []):
            if route.path_format == address.path and address.method in {str(one) for one in handler.http_methods}:
                parameter = handler.parsed_fn_signature.parameters.get("data")
                tops = [*structs(parameter.annotation)][:1] if parameter else []
                return {name for top in tops for name in top.__struct_fields__}
    return set()


def structs(kind: Any, seen: frozenset[Any] = frozenset()) -> Iterator[type[msgspec.Struct]]:
    """The Structs of a type, itself first, then those of its members."""
    if kind in seen:
        return
    if get_origin(kind) is Annotated:
        kind = get_args(kind)[0]
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        yield kind
        for field in msgspec.structs.fields(kind):
            yield from structs(field.type, seen | {kind})
    elif get_origin(kind) in (list, tuple, dict, Union, types.UnionType):
        for part in get_args(kind):
            yield from structs(part, seen)


def _body(ground: Ground, address: Address, actor: Actor) -> dict[str, Any] | None:
    return BODIES[address.name](ground.worlds["own"], actor, actor) if address.name in BODIES else None


async def knock(
    ground: Ground,
    address: Address,
    actor: Actor,
    body: dict[str, Any] | None,
    said: dict[str, str],
    files: dict[str, Any] | None = None,
) -> httpx.Response:
    ground.client.cookies.clear()
    headers = {"Idempotency-Key": "the-writes", "If-Match": "*", **said}
    if actor.secret:
        headers["Cookie"] = f"preuve={actor.secret}"
    return await ground.client.request(
        address.method,
        address.path.format(**parameters(address, ground.worlds["own"], actor, actor)),
        headers=headers,
        files=files,
        **({"json" if address.is_api else "data": body} if body is not None else {}),
    )
