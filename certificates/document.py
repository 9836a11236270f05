"""The certificate on paper: one tagged A4 page, PDF/A-2a and PDF/UA-1, the same bytes every time."""

import unicodedata
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Literal

import msgspec
import typst

from certificates import typesetting
from certificates.refusals import NotPrintable

LONGEST_TEXT = 120
LONGEST_HEADLINE = 200  # the holder's name and the unit: set smaller as they grow

_TEMPLATES = Path(__file__).with_name("templates")
_CERTIFICATE = (_TEMPLATES / "certificate.typ").read_bytes()


class Printed(msgspec.Struct, frozen=True, kw_only=True):
    """What the page says. Labels come in the language of the page; the national number never comes at all.

    `recognised`: of an EVC, what kind of recognition it is; then `competences` are its points, a page of their own when
    there are more than a few.
    """

    serial: str
    public_code: str
    verify_url: str
    holder_name: str
    birth_date: date
    unit_code: str
    unit_label: str
    trade_label: str
    centre_name: str
    site_city: str
    jury_date: date
    issued_on: date
    scheme_label: str
    standard_version: str
    recognised: Literal["full-qualification", "part-qualification", "competences"] | None = None
    competences: tuple[str, ...] = ()
    language: Literal["fr", "nl", "en", "de"]
    duplicate: bool = False


def render(printed: Printed) -> bytes:
    """The certificate as a PDF. The same facts give the same bytes, whatever the machine and the day.

    It blocks for 6 to 25 milliseconds, without holding the interpreter (the first call for longer: it reads
    the fonts): call it in a thread.
    Refuses (`NotPrintable`) a text that is empty, too long for the page, or has letters that no font of
    ours can draw: a certificate with a hole in a name would be worse than none. Invisible characters
    are left out of the text, so that what is copied from the page is what is seen on it. The refusal
    names the field and the characters, never the value: it may go into a log.
    """
    shown = tuple(_plain_text("competences", one) for one in printed.competences)
    plain = msgspec.structs.replace(printed, **dict(_plain_texts(printed)), competences=shown)
    inputs = {"facts": msgspec.json.encode(plain).decode(), "qr": typesetting.qr(plain.verify_url)}
    try:
        return typesetting.pdf(_CERTIFICATE, inputs, plain.issued_on, root=_TEMPLATES)
    except typst.TypstError as broken:
        _name_the_letters_without_a_font(plain)
        raise NotPrintable(broken.message) from broken


def _plain_texts(printed: Printed) -> Iterator[tuple[str, str]]:
    for field in printed.__struct_fields__:
        value = getattr(printed, field)
        if not isinstance(value, str):
            continue
        text = _plain_text(field, value)
        if field == "verify_url" and not (text == value and text.startswith(("https://", "http://"))):
            raise NotPrintable("verify_url: not a web address")
        yield field, text


def _plain_text(field: str, value: str) -> str:
    text = typesetting.plain(value)
    longest = LONGEST_HEADLINE if field in {"holder_name", "unit_label", "competences"} else LONGEST_TEXT
    _refuse(field, [c for c in text if unicodedata.category(c) in {"Cc", "Cs", "Co"}])
    if not 0 < len(text) <= longest:
        raise NotPrintable(f"{field}: {len(text)} characters, the page takes 1 to {longest}")
    return text


def _name_the_letters_without_a_font(printed: Printed) -> None:
    for field, text in [*_plain_texts(printed), *(("competences", one) for one in printed.competences)]:
        _refuse(field, [letter for letter in text if not letter.isascii() and not typesetting.drawn(letter)])


def _refuse(field: str, characters: list[str]) -> None:
    if characters:
        names = (f"U+{ord(c):04X} {unicodedata.name(c, 'unnamed')}" for c in dict.fromkeys(characters))
        raise NotPrintable(f"{field}: cannot print {', '.join(names)}")
