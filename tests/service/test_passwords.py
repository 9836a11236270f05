"""Passwords, where they are turned on: which will do, the same answer for everybody, and few tries."""

import hashlib
import time
from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path
from uuid import UUID

import httpx
import pytest
from litestar import Litestar

from service import accounts, passwords
from service.accounts import Account
from service.refusals import PasswordWeak
from service.settings import SettingsFault, read
from service.web.passwords import TRIES
from tests.builders.watch import Watch
from tests.builders.web import serving, settings_for, signed_in, stranger
from tests.service.conftest import Town

EMAIL, GOOD = "manager@example.org", "brique jaune et pluie"
ME = Account(UUID(int=1), EMAIL, "administrator", None, None, None, "fr")


@pytest.fixture
async def app(database_url: str, valkey_url: str, tmp_path: Path, now: datetime) -> AsyncIterator[Litestar]:
    breached = tmp_path / "breached.txt"
    lost = hashlib.sha1(b"perdu ailleurs il y a longtemps").hexdigest()
    breached.write_text(f"{lost}:17\nvole quelque part\n")
    named = {"PREUVE_PASSWORDS": "on", "PREUVE_BREACHED_LIST": str(breached)}
    async with serving(database_url, valkey_url, tmp_path, Watch(now), **named) as app:
        yield app


@pytest.fixture
async def person(app: Litestar) -> httpx.AsyncClient:
    return await signed_in(app, EMAIL, "administrator")


async def enter(app: Litestar, password: str, address: str = EMAIL) -> httpx.Response:
    async with stranger(app) as browser:
        return await browser.post(
            "/sign-in/password", data={"address": address, "password": password}, headers={"Accept-Language": "en"}
        )


async def test_a_password_signs_in_and_is_stored_as_argon2id(app: Litestar, person: httpx.AsyncClient) -> None:
    assert (await person.post("/password", data={"password": GOOD})).status_code == 303
    arrived = await enter(app, GOOD, EMAIL.upper())
    assert (arrived.status_code, arrived.headers["location"]) == (303, "/home")
    async with app.state.running.db.as_house().read() as tx:
        row = await tx.fetchrow("select * from service.passwords")
        assert row["hash"].startswith("$argon2id$")
        assert await tx.fetchval("select method from service.logins order by signed_in_at desc, id limit 1")
        trail = await tx.fetch("select action, changes::text from service.audit where subject = 'service.passwords'")
        assert [entry["action"] for entry in trail] == ["password.added"]
        assert "argon2" not in trail[0]["changes"]
    assert (await person.post("/password/removal")).status_code == 303
    assert (await enter(app, GOOD)).status_code == 422


@pytest.mark.parametrize(
    "weak",
    [
        "short",
        "elevenchars",
        "password12345",
        "aaaaaaaaaaaaaaaa",
        "abcabcabcabcabc",
        "abcdefghijklmnop",
        "manager@example.org",
        "manager.example.org1",
        "NoorPeeters1990",
        "vole quelque part",
        "perdu ailleurs il y a longtemps",
        "x" * 201,
    ],
)
async def test_what_others_know_or_guess_will_not_do(app: Litestar, now: datetime, weak: str) -> None:
    with pytest.raises(PasswordWeak):
        await passwords.hashed_new(weak, me=ME, names=("Noor", "Peeters"), settings=app.state.settings)


@pytest.mark.parametrize("strong", [GOOD, "twelve chars", "数字と雨と黄色いレンガの家です", "zR7!kq0Wm2Lx"])
async def test_there_is_no_rule_about_what_is_in_it(app: Litestar, strong: str) -> None:
    hashed = await passwords.hashed_new(strong, me=ME, names=(), settings=app.state.settings)
    assert await passwords.fits(hashed, strong)
    assert not await passwords.fits(hashed, strong + " ")


async def test_unknown_without_one_and_wrong_are_answered_alike(app: Litestar, person: httpx.AsyncClient) -> None:
    await person.post("/password", data={"password": GOOD})
    async with app.state.running.db.as_house().transaction() as tx:
        await accounts.register(
            tx, email="without@example.org", role="administrator", language="fr", now=app.state.running.now()
        )
    addresses = (EMAIL, "without@example.org", "unknown@example.org")
    texts, spent = set(), dict.fromkeys(addresses, 9.0)
    for address in addresses * 5:
        began = time.perf_counter()
        answer = await enter(app, "wrong, and long enough", address)
        spent[address] = min(spent[address], time.perf_counter() - began)
        assert answer.status_code == 422
        texts.add(answer.text.replace(address, ""))
    assert len(texts) == 1
    assert max(spent.values()) < 1.5 * min(spent.values()), spent


async def test_after_ten_wrong_ones_not_even_the_right_one(app: Litestar, person: httpx.AsyncClient) -> None:
    await person.post("/password", data={"password": GOOD})
    answers = [(await enter(app, f"wrong number {number}")).status_code for number in range(TRIES)]
    assert set(answers) == {422}
    assert (await enter(app, GOOD)).status_code == 429
    assert (await enter(app, GOOD, "another@example.org")).status_code == 422
    async with stranger(app) as browser:
        assert (await browser.post("/sign-in", data={"email": EMAIL})).status_code == 200, "the mail stays open"


async def test_the_page_ties_its_error_to_the_field(app: Litestar, person: httpx.AsyncClient) -> None:
    page = await person.post("/password", data={"password": "short"})
    assert page.status_code == 422
    assert 'href="#password"' in page.text
    assert 'aria-describedby="password-hint password-error"' in page.text
    assert 'value="short"' not in page.text


async def test_where_they_are_off_there_is_no_trace_of_them(town: Town) -> None:
    assert (await town.stranger.post("/sign-in/password", data={"address": EMAIL, "password": GOOD})).status_code == 404
    for method, path in (("GET", "/password"), ("POST", "/password"), ("POST", "/password/removal")):
        assert (await town.manager.request(method, path, data={"password": GOOD})).status_code == 404
    assert "password" not in (await town.stranger.get("/sign-in?lang=en")).text.replace(
        "You do not need a password", ""
    )


def test_a_list_that_is_not_there_and_half_a_provider_are_refused(tmp_path: Path) -> None:
    for wrong in (
        {"PREUVE_BREACHED_LIST": str(tmp_path / "none")},
        {"PREUVE_OIDC_ISSUER": "https://idp.example"},
        {"PREUVE_PASSWORDS": "maybe"},
    ):
        with pytest.raises(SettingsFault):
            read(wrong)
    assert settings_for("postgresql://h/d", "redis://h", tmp_path).passwords == "off"
