"""Lists as files over HTTP: which of them somebody may take, and how one leaves."""

from collections.abc import AsyncIterator, Sequence

from litestar.response import Stream

from service import access
from service.accounts import Account
from service.exporting import spreadsheets
from service.exporting.lists import EXPORTS
from service.exporting.words import About, Export, Row
from service.i18n import Words
from service.refusals import NotFound

ACTIONS: dict[About, str] = {
    "places": "export",
    "people": "export_people",
    "day": "export_day",
    "results": "export_results",
}


def allowed(me: Account) -> list[Export]:
    """The lists that somebody in this role may take away."""
    return [each for each in EXPORTS if access.rule("lists", ACTIONS[each.about]).admits(me)]


def form_of(text: str) -> str:
    """csv or xlsx. Refuses NotFound."""
    if text not in spreadsheets.WRITERS:
        raise NotFound
    return text


def sent(content: AsyncIterator[bytes], name: str, form: str) -> Stream:
    """A file to be saved under this name; kept by nobody on the way."""
    return Stream(
        content,
        media_type=spreadsheets.MEDIA_TYPES[form],
        headers={
            "Content-Disposition": f'attachment; filename="preuve-{name}.{form}"',
            "Cache-Control": "no-store",
        },
    )


def lines(words: Words, heading: tuple[str, ...], rows: Sequence[Row], *, name: str, form: str) -> Stream:
    """Rows that are there already, as a file. `heading`: English, to translate. Refuses NotFound (the form)."""
    written = form_of(form)
    said = tuple(words.gettext(label) for label in heading)
    return sent(spreadsheets.WRITERS[written](said, spreadsheets.every(rows)), name, written)
