"""No change of what is edited overlooks another one: over the interface by If-Match, on pages by a field of the form."""

from typing import Any

import httpx
import pytest

from service import versions
from service.api.v1 import router
from tests.access.conftest import Actor, Ground
from tests.access.knocking import BODIES, Address, addresses, parameters

# Each of these goes on once, from a state that it asks for (409 afterwards): there is no version of it to overlook.
GOES_ON_ONCE = {
    "PUT /api/v1/certificates/{certificate_id}/suspension",
    "PUT /api/v1/certificates/{certificate_id}/withdrawal",
    "PUT /api/v1/measures/{accommodation_id}/answer",
    "PUT /api/v1/appeals/{appeal_id}/admissibility",
    "PUT /api/v1/bookings/{booking_id}/fee",
}
WHO = {
    "sessions": "manager",
    "recordings": "evaluator",
    "accounts": "administrator",
    "privacy": "candidate",
    "appeals": "administrator",
}


def editing(ground: Ground) -> list[Address]:
    stated = {
        (route.path_format, str(method))
        for route in ground.app.routes
        for handler in getattr(route, "route_handlers", [])
        if versions.stated in handler.resolve_guards()
        for method in handler.http_methods
    }
    return [one for one in addresses(ground.app) if (one.path, one.method) in stated]


async def test_whatever_is_replaced_over_the_interface_states_its_version(ground: Ground) -> None:
    assert router.path == "/api/v1"
    described = (await ground.client.get("/api/openapi.json")).json()["paths"]
    with_bodies = {f"PUT {path}" for path, item in described.items() if "requestBody" in item.get("put", {})}
    stated = {one.name for one in editing(ground)}
    assert with_bodies - GOES_ON_ONCE == stated
    assert len(stated) >= 3


async def test_without_a_version_it_is_428_and_with_a_stale_one_412(ground: Ground) -> None:
    for address in editing(ground):
        assert address.rule
        actor = ground.actors[WHO[address.rule.resource]]
        told = [
            await knock(ground, address, actor, said) for said in ({}, {"If-Match": '"stale"'}, {"If-Match": 'W/"*"'})
        ]
        assert [answer.status_code for answer in told] == [428, 412, 412], address.name
        assert {answer.headers["content-type"] for answer in told} == {"application/problem+json"}
        assert not ground.forget(), address.name


async def test_the_version_that_was_read_is_taken(ground: Ground) -> None:
    read = {"/time": "", "/seats": "", "/ratings": "", "/role": ""}
    for address in editing(ground):
        assert address.rule
        actor = ground.actors[WHO[address.rule.resource]]
        ending = next((ending for ending in read if address.path.endswith(ending)), "")
        known = parameters(address, ground.worlds["own"], actor, actor)
        shown = await ground.client.get(
            address.path.removesuffix(ending).format(**known), headers={"Cookie": f"preuve={actor.secret}"}
        )
        assert shown.status_code == 200, address.name
        answer = await knock(ground, address, actor, {"If-Match": shown.headers["etag"]})
        assert answer.status_code == 200, (address.name, answer.text)
        ground.forget()


@pytest.mark.parametrize(
    ("name", "who"),
    [
        ("POST /privacy/details", "candidate"),
        ("POST /accounts/{account_id}/role", "administrator"),
        ("POST /centre/sessions/{session_id}/time", "manager"),
        ("POST /recordings/{booking_id}", "evaluator"),
        ("POST /appeals/{appeal_id}/mediation", "administrator"),
    ],
)
async def test_a_form_on_another_version_is_shown_again(ground: Ground, name: str, who: str) -> None:
    """Also one without any; what is on record stays, and the new form carries the new version."""
    address = next(one for one in addresses(ground.app) if one.name == name)
    actor = ground.actors[who]
    body = BODIES[name](ground.worlds["own"], actor, actor)
    if name.startswith("POST /recordings"):
        body = body | {"1.2": "not_met"}
    for version in ("stale", ""):
        page = await knock(ground, address, actor, {}, body | {"version": version})
        assert (page.status_code, "Someone changed this in the meantime" in page.text) == (412, True), page.text
    if 'name="version"' in page.text:
        fresh = page.text.partition('name="version" value="')[2].partition('"')[0]
        ground.forget()
        assert (await knock(ground, address, actor, {}, body | {"version": fresh})).status_code == 303
    ground.forget()


async def knock(
    ground: Ground, address: Address, actor: Actor, said: dict[str, str], body: dict[str, Any] | None = None
) -> httpx.Response:
    ground.client.cookies.clear()
    world = ground.worlds["own"]
    if body is None:
        body = BODIES[address.name](world, actor, actor)
    return await ground.client.request(
        address.method,
        address.path.format(**parameters(address, world, actor, actor)),
        headers={"Cookie": f"preuve={actor.secret}", "Accept-Language": "en", "Accept": "text/html", **said},
        params={"lang": "en"},
        **({"json": body} if address.is_api else {"data": body}),
    )
