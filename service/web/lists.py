"""Lists as files: what goes in and out of a centre, templates with their columns explained, every list to take away."""

from collections.abc import AsyncIterator
from datetime import date, datetime, time
from typing import Annotated, Any

from litestar import Request, Response, get
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, QueryParameter
from litestar.response import Redirect, Stream

from service import audit, auth, desk, imports, list_files
from service.accounts import Account
from service.db import Database
from service.exporting import spreadsheets
from service.exporting.lists import EXPORTS
from service.exporting.words import Asked as Wanted
from service.exporting.words import Export, Row
from service.i18n import BRUSSELS, LANGUAGES, words
from service.i18n import Words as Language
from service.importing.lines import List
from service.importing.steps import LISTS
from service.provide import Db, Now, Words
from service.refusals import NotFound
from service.web.look import render

Asked = Annotated[str | None, QueryParameter(max_length=40)]


@get("/centre/lists", include_in_schema=False, guards=[auth.may("lists", "see")])
async def lists_page(request: Request[Any, Any, Any], me: auth.Me, db: Db, centre: Asked = None) -> Response[Any]:
    """What can be taken over from a file and what can be taken away, and the latest imports."""
    if me.centre_id is None and not centre:
        return Redirect("/centres", status_code=303)
    async with db.read() as tx:
        here = await desk.centre(tx, me, centre)
        latest = await imports.of_centre(tx, here.id)
    return render(
        request,
        "lists/lists.html",
        centre=here,
        latest=latest,
        kinds=list(LISTS),
        exports=list_files.allowed(me),
        errors={},
    )


@get("/centre/lists/{list_name:str}/columns", include_in_schema=False, guards=[auth.may("lists", "template")])
async def columns_page(list_name: FromPath[str], request: Request[Any, Any, Any]) -> Response[str]:
    """What each column of a list means, in the reader's language; the template says it in all four."""
    return render(request, "lists/columns.html", list=_list(list_name))


@get(
    "/centre/lists/{list_name:str}/template/{form:str}", include_in_schema=False, guards=[auth.may("lists", "template")]
)
async def template(list_name: FromPath[str], form: FromPath[str], words: Words) -> Stream:
    """The headings and a line to be replaced; as XLSX a second sheet explains the columns in four languages."""
    a_list, written = _list(list_name), list_files.form_of(form)
    heading = tuple(words.gettext(column.label) for column in a_list.columns)
    example = tuple(column.say(words, column.example) if column.example else "" for column in a_list.columns)
    if written == "xlsx":
        content = spreadsheets.explained(heading, example, _explanations(a_list))
    else:
        content = spreadsheets.as_csv(heading, spreadsheets.every([example]))
    return list_files.sent(content, f"{a_list.kind}-{words.language}", written)


def _explanations(a_list: List) -> list[Row]:
    """One line a column: its name for programs, then label and meaning in each language."""
    every = [words(language) for language in LANGUAGES]
    head = ("", *(LANGUAGES[each.language] for each in every for _ in range(2)))
    return [
        head,
        *(
            (column.name, *(text for each in every for text in (each.gettext(column.label), column.meaning(each))))
            for column in a_list.columns
        ),
    ]


def _list(name: str) -> List:
    for kind, a_list in LISTS.items():
        if kind == name:
            return a_list
    raise NotFound


def _download(export: Export) -> HTTPRouteHandler:
    """The address of one list. It is read by a cursor while it is sent, in one picture of the database."""

    @get(
        f"/centre/exports/{export.name}/{{form:str}}",
        include_in_schema=False,
        guards=[auth.may("lists", list_files.ACTIONS[export.about])],
        name=f"export-{export.name}",
    )
    async def download(
        form: FromPath[str], me: auth.Me, db: Db, now: Now, words: Words, centre: Asked = None, day: Asked = None
    ) -> Stream:
        written = list_files.form_of(form)
        wanted = await _noted(db, export, me, centre, _day(day, now), words.language)
        heading = tuple(words.gettext(label) for label in export.columns)
        content = spreadsheets.WRITERS[written](heading, _rows(db, export, wanted, words))
        return list_files.sent(content, f"{export.name}-{wanted.day}", written)

    return download


async def _noted(db: Database, export: Export, me: Account, centre: str | None, day: date, language: str) -> Wanted:
    """The trail says who took which list before anything of it leaves."""
    async with db.transaction() as tx:
        here = await desk.centre(tx, me, centre)
        await audit.exported(tx, export.name, export.table, by=me, centre_id=here.id)
    return Wanted(here.id, day, datetime.combine(day, time(), BRUSSELS), language)


async def _rows(db: Database, export: Export, wanted: Wanted, words: Language) -> AsyncIterator[Row]:
    async with db.read() as tx:
        async for row in export.rows(tx, wanted):
            yield export.worded(row, words)


def _day(text: str | None, now: datetime) -> date:
    try:
        return date.fromisoformat(text or "")
    except ValueError:
        return now.astimezone(BRUSSELS).date()


HANDLERS = [lists_page, columns_page, template, *(_download(export) for export in EXPORTS)]
