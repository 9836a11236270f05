"""The pages about who somebody is, as a browser shows them: four languages, a narrow and a wide window, errors included."""

from collections.abc import AsyncIterator, Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from litestar import Litestar
from playwright.async_api import Browser, Page

from service import devices, logins, tokens
from tests.builders.browser import CHROMIUM, findings, free_port, over_http
from tests.builders.watch import Watch
from tests.builders.web import serving, signed_in
from tests.service.test_logins import IPHONE

pytestmark = pytest.mark.skipif(not CHROMIUM.exists(), reason=f"there is no Chromium at {CHROMIUM}")
EVERYTHING = {
    "PREUVE_PASSWORDS": "on",
    "PREUVE_OIDC_ISSUER": "http://localhost:1",
    "PREUVE_OIDC_CLIENT_ID": "preuve",
    "PREUVE_OIDC_CLIENT_SECRET": "secret",
}
PAGES = ("/logins", "/tokens", "/passkeys", "/password", "/accounts", "/confirmation?onward=/tokens", "/sign-in")


@pytest.fixture
def clock(now: datetime) -> Watch:
    return Watch(now)


@pytest.fixture
async def app(database_url: str, valkey_url: str, tmp_path: Path, clock: Watch) -> AsyncIterator[Litestar]:
    async with serving(database_url, valkey_url, tmp_path, clock, **EVERYTHING) as app:
        yield app


@pytest.fixture
async def address(app: Litestar) -> AsyncIterator[str]:
    async with over_http(app, free_port()) as address:
        yield address


@pytest.fixture
async def login(app: Litestar, now: datetime) -> str:
    """An administrator with another login and a token."""
    person = await signed_in(app, "administrator@example.org", "administrator")
    async with app.state.running.db.as_house().transaction() as tx:
        account = await tx.fetchval("select id from service.accounts")
        await logins.begin(tx, account, secret="telephone", method="passkey", device=devices.described(IPHONE), now=now)
        await tokens.create(tx, account, secret="t", name="Import", scopes=["read"], days=30, now=now)
    return person.cookies["preuve"]


async def a_page(browser: Browser, address: str, login: str, language: str, width: int) -> Page:
    context = await browser.new_context(viewport={"width": width, "height": 900})
    cookies = {"language": language, "preuve": login}
    await context.add_cookies([{"name": name, "value": value, "url": address} for name, value in cookies.items()])
    return await context.new_page()


FURTHER = [("fr", 1280), ("nl", 320), ("en", 1280), ("de", 320)]


@pytest.mark.parametrize(
    ("language", "width"),
    [("fr", 320), ("nl", 1280), *(pytest.param(*one, marks=pytest.mark.pages) for one in FURTHER)],
)
async def test_axe_finds_nothing_and_nothing_runs_over(
    address: str, browser: Browser, login: str, language: str, width: int
) -> None:
    page = await a_page(browser, address, login, language, width)
    for path in PAGES:
        await page.goto(address + path)
        assert await findings(page) == [], path
        assert await page.evaluate("document.documentElement.scrollWidth") <= width, path
        assert await page.get_attribute("html", "lang") == language


async def test_errors_are_tied_to_their_fields_and_read_out_first(address: str, browser: Browser, login: str) -> None:
    page = await a_page(browser, address, login, "fr", 320)
    for path, button, field in (
        ("/tokens", "Créer le jeton", "name"),
        ("/password", "Garder ce mot de passe", "password"),
        ("/accounts", "Créer le compte", "email"),
        ("/sign-in", "Se connecter avec le mot de passe", "password"),
    ):
        await page.goto(address + path)
        await page.get_by_role("button", name=button).click()
        assert f"{field}-error" in (await page.get_attribute(f"#{field}", "aria-describedby") or "")
        assert await page.evaluate("document.activeElement.hasAttribute('data-errors')"), path
        assert await findings(page) == [], path


async def test_after_ten_minutes_a_page_asks_first_and_offers_no_form_in_vain(
    address: str, browser: Browser, login: str, clock: Callable[[], datetime]
) -> None:
    clock.now += timedelta(minutes=10)  # type: ignore[attr-defined]
    page = await a_page(browser, address, login, "fr", 320)
    for path in ("/tokens", "/passkeys", "/password", "/accounts"):
        await page.goto(address + path)
        link = page.get_by_role("link", name="Confirmer que c’est moi")
        assert await link.get_attribute("href") == f"/confirmation?onward={path}"
        assert await findings(page) == [], path
