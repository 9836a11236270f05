"""Forms whose fields are named after what they are about: lines of a grid, languages, files; and what an address may leave out.

A Struct names its fields once and for all; such a form's page decides. Nothing of it can be read before it is said which
fields the page has, so that no handler passes over what nobody asked for.
"""

from collections.abc import Collection
from typing import Any

import msgspec
from litestar.exceptions import ValidationException

from assessments.grids import LANGUAGES
from service.refusals import FieldUnasked


class Form:
    """A form as it came, which nobody has read yet."""

    def __init__(self, sent: dict[str, Any]) -> None:
        self._sent = sent

    def of(self, names: Collection[str]) -> dict[str, Any]:
        """Its fields by name: texts, lists of texts, files. Refuses one that has more than `names`."""
        if not self._sent.keys() <= set(names):
            raise FieldUnasked
        return self._sent


def in_languages(*names: str) -> set[str]:
    """The fields of texts that are written in every language."""
    return {f"{name}.{language}" for name in names for language in LANGUAGES}


def given(text: str | None, name: str, kind: Any) -> Any:
    """A parameter of an address as its `kind`; None when it was left out. Refuses (422) what is none. An int | None in the
    handler would take the word "null" for nothing."""
    if text is None:
        return None
    try:
        return msgspec.convert(text, kind, strict=False)
    except msgspec.ValidationError as error:
        raise ValidationException(extra=[{"key": name, "source": "query", "message": str(error)}]) from None


def whole(text: str | None) -> int:
    """A whole number of at most three digits, as it was typed; 0 for anything else."""
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 4 else 0


def _is_form(kind: Any) -> bool:
    return kind is Form


def _form(_: type, sent: Any) -> Form:
    return Form(sent if isinstance(sent, dict) else {})


DECODERS = [(_is_form, _form)]
