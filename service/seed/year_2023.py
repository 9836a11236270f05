"""The year 2023 as data/year_2023.toml tells it."""

from datetime import UTC

from msgspec import Struct

from service.i18n import BRUSSELS
from service.seed import sittings
from service.seed.replay import Replay, Row, Seat, data


class Year(Struct, frozen=True, forbid_unknown_fields=True):
    sessions: tuple[Row, ...]


def foretell(replay: Replay) -> int:
    """Note every session of the year in the diary; return how many there are."""
    rows = data("year_2023.toml", Year).sessions
    for row in rows:
        starts_at = row.starts.replace(tzinfo=BRUSSELS).astimezone(UTC)
        sitting = replay.sitting(row.unit, starts_at, row.seats, row.language, row.centre)
        sitting.seats = [Seat(role) for role in row.parts()]
        sittings.foretell(replay, sitting, cancelled=row.cancelled)
    return len(rows)
