"""The pages of the narrower roles, and the table itself, under axe: at the desk and on a telephone."""

from collections.abc import AsyncIterator
from urllib.parse import urlsplit

import pytest
from playwright.async_api import Browser

from service.access import RULES
from service.quality.all import FIGURES
from tests.access.conftest import Ground
from tests.builders.browser import CHROMIUM, faults_at, free_port, over_http

pytestmark = pytest.mark.skipif(not CHROMIUM.exists(), reason=f"there is no Chromium at {CHROMIUM}")


@pytest.fixture
async def address(ground: Ground) -> AsyncIterator[str]:
    async with over_http(ground.app, free_port()) as address:
        yield address


def paths(ground: Ground) -> dict[str, list[str]]:
    things = ground.worlds["own"].things
    return {
        "nobody": ["/access", f"/address/{things['shared']['new_address']}"],
        "candidate": ["/privacy/identity", "/privacy/details"],
        "manager": [
            "/centre/certificates",
            "/centre/certificates?q=nothing",
            f"/centre/certificates/{things['passed']['certificate_id']}",
        ],
        "reception": [
            f"/centre/bookings/{things['signed']['booking_id']}/identity",
            "/centre/today",
            f"/centre/sessions/{things['signed']['session_id']}/day",
        ],
        "planner": [f"/centre/sessions/{things[stage]['session_id']}" for stage in ("open", "signed", "passed")],
        "auditor": [
            "/audit/sessions?month=2026-08",
            f"/audit/sessions/{things['passed']['session_id']}",
            f"/audit/sessions/{things['draft']['session_id']}",
            "/audit/results?month=2026-08",
            "/audit/results?month=2020-01",
            "/audit/trail",
            "/quality?year=2026",
            *(f"/quality/{figure}?year=2026" for figure in FIGURES),
            "/bundles",
            f"/bundles?session={things['passed']['session_id']}",
        ],
        "evaluator": [f"/recordings/{things['screened']['booking_id']}/recommendations"],
    }


async def test_no_page_has_a_finding(ground: Ground, address: str, browser: Browser, width: int) -> None:
    found = []
    for name, visited in paths(ground).items():
        context = await browser.new_context(base_url=address, locale="fr", bypass_csp=True)
        if secret := ground.actors[name].secret:
            host = str(urlsplit(address).hostname)
            await context.add_cookies([{"name": "preuve", "value": secret, "domain": host, "path": "/"}])
        page = await context.new_page()
        for path in visited:
            answer = await page.goto(path)
            assert answer is not None
            assert answer.status == 200, path
            found += await faults_at(page, width, path)
        await context.close()
    assert found == []


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("fr", "Rendre une place"),
        ("nl", "Een plaats teruggeven"),
        ("en", "Give a place back"),
        ("de", "Einen Platz zurückgeben"),
    ],
)
async def test_the_table_is_a_page_in_four_languages(ground: Ground, language: str, said: str) -> None:
    ground.client.cookies.clear()
    page = await ground.client.get("/access", headers={"Accept-Language": language})
    assert page.status_code == 200
    assert said in page.text
    assert page.text.count('role="rowheader"') == len(RULES)
