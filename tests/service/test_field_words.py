"""What is wrong with a field is said in the reader's language, whatever msgspec calls it; and no word stands for nothing."""

import re
from collections.abc import Iterator
from datetime import date
from typing import Annotated, Any, Literal, get_args
from uuid import UUID

import msgspec
import pytest
from litestar import Litestar
from litestar.datastructures import UploadFile
from litestar.params import BodyKwarg
from msgspec import Meta, Struct

from service import field_words
from service.api.fields import Moment
from service.app import assembled
from service.i18n import LANGUAGES, words
from tests.builders.hall import Hall


class Everything(Struct, frozen=True, forbid_unknown_fields=True):
    whole: Annotated[int, Meta(ge=1, le=9)] = 1
    perhaps: int | None = None
    share: Annotated[float, Meta(ge=0, le=1)] = 0
    sure: bool = False
    text: Annotated[str, Meta(min_length=2, max_length=3)] = "ab"
    code: Annotated[str, Meta(pattern="^A$")] = "A"
    several: Annotated[list[int], Meta(min_length=1, max_length=2)] = []
    one: Literal["a", "b"] = "a"
    who: UUID | None = None
    day: date | None = None
    moment: Moment | None = None
    inner: dict[str, int] = {}


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"price": 1}, "There is no field named price here."),
    ({"a `b` - c": 1}, "There is no field named a `b` - c here."),
    ({"x" * 500: 1}, f"There is no field named {'x' * 60} here."),
    ({"100%": 1}, "There is no field named 100% here."),
    ({"whole": 0}, "A number of at least 1 is expected."),
    ({"whole": 10}, "A number of at most 9 is expected."),
    ({"whole": "many"}, "A whole number is expected."),
    ({"perhaps": "many"}, "A whole number is expected."),
    ({"whole": 1e30}, "A whole number is expected."),
    ({"share": -1.5}, "A number of at least 0.0 is expected."),
    ({"share": "half"}, "A number is expected."),
    ({"sure": 3}, "Yes or no is expected."),
    ({"text": "a"}, "At least 2 characters are expected."),
    ({"text": "abcd"}, "At most 3 characters are possible."),
    ({"text": 3}, "A text is expected."),
    ({"code": "B"}, "This is not written in the form that is expected."),
    ({"several": []}, "At least 1 entry is expected."),
    ({"several": [1, 2, 3]}, "At most 2 entries are possible."),
    ({"several": 3}, "A list is expected."),
    ({"one": "c"}, "This is none of the possible answers."),
    ({"who": "me"}, "An identifier (UUID) is expected."),
    ({"day": "soon"}, "A date is expected, as in 2026-12-04."),
    ({"moment": "soon"}, "A moment with its offset from UTC is expected, as in 2026-12-04T09:00:00+01:00."),
    (
        {"moment": "2026-12-04T09:00:00"},
        "A moment with its offset from UTC is expected, as in 2026-12-04T09:00:00+01:00.",
    ),
    ({"inner": 3}, "This is not written in the form that is expected."),
]


def refusal(sent: dict[str, Any]) -> str:
    with pytest.raises(msgspec.ValidationError) as refused:
        msgspec.convert(sent, Everything, strict=False)
    return str(refused.value).rpartition(" - at `$")[0] or str(refused.value)


@pytest.mark.parametrize(("sent", "sentence"), WRONG)
def test_each_message_has_a_sentence_in_four_languages(sent: dict[str, Any], sentence: str) -> None:
    message = refusal(sent)
    told = {language: field_words.said(message, words(language)) for language in LANGUAGES}
    assert told["en"] == sentence
    assert len(set(told.values())) == len(LANGUAGES), told
    assert not [each for each in told.values() if "Expected" in each or "Invalid" in each]


def test_no_message_of_msgspec_goes_untranslated() -> None:
    for message in ("Expected `frozenset` of something new", "Invalid base64 encoded string", "Object of a new kind"):
        assert field_words.said(message, words("de")) == "Das ist nicht in der erwarteten Form geschrieben."
    cut = field_words.said("Object contains unknown field `a", words("nl"))
    assert cut == "Er is hier geen veld met de naam a.", "Litestar cuts at a dash"


SAID = {"fr": "Il n'y a pas de champ nommé is_admin ici.", "nl": "Er is hier geen veld met de naam is_admin.",
        "de": "Ein Feld namens is_admin gibt es hier nicht.", "en": "There is no field named is_admin here."}  # fmt: skip


@pytest.mark.parametrize("language", LANGUAGES)
async def test_a_page_and_a_program_read_it_in_their_language(hall: Hall, language: str) -> None:
    form = {"confirmed": "yes", "is_admin": "1"}
    page = await hall.evaluator.post(f"/record/erasure?lang={language}", data=form, headers={"Accept": "text/html"})
    assert page.status_code == 422
    assert SAID[language].replace("'", "&#39;") in page.text
    assert not re.search(r"Object contains|Expected `|<ul lang", page.text)
    document = await hall.street.noor.post(f"/api/v1/feeds?lang={language}", json={"kind": "candidate", "is_admin": 1})
    assert [each["detail"] for each in document.json()["errors"]] == [SAID[language]]


def kinds(app: Litestar) -> Iterator[tuple[str, Any]]:
    """The type of each field of each form, and of each parameter that text in an address is read as."""
    for route in app.routes:
        for handler in getattr(route, "route_handlers", []):
            for name, parameter in handler.parsed_fn_signature.parameters.items():
                told = parameter.kwarg_definition
                if isinstance(told, BodyKwarg):
                    if told.media_type != "application/json" and issubclass(parameter.annotation, Struct):
                        fields = msgspec.structs.fields(parameter.annotation)
                        yield from ((f"{route.path} {field.name}", field.type) for field in fields)
                elif told is not None:
                    yield f"{route.path} {name}", parameter.annotation


def test_the_word_null_is_nowhere_taken_for_nothing() -> None:
    """Forms and addresses carry text, and msgspec reads this one as None wherever there may be none: NULL too."""
    taken, seen = [], 0
    for where, kind in kinds(assembled("development")):
        if UploadFile in get_args(kind):
            continue  # Litestar's own: a text is no file
        seen += 1
        several = "list[" in str(kind)  # what an address may say several times comes as a list
        for word in [["null"], ["NULL"]] if several else ["null", "NULL"]:
            try:
                read = msgspec.convert(word, kind, strict=False)
            except msgspec.ValidationError:
                continue
            if read is None or read == [None]:
                taken.append(where)
    assert not taken, "\n".join(taken)
    assert seen > 300


NUMBERS = ("/quality?year=null", "/quality/passes?year=NULL", "/quality/passes/table.csv?year=null", "/units/TPCR-1?version=null",
           "/bundles?session=null")  # fmt: skip


@pytest.mark.parametrize("address", NUMBERS)
async def test_an_address_with_null_for_a_number_is_refused_for_that_field(hall: Hall, address: str) -> None:
    answer = await hall.administrator.get(f"{address}&lang=de", headers={"Accept": "text/html"})
    assert answer.status_code == 422
    name = re.split(r"[?=]", address)[1]
    expected = "Kennung" if name == "session" else "Erwartet wird eine ganze Zahl."
    assert f"<code>{name}</code>" in answer.text
    assert expected in answer.text


async def test_a_form_with_null_for_a_year_is_refused_for_that_field(hall: Hall) -> None:
    answer = await hall.administrator.post("/bundles?lang=nl", data={"year": "null"}, headers={"Accept": "text/html"})
    assert (answer.status_code, "Een geheel getal wordt verwacht." in answer.text) == (422, True)
    assert "<code>year</code>" in answer.text
