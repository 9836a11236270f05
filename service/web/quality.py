"""The figures of quality: a chart and its table each, under pseudonyms; names are a step of their own, and are kept.

A manager sees their centre, an auditor what they audit, an administrator all of it or one centre.
"""

from datetime import date
from typing import Annotated, Any
from uuid import UUID

import asyncpg
from litestar import Request, Response, get, post
from litestar.datastructures import State
from litestar.params import FromPath, QueryParameter, URLEncodedBody
from msgspec import Meta, Struct

from scheduling import centres
from service import audit, auth, fields, reports
from service.accounts import Account
from service.i18n import Words as Spoken
from service.provide import Db, Now, Words
from service.pseudonyms import Pseudonyms
from service.quality import readings
from service.quality.all import FIGURES
from service.quality.figures import OF_PEOPLE, TITLES, Asked, Cell, Figure, Minutes, Plain, Share
from service.quality.readings import Scope
from service.quality.rules import rules
from service.refusals import NotFound
from service.settings import secret
from service.web.look import render

Year = Annotated[str | None, QueryParameter(max_length=10)]
YEAR = Annotated[int, Meta(ge=2000, le=2100)]
Code = Annotated[str | None, QueryParameter(max_length=40)]


class Chosen(Struct, frozen=True, forbid_unknown_fields=True):
    """What a page is about: a year, of one centre or all, of one unit or all."""

    year: YEAR
    centre: Annotated[str, Meta(max_length=40)] = ""
    unit: Annotated[str, Meta(max_length=40)] = ""

    @property
    def query(self) -> str:
        return f"year={self.year}&centre={self.centre}&unit={self.unit}"


@get("/quality", include_in_schema=False, guards=[auth.may("quality", "figures")])
async def overview(
    request: Request[Any, Any, Any], me: auth.Me, db: Db, now: Now, year: Year = None, centre: Code = None,
    unit: Code = None,
) -> Response[str]:  # fmt: skip
    """Which figures there are, and of what."""
    async with db.read() as tx:
        chosen, options = await _chosen(tx, me, now.year, fields.given(year, "year", YEAR), centre, unit)
    return render(request, "quality/figures.html", titles=TITLES, chosen=chosen, options=options)


@get("/quality/{figure:str}", include_in_schema=False, guards=[auth.may("quality", "figures")])
async def figure_page(
    figure: FromPath[str], request: Request[Any, Any, Any], me: auth.Me, db: Db, now: Now, state: State, words: Words,
    year: Year = None, centre: Code = None, unit: Code = None,
) -> Response[str]:  # fmt: skip
    """One figure, with its people under pseudonyms. Refuses NotFound for a figure or a centre that there is not."""
    async with db.read() as tx:
        chosen, options = await _chosen(tx, me, now.year, fields.given(year, "year", YEAR), centre, unit)
        made = await _figure(tx, figure, _asked(chosen, options, state, words, None))
    return _page(request, figure, made, chosen, options, words)


@get("/quality/{figure:str}/table.csv", include_in_schema=False, guards=[auth.may("quality", "figures")])
async def table(
    figure: FromPath[str], me: auth.Me, db: Db, now: Now, state: State, words: Words, year: Year = None,
    centre: Code = None, unit: Code = None,
) -> Response[str]:  # fmt: skip
    """The table for a spreadsheet, always under pseudonyms: files go where nobody looks after them."""
    async with db.read() as tx:
        chosen, options = await _chosen(tx, me, now.year, fields.given(year, "year", YEAR), centre, unit)
        made = await _figure(tx, figure, _asked(chosen, options, state, words, None))
    rows: list[list[str | int | None]] = [[*made.headings]]
    rows += [[_plain(cell) for cell in row] for row in made.rows]
    named = f'attachment; filename="quality-{figure}-{chosen.year}.csv"'
    return Response(
        reports.as_csv(rows),
        media_type="text/csv",
        headers={"Content-Disposition": named, "Content-Language": words.language},
    )


@post(
    "/quality/{figure:str}/names",
    include_in_schema=False,
    guards=[auth.may("quality", "names")],
    status_code=200,
)
async def names(
    figure: FromPath[str], data: URLEncodedBody[Chosen], request: Request[Any, Any, Any], me: auth.Me, db: Db, now: Now,
    state: State, words: Words,
) -> Response[str]:  # fmt: skip
    """The same page with names, this once. The audit trail keeps who asked, in the transaction that reads them."""
    if figure not in OF_PEOPLE:
        raise NotFound
    async with db.transaction() as tx:
        chosen, options = await _chosen(tx, me, now.year, data.year, data.centre, data.unit)
        await audit.reads_names(tx, by=me, centre_id=options.centre_id)
        made = await _figure(tx, figure, _asked(chosen, options, state, words, await readings.names(tx)))
    return _page(request, figure, made, chosen, options, words, named=True)


class Options(Struct, frozen=True):
    """What else there is to choose, and the centre that was chosen."""

    centre_id: UUID | None
    years: list[int]
    centres: list[tuple[str, str]]
    units: list[str]


async def _chosen(
    tx: asyncpg.Connection, me: Account, this_year: int, year: int | None, centre: str | None, unit: str | None
) -> tuple[Chosen, Options]:
    """Within the caller's reach: whose centre is fixed does not choose one. Refuses NotFound for one that is not there."""
    every = [] if me.centre_id else await centres.every(tx)
    known = {one.code: one.id for one in every}
    if centre and centre not in known and me.centre_id is None:
        raise NotFound
    centre_id = me.centre_id or known.get(centre or "")
    years = await readings.years(tx, centre_id) or [this_year]
    codes = await readings.tested_units(tx, centre_id)
    chosen = Chosen(
        year or years[0], centre if centre in known and centre else "", unit if unit in codes and unit else ""
    )
    return chosen, Options(centre_id, years, [(one.code, one.name) for one in every], codes)


def _asked(chosen: Chosen, options: Options, state: State, words: Spoken, names: dict[UUID, str] | None) -> Asked:
    pseudonyms = Pseudonyms(secret(state.settings))
    scope = Scope(options.centre_id, chosen.unit or None, date(chosen.year, 1, 1), date(chosen.year + 1, 1, 1))

    def who(assessor_id: UUID) -> str:
        """A name where names were asked for; who is beyond the reader's reach keeps the pseudonym."""
        return (names or {}).get(assessor_id) or pseudonyms.assessor(assessor_id)

    return Asked(scope, rules(state.settings), words, who)


async def _figure(tx: asyncpg.Connection, figure: str, asked: Asked) -> Figure:
    if figure not in FIGURES:
        raise NotFound
    return await FIGURES[figure](tx, asked)


def _page(
    request: Request[Any, Any, Any],
    figure: str,
    made: Figure,
    chosen: Chosen,
    options: Options,
    words: Spoken,
    *,
    named: bool = False,
) -> Response[str]:
    shown = made.brief or made
    rows = [[_said(cell, words) for cell in row] for row in shown.rows]
    return render(
        request,
        "quality/figure.html",
        headers={"Cache-Control": "no-store"} if named else None,
        figure=shown,
        slug=figure,
        titles=TITLES,
        rows=rows,
        chosen=chosen,
        options=options,
        named=named,
        of_people=figure in OF_PEOPLE,
        is_fresh=auth.is_fresh(request),
    )


def _said(cell: Cell, w: Spoken) -> str:
    match cell:
        case None:
            return "–"
        case Share(value):
            return w.percent(value)
        case Plain(value):
            return w.number(round(value, 2))
        case Minutes(value):
            return w.duration(round(value))
        case int():
            return w.number(cell)
        case _:
            return cell


def _plain(cell: Cell) -> str | int | None:
    match cell:
        case Share(value) | Plain(value):
            return f"{value:.4f}"
        case Minutes(value):
            return round(value)
        case _:
            return cell


HANDLERS = [overview, figure_page, table, names]
