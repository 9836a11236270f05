"""What the forms of a correction hold, the candidate's and the desk's."""

from datetime import date, datetime
from typing import Annotated

from msgspec import Meta, Struct

from service import identities
from service.i18n import N_

Text = Annotated[str, Meta(max_length=254)]
WRONG_DATE = N_("Write the whole date of birth, as on the identity document")


class BirthDate(Struct, frozen=True, forbid_unknown_fields=True):
    birth_date: Text = ""


class Address(Struct, frozen=True, forbid_unknown_fields=True):
    email: Text = ""


def day_of(typed: str, now: datetime) -> date | None:
    """The date of birth that somebody typed; None for what is none."""
    try:
        given = date.fromisoformat(typed.strip())
    except ValueError:
        return None
    return given if identities.is_likely(given, now=now) else None
