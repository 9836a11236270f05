"""A browser that has not been told anything: Debian's Chromium, before the application served over HTTP in this process.

Of its two builds preferably the one that has no windows of its own: the same engine, but the whole browser paints a window
for every page that a test opens, which takes three times the processor.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import axe_playwright_python
import httpx
from granian.server.embed import Server
from litestar import Litestar
from playwright.async_api import Browser, Page, async_playwright

from tests.builders.ports import free_port as free_port  # over_http is given one

BUILDS = (Path("/usr/lib/chromium/chromium-headless-shell"), Path("/usr/bin/chromium"))
CHROMIUM = next((build for build in BUILDS if build.exists()), BUILDS[-1])
AXE = Path(axe_playwright_python.__file__).parent / "axe.min.js"
# The whole of what axe says of a page, what passed included, takes longer to send here than to find out.
FIND = """async options => (await axe.run(options)).violations.map(
    one => `${one.id}: ${one.nodes[0].html.slice(0, 160)}`
)"""
# Playwright's own list, which ours replaces; then what the address bar suggests, for which the whole browser starts two
# more renderers with every window, and nobody types there.
WITHOUT = (
    "AvoidUnnecessaryBeforeUnloadCheckSync", "DestroyProfileOnBrowserClose", "HttpsUpgrades",
    "HttpsFirstBalancedModeAutoEnable", "LensOverlay", "MediaRouter", "PaintHolding", "ThirdPartyStoragePartitioning",
    "AvoidCorsURLLoaderRestartOnRedirect", "OptimizationHints", "NetworkTimeServiceQuerying", "AimEnabled",
    "PreconnectToSearch", "WebUIOmniboxPopup", "WebUIOmniboxAimPopup",
)  # fmt: skip
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", f"--disable-features={','.join(WITHOUT)}",
]  # fmt: skip


@asynccontextmanager
async def over_http(app: Litestar, port: int) -> AsyncIterator[str]:
    """The application at an address of this machine; its lifespan is entered already."""
    server = Server(_without_lifespan(app), port=port, interface="asgi", log_enabled=False)  # type: ignore[arg-type]
    serving = asyncio.create_task(server.serve())
    address = f"http://localhost:{port}"
    async with httpx.AsyncClient() as client:
        async with asyncio.timeout(60):
            while not await _lives(client, address):
                await asyncio.sleep(0.05)
    yield address
    server.stop()
    with suppress(asyncio.CancelledError):
        await serving


async def _lives(client: httpx.AsyncClient, address: str) -> bool:
    with suppress(httpx.TransportError):
        return (await client.get(f"{address}/health/live")).status_code == 200
    return False


def _without_lifespan(app: Litestar):  # type: ignore[no-untyped-def]
    async def served(scope, receive, send):  # type: ignore[no-untyped-def]
        if scope["type"] == "http":
            await app(scope, receive, send)

    return served


@asynccontextmanager
async def chromium() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
        yield browser
        await browser.close()


async def window(
    browser: Browser, address: str, who: httpx.AsyncClient, language: str = "fr", **options: object
) -> Page:
    """An empty page of somebody who is signed in; its addresses begin at the application's."""
    context = await browser.new_context(base_url=address, **options)  # type: ignore[arg-type]
    cookies = {"language": language, "preuve": who.cookies["preuve"]}
    await context.add_cookies([{"name": name, "value": value, "url": address} for name, value in cookies.items()])
    return await context.new_page()


async def press(page: Page, name: str) -> None:
    """The button with this name, and nothing but 200 afterwards."""
    async with page.expect_navigation() as waiting:
        await page.get_by_role("button", name=name, exact=True).first.click()
    answer = await waiting.value
    assert answer is not None
    assert answer.status == 200, f"{name}: {answer.status}"


async def findings(page: Page, rules: Sequence[str] = ()) -> list[str]:
    """What axe finds on the page as it stands, by its own rules or those with these tags: rule, and where."""
    if not await page.evaluate("'axe' in window"):
        await page.evaluate(AXE.read_text())
    options = {"resultTypes": ["violations"], "selectors": False, **({"runOnly": list(rules)} if rules else {})}
    found: list[str] = await page.evaluate(FIND, options)
    return found


async def faults_at(page: Page, width: int, what: str) -> list[str]:
    """What axe finds on the page on a screen of so many pixels, and whether it is wider than the screen."""
    await page.set_viewport_size({"width": width, "height": 900})
    found = [f"{what} at {width}: {finding}" for finding in await findings(page)]
    if await page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"):
        found.append(f"{what} at {width}: wider than the screen")
    return found
