"""Passkeys in a real browser, with Chromium's virtual authenticator: added, used to sign in, and what is refused."""

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from litestar import Litestar
from playwright.async_api import Browser, CDPSession, Page

from service import logins
from tests.builders.browser import CHROMIUM, findings, free_port, over_http
from tests.builders.watch import Watch
from tests.builders.web import serving, signed_in, stranger

pytestmark = pytest.mark.skipif(not CHROMIUM.exists(), reason=f"there is no Chromium at {CHROMIUM}")
HTML = {"Accept": "text/html"}


@dataclass
class Desk:
    """A member of staff before a browser whose device keeps passkeys."""

    app: Litestar
    address: str
    page: Page
    device: CDPSession
    watch: Watch
    authenticator: str = ""

    async def with_authenticator(self, *, verified: bool = True) -> "Desk":
        await self.device.send("WebAuthn.enable")
        options = {
            "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
            "isUserVerified": verified, "automaticPresenceSimulation": True,
        }  # fmt: skip
        made = await self.device.send("WebAuthn.addVirtualAuthenticator", {"options": options})
        self.authenticator = made["authenticatorId"]
        return self

    async def add_passkey(self, name: str = "Mon téléphone") -> None:
        await self.page.goto(f"{self.address}/passkeys")
        await self.page.fill("#name", name)
        await self.page.get_by_role("button", name="Ajouter une clé d’accès").click()
        await self.page.get_by_role("heading", name=name).wait_for()

    async def out(self) -> None:
        await self.page.context.clear_cookies(name="preuve")

    async def sign_in(self) -> None:
        await self.page.goto(f"{self.address}/sign-in")
        await self.page.get_by_role("button", name="Utiliser une clé d’accès").click()

    async def credentials(self) -> list[dict[str, Any]]:
        held = await self.device.send("WebAuthn.getCredentials", {"authenticatorId": self.authenticator})
        return held["credentials"]  # type: ignore[no-any-return]


@pytest.fixture
async def desk(database_url: str, valkey_url: str, tmp_path: Path, browser: Browser) -> AsyncIterator[Desk]:
    port, watch = free_port(), Watch(datetime.now(UTC))
    named = {"PREUVE_BASE_URL": f"http://localhost:{port}"}
    async with serving(database_url, valkey_url, tmp_path, watch, **named) as app, over_http(app, port) as address:
        person = await signed_in(app, "administrator@example.org", "administrator")
        context = await browser.new_context()
        cookies = {"language": "fr", "preuve": person.cookies["preuve"]}
        await context.add_cookies([{"name": name, "value": value, "url": address} for name, value in cookies.items()])
        page = await context.new_page()
        desk = Desk(app, address, page, await context.new_cdp_session(page), watch)
        yield await desk.with_authenticator()


async def test_added_used_to_sign_in_and_removed(desk: Desk) -> None:
    broken: list[str] = []
    desk.page.on("console", lambda message: broken.append(message.text) if message.type == "error" else None)
    await desk.add_passkey()
    assert await findings(desk.page) == []
    await desk.out()
    await desk.sign_in()
    await desk.page.wait_for_url(f"{desk.address}/centres")
    await desk.page.goto(f"{desk.address}/logins")
    assert "clé d’accès" in await desk.page.inner_text("main")
    await desk.page.goto(f"{desk.address}/passkeys")
    await desk.page.get_by_role("button", name="La supprimer").click()
    assert await desk.page.locator("article").count() == 0
    await desk.out()
    await desk.sign_in()
    await desk.page.locator("[role=alert]").wait_for()
    assert broken == ["Failed to load resource: the server responded with a status of 422 (Unprocessable Entity)"]
    async with desk.app.state.running.db.as_house().read() as tx:
        trail = await tx.fetch("select action from service.audit where subject = 'service.passkeys' order by id")
        assert [entry["action"] for entry in trail] == ["passkey.added", "passkey.removed"]
        assert await tx.fetchval("select count(*) from service.ceremonies") == 0, "all of them were answered"


async def test_a_passkey_confirms_and_leads_back(desk: Desk) -> None:
    await desk.add_passkey()
    desk.watch.now += logins.FRESH
    await desk.page.goto(f"{desk.address}/tokens")
    await desk.page.get_by_role("link", name="Confirmer que c’est moi").click()
    await desk.page.get_by_role("button", name="Utiliser une clé d’accès").click()
    await desk.page.wait_for_url(f"{desk.address}/tokens")
    assert await desk.page.locator("#name").count() == 1


async def test_a_device_that_has_not_recognised_its_holder_signs_nobody_in(desk: Desk) -> None:
    await desk.add_passkey()
    await desk.out()
    await desk.device.send("WebAuthn.setUserVerified", {"authenticatorId": desk.authenticator, "isUserVerified": False})
    await desk.sign_in()
    await desk.page.get_by_text("Aucune clé d’accès n’a été utilisée").wait_for(timeout=10_000)


async def test_an_answer_counts_once_in_time_and_a_copied_key_is_found(desk: Desk) -> None:
    """The answers of the device are caught before they are sent, and sent by somebody else."""
    await desk.add_passkey()
    await desk.out()

    async def answered() -> str:
        await desk.page.goto(f"{desk.address}/sign-in")
        await desk.page.evaluate("HTMLFormElement.prototype.submit = () => {}")
        await desk.page.get_by_role("button", name="Utiliser une clé d’accès").click()
        await desk.page.locator("[name=answer][value]").wait_for(state="attached")
        return await desk.page.input_value("[name=answer]")

    async def sent(answer: str) -> int:
        async with stranger(desk.app) as thief:
            return (await thief.post("/sign-in/passkey", data={"answer": answer}, headers=HTML)).status_code

    first = await answered()
    assert [await sent(first), await sent(first)] == [303, 422]
    late = await answered()
    desk.watch.now += timedelta(minutes=10)
    assert await sent(late) == 422
    for field in ("signature", "authenticatorData", "userHandle"):
        changed = json.loads(await answered())
        held = changed["response"][field]
        changed["response"][field] = ("B" if held[0] == "A" else "A") + held[1:]
        assert await sent(json.dumps(changed)) == 422, field
    copied = await answered()
    async with desk.app.state.running.db.as_house().transaction() as tx:
        await tx.execute("update service.passkeys set sign_count = sign_count + 1000")
    assert await sent(copied) == 422


async def test_what_is_no_answer_is_refused(desk: Desk) -> None:
    async with stranger(desk.app) as browser:
        for answer in (
            "",
            "null",
            "[]",
            "{}",
            '{"response": {"clientDataJSON": "e30"}}',
            '{"response": 1}',
            "[" * 9000,
        ):
            assert (await browser.post("/sign-in/passkey", data={"answer": answer})).status_code == 422, answer


async def test_nobody_elses_is_renamed_or_removed(desk: Desk) -> None:
    await desk.add_passkey()
    async with desk.app.state.running.db.as_house().read() as tx:
        passkey_id = await tx.fetchval("select id from service.passkeys")
    other = await signed_in(desk.app, "second@example.org", "administrator")
    assert (await other.post(f"/passkeys/{passkey_id}/removal")).status_code == 404
    assert (await other.post(f"/passkeys/{passkey_id}/name", data={"name": "mine"})).status_code == 404
    await desk.page.get_by_text("Changer son nom").click()
    await desk.page.fill(f"#name-{passkey_id}", "Ordinateur")
    await desk.page.get_by_role("button", name="Garder ce nom").click()
    await desk.page.get_by_role("heading", name="Ordinateur").wait_for()


async def test_without_javascript_the_mail_link_remains(desk: Desk, browser: Browser) -> None:
    context = await browser.new_context(java_script_enabled=False)
    page = await context.new_page()
    await page.goto(f"{desk.address}/sign-in?lang=fr")
    assert not await page.get_by_role("button", name="Utiliser une clé d’accès").is_visible()
    assert await page.locator("#email").is_visible()
