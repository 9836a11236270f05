"""The menu: on a telephone it is one line, which keyboard and finger unfold; with room for it, it is always there."""

from playwright.async_api import Browser

from tests.builders.hall import Hall
from tests.builders.walk import IN_A_BROWSER, walker

pytestmark = IN_A_BROWSER


async def test_a_manager_finds_the_way_on_any_screen(
    hall: Hall, address: str, browser: Browser, language: str, width: int
) -> None:
    """Sixteen addresses took a third of the first screen. The line says which of them is shown, folded or not."""
    manager = await walker(browser, address, hall.manager, width, language)
    await manager.goes("/centre/closures")
    page = manager.page
    menu = page.get_by_role("navigation", name=manager.said("Main menu"))
    button, here = page.locator(".menu summary"), manager.said("Closed days")
    heading = await page.locator("main").bounding_box()
    assert heading is not None
    if width == 320:
        assert heading["y"] < 130, "two lines stand above the page"
        assert here in await button.inner_text()
        assert not await menu.is_visible()
        await manager.looks("a folded menu")
        await button.focus()
        await page.keyboard.press("Enter")
    else:
        assert not await button.is_visible()
    assert await menu.locator("[aria-current=page]").inner_text() == here
    await manager.looks("a menu")
    await menu.get_by_role("link", name=manager.said("Equipment")).click()
    await page.wait_for_url("**/centre/equipment")
    await manager.looks("what equipment there is")
