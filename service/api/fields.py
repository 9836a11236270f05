"""Bounded types of what programs send: nothing PostgreSQL could not hold gets past them."""

from datetime import UTC, datetime
from typing import Annotated, Literal

import msgspec
from litestar.exceptions import ValidationException
from litestar.params import QueryParameter
from msgspec import Meta

from service.i18n import N_

EARLIEST, LATEST = datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)
WITH_OFFSET = N_("With its offset from UTC, between the years 2000 and 2100.")

Language = Literal["fr", "nl", "en", "de"]
Moment = Annotated[datetime, Meta(tz=True, description=WITH_OFFSET, examples=["2026-12-04T09:00:00+01:00"])]
UnitCode = Annotated[str, Meta(min_length=6, max_length=8, examples=["TPCR-3"])]
Text = Annotated[str, Meta(min_length=1, max_length=10_000)]
Remarks = Annotated[str, Meta(max_length=10_000)]

Word = Annotated[str | None, QueryParameter(min_length=1, max_length=100)]
LanguageAsked = Annotated[str | None, QueryParameter(pattern=r"^(fr|nl|en|de)$(?!\n)", max_length=2)]
MomentAsked = Annotated[
    str | None, QueryParameter(max_length=40, description=WITH_OFFSET, schema_extra={"format": "date-time"})
]
MOST_LISTED = 100  # on a page
Limit = Annotated[int, QueryParameter(ge=1, le=MOST_LISTED)]


def refuse_unlikely(moment: datetime) -> None:
    """A session in the year 1 or 9999 is a mistake, and overflows on the way. Refuses with ValueError."""
    if not EARLIEST <= moment < LATEST:
        raise ValueError("a moment between the years 2000 and 2100 is expected")


def asked(text: str | None, name: str) -> datetime | None:
    """A moment given in an address: the nearest one at which there could be something to find.

    Refuses (ValidationException) anything but RFC 3339 with an offset: nobody knows whose nine o'clock it is.
    """
    if text is None:
        return None
    try:
        moment = msgspec.convert(text, Moment)
    except msgspec.ValidationError:
        raise ValidationException(extra=[{"key": name, "source": "query", "message": WITH_OFFSET}]) from None
    return within_reach(moment)


def within_reach(moment: datetime) -> datetime:
    """The nearest moment at which there could be something to find."""
    return min(max(moment, EARLIEST), LATEST)
