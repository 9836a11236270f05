"""Accreditations: two years each, in a chain that reaches beyond today; one with a gap, one about to end."""

from datetime import date, timedelta
from uuid import UUID

import asyncpg

from assessments import accreditations, trades
from service.seed.places import Places
from service.seed.replay import data

FIRST_DAY = date(2022, 3, 1)
LAPSED = ("technicity", "TUYA")  # ended on 30 June 2023, renewed from 1 October: no test of this trade in between
ENDS_SOON = ("logisticity", "PREP")  # five weeks from today: sessions after that cannot be opened
SOON = timedelta(days=35)


async def put(tx: asyncpg.Connection, centre_ids: dict[str, UUID], *, today: date) -> None:
    """Grant each centre what it validates, so that every trade is accredited today."""
    known = {trade.code: trade.id for trade in await trades.every(tx)}
    for centre, codes in data("places.toml", Places).accredited.items():
        for code in codes:
            for number, (first_day, last_day) in enumerate(_periods(centre, code, today), 1):
                await accreditations.grant(
                    tx,
                    centre_ids[centre],
                    known[code],
                    first_day=first_day,
                    last_day=last_day,
                    reference=f"DEMO/{centre[:4].upper()}/{code}/{number}",
                )


def _periods(centre: str, trade: str, today: date) -> list[tuple[date, date]]:
    periods = []
    first_day = FIRST_DAY
    if (centre, trade) == LAPSED:
        periods.append((date(2021, 7, 1), date(2023, 6, 30)))
        first_day = date(2023, 10, 1)
    ends_soon = (centre, trade) == ENDS_SOON
    enough = today + (SOON if ends_soon else timedelta(days=180))
    while not periods or periods[-1][1] < enough:
        last_day = _two_years_on(first_day) - timedelta(days=1)
        if ends_soon and last_day >= enough:
            last_day = enough
        periods.append((first_day, last_day))
        first_day = last_day + timedelta(days=1)
    return periods


def _two_years_on(day: date) -> date:
    return day.replace(year=day.year + 2)
