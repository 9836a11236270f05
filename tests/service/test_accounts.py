"""Accounts of staff: found, made, changed and closed by an administrator, who shows anew who they are."""

from datetime import datetime
from uuid import UUID

import httpx
import pytest

from service import logins, staff
from tests.builders.watch import Watch
from tests.builders.web import stranger
from tests.service.conftest import Town

NEW = {"email": "planner@example.org", "role": "administrator", "language": "nl"}


@pytest.fixture
def clock(now: datetime) -> Watch:
    return Watch(now)


async def account_of(town: Town, email: str) -> UUID:
    async with town.db.read() as tx:
        return await tx.fetchval("select id from service.accounts where email = $1", email)  # type: ignore[no-any-return]


ANY = {"If-Match": "*"}


def slug(answer: httpx.Response) -> str:
    return str(answer.json()["type"]).removeprefix("/problems/")


@pytest.mark.parametrize("role", [role for role in staff.ROLES if role not in staff.ON_THE_REGISTER])
async def test_every_role_can_be_given_and_arrives_somewhere(town: Town, role: str) -> None:
    account = await account_of(town, "other@example.org")
    wish = {"role": role, "centre_id": str(town.there.centre)}
    changed = await town.administrator.put(f"/api/v1/accounts/{account}/role", json=wish, headers=ANY)
    assert (changed.status_code, changed.json()["role"]) == (200, role), changed.text
    async with town.db.transaction() as tx:
        await logins.begin(tx, account, secret="anew", now=town.app.state.running.now())
    async with stranger(town.app) as browser:
        browser.cookies.set("preuve", "anew")
        home = await browser.get("/home")
        assert home.status_code == 303
        assert (await browser.get("/logins")).status_code == 200


@pytest.mark.parametrize("through", ["page", "interface"])
async def test_with_the_role_every_login_and_token_ends(town: Town, through: str) -> None:
    account = await account_of(town, "manager@example.org")
    wish = {"name": "import", "scopes": ["read"]}
    token = (await town.manager.post("/api/v1/tokens", json=wish)).json()["token"]
    header = {"Authorization": f"Bearer {token}"}
    assert (await town.manager.get("/centre")).status_code == 200
    assert (await town.stranger.get("/api/v1/centres", headers=header)).status_code == 200
    if through == "page":
        answer = await town.administrator.post(
            f"/accounts/{account}/role", data={"role": "assessor", "centre_id": "", "version": "*"}
        )
        assert answer.status_code == 303
    else:
        answer = await town.administrator.put(
            f"/api/v1/accounts/{account}/role", json={"role": "assessor"}, headers=ANY
        )
        assert (answer.status_code, answer.json()["role"], answer.json()["centre"]) == (200, "assessor", None)
    assert (await town.manager.get("/logins")).status_code == 401
    assert (await town.stranger.get("/api/v1/centres", headers=header)).status_code == 401
    assert (await town.other_manager.get("/centre")).status_code == 200, "nobody else's"


async def test_who_is_closed_is_out_at_once(town: Town) -> None:
    account = await account_of(town, "evaluator@example.org")
    for _ in range(2):
        assert (await town.administrator.post(f"/accounts/{account}/disablement")).status_code == 303
    assert (await town.evaluator.get("/agenda")).status_code == 401
    page = await town.administrator.get(f"/accounts/{account}")
    assert f"/accounts/{account}/role" not in page.text


async def test_changes_ask_for_a_fresh_sign_in_and_for_an_administrator(town: Town, clock: Watch) -> None:
    account = await account_of(town, "evaluator@example.org")
    changes = [
        ("POST", "/api/v1/accounts", NEW),
        ("PUT", f"/api/v1/accounts/{account}/role", {"role": "administrator"}),
        ("PUT", f"/api/v1/accounts/{account}/disablement", None),
    ]
    clock.now += logins.FRESH
    for method, path, body in changes:
        assert slug(await town.administrator.request(method, path, json=body)) == "step-up-needed"
        for other in (town.manager, town.candidate, town.evaluator):
            assert slug(await other.request(method, path, json=body)) == "not-allowed"
        assert (await town.stranger.request(method, path, json=body)).status_code == 401
    page = await town.administrator.get("/accounts")
    assert "/confirmation?onward=/accounts" in page.text
    assert 'action="/accounts" novalidate' not in page.text
    form = {"Accept": "text/html", "Referer": f"http://localhost:8000/accounts/{account}"}
    refused = await town.administrator.post(f"/accounts/{account}/role", data={"role": "administrator"}, headers=form)
    assert refused.headers["location"] == f"/confirmation?onward=/accounts/{account}"


async def test_found_by_address_name_and_centre_and_no_candidates(town: Town) -> None:
    everyone = (await town.administrator.get("/api/v1/accounts")).json()
    assert len(everyone) >= 5
    found = (await town.administrator.get("/api/v1/accounts", params={"q": "OTHER@"})).json()
    assert [one["email"] for one in found] == ["other@example.org"]
    assert (await town.administrator.get("/api/v1/accounts", params={"q": "noor"})).json() == []
    page = await town.administrator.get("/accounts?q=other")
    assert "other@example.org" in page.text
    assert "evaluator@example.org" not in page.text
    candidate = await account_of(town, "noor@example.org")
    assert (await town.administrator.get(f"/accounts/{candidate}")).status_code == 404
    assert (
        await town.administrator.post(f"/accounts/{candidate}/role", data={"role": "administrator"})
    ).status_code == 404


async def test_somebody_new_is_let_in(town: Town) -> None:
    made = await town.administrator.post("/api/v1/accounts", json=NEW)
    assert (made.status_code, made.json()["email"]) == (201, "planner@example.org")
    assert slug(await town.administrator.post("/api/v1/accounts", json=NEW)) == "account-known"
    manager = {**NEW, "email": "x@example.org", "role": "manager"}
    assert slug(await town.administrator.post("/api/v1/accounts", json=manager)) == "role-incomplete"
    centre = {**manager, "centre_id": str(town.stage.centre)}
    assert (await town.administrator.post("/api/v1/accounts", json=centre)).json()["centre"]
    stranger = {**NEW, "email": "y@example.org", "role": "assessor"}
    assert slug(await town.administrator.post("/api/v1/accounts", json=stranger)) == "role-incomplete"
    candidate = {**NEW, "email": "z@example.org", "role": "candidate"}
    assert slug(await town.administrator.post("/api/v1/accounts", json=candidate)) == "role-incomplete"
    page = await town.administrator.post(
        "/accounts", data={"email": "nobody", "role": "administrator", "language": "fr"}
    )
    assert page.status_code == 422
    assert 'href="#email"' in page.text


async def test_nobody_changes_or_closes_their_own(town: Town) -> None:
    mine = await account_of(town, "administrator@example.org")
    answer = await town.administrator.put(f"/api/v1/accounts/{mine}/role", json={"role": "assessor"}, headers=ANY)
    assert slug(answer) == "own-account"
    assert slug(await town.administrator.put(f"/api/v1/accounts/{mine}/disablement")) == "own-account"
    assert (await town.administrator.get("/accounts")).status_code == 200
