"""What somebody reads who is not signed in: why there is no place, whom to ask, and the way back after signing in."""

from tests.builders.pages import Street
from tests.service.test_pages_candidate import read


async def test_a_stranger_reads_why_there_is_no_place_and_whom_to_ask(street: Street) -> None:
    session = await street.open_session(seats=1)
    page = await read(street.stranger, f"/sessions/{session}")
    assert f'href="/sign-in?onward=/sessions/{session}">' in page, "and comes back here"
    async with street.db.read() as tx:
        email = await tx.fetchval("select email from scheduling.centres where id = $1", street.room.centre_id)
    assert f'<a href="mailto:{email}">{email}</a>' in page
    await street.book(session)
    page = await read(street.stranger, f"/sessions/{session}")
    assert "Sign in to book" not in page
    assert "All places are taken" in page
    assert "Sign in to wait for a place" in page


async def test_who_is_not_signed_in_comes_back_to_where_a_letter_led_them(street: Street) -> None:
    booking = (await street.book(await street.open_session())).headers["location"]
    page = await read(street.stranger, f"{booking}/reminder", status=401)
    assert f'href="/sign-in?onward={booking}/reminder"' in page
    page = await read(street.stranger, "/waiting/new?unit=MACO-1&language=nl", status=401)
    assert 'href="/sign-in?onward=/waiting/new%3Funit%3DMACO-1%26language%3Dnl"' in page
    form = await read(street.stranger, f"/sign-in?onward={booking}/reminder")
    assert f'<input type="hidden" name="onward" value="{booking}/reminder">' in form
