"""The pages in Chromium: axe finds nothing, nothing sticks out on a phone, and the policy against foreign code holds."""

from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, Request, Route

from service.i18n import LANGUAGES, words
from service.settings import read
from service.web.look import NAVIGATION
from tests.builders.browser import CHROMIUM, findings
from tests.builders.web import an_app, stranger

RULES = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")
PAGES = ("/?lang=nl", "/look?lang=fr", "/accessibility", "/problems", "/sign-in")

pytestmark = pytest.mark.skipif(not CHROMIUM.exists(), reason="no Chromium on this machine")


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_pages_are_accessible_and_fit(browser: Browser, tmp_path: Path, width: int, scheme: str) -> None:
    context = await browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)  # type: ignore[arg-type]
    page = await in_process(await context.new_page(), tmp_path)
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    for path in PAGES:
        await page.goto(f"http://localhost:8000{path}")
        assert [f"{path} {finding}" for finding in await findings(page, RULES)] == []
        assert await page.evaluate("document.documentElement.scrollWidth") <= width, path
    await context.close()
    assert complaints == []


async def in_process(page: Page, folder: Path) -> Page:
    """Every request of the page is answered by the application in this process."""
    client = stranger(an_app(read({"PREUVE_DATA": str(folder)})))

    async def answer(route: Route, request: Request) -> None:
        headers = {name: value for name, value in (await request.all_headers()).items() if name != "accept-encoding"}
        response = await client.request(request.method, request.url, headers=headers, content=request.post_data_buffer)
        kept = {
            name: value
            for name, value in response.headers.items()
            if name not in ("content-encoding", "content-length")
        }
        await route.fulfill(status=response.status_code, headers=kept, body=response.content)

    await page.route("**/*", answer)
    return page


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("role", NAVIGATION)
def test_links_of_every_page_that_lead_elsewhere_are_called_otherwise(role: str, language: str) -> None:
    labels = [label for label, _ in NAVIGATION[role]] + ["Accessibility", "When something goes wrong", "For developers"]
    said = [words(language).gettext(label) for label in labels]
    assert len(set(said)) == len(said)
