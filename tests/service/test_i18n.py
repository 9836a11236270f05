"""Four languages: nothing untranslated, nothing left over, dates and numbers as each language writes them."""

import re
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from functools import cache
from io import BytesIO
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po
from jinja2 import Environment, nodes

from service.i18n import CATALOGUES, LANGUAGES, negotiate, words

SERVICE = CATALOGUES.parent
TEMPLATES = SERVICE / "web" / "templates"
METHODS = [("**.py", "python"), ("**.html", "jinja2.ext:babel_extract")]
KEYWORDS = {"_": None, "N_": None, "gettext": None, "ngettext": (1, 2)}
TO_TRANSLATE = [language for language in LANGUAGES if language != "en"]
PLACEHOLDER = re.compile(r"%(?:\((\w+)\)[sd]|%)")

NAMES = {"Preuve", "Construcity", "Digitalcity", "Logisticity", "Technicity"}

Sentence = str | tuple[str, str]


@cache  # to take every module and template apart takes seconds
def sentences() -> frozenset[Sentence]:
    found = extract_from_dir(SERVICE, METHODS, keywords=KEYWORDS)
    return frozenset(message for _, _, message, _, _ in found if message)


@cache
def entries(language: str) -> tuple[tuple[Sentence, tuple[str, ...], Path], ...]:
    return tuple(
        (message.id, (message.string,) if isinstance(message.string, str) else tuple(message.string), file)
        for file in sorted((CATALOGUES / language).glob("*.po"))
        for message in read_po(BytesIO(file.read_bytes()), locale=language)
        if message.id
    )


@pytest.mark.parametrize("language", TO_TRANSLATE)
def test_every_sentence_is_translated(language: str) -> None:
    translated = {sentence for sentence, said, _ in entries(language) if all(said)}
    missing = sorted(sentences() - translated, key=str)
    if missing:
        pytest.fail(f"to add under service/locales/{language}/:\n\n" + "\n".join(map(as_po, missing)), pytrace=False)


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_translation_outlives_its_sentence(language: str) -> None:
    known = sentences()
    assert [f"{file.name}: {sentence}" for sentence, _, file in entries(language) if sentence not in known] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_sentence_that_two_files_translate_says_the_same_in_both(language: str) -> None:
    times = Counter(sentence for sentence, _ in {(sentence, said) for sentence, said, _ in entries(language)})
    assert [sentence for sentence, count in times.items() if count > 1] == []


TWINS = {  # other names that one thing once had, which its sentences no longer use
    "fr": r"séance|\bsalles?\b|courriel|(?<!e-)\bmail\b|assesseur|électronique",
    "nl": r"\bproef\b|\bproeven\b|evaluator|observator|assessor|reservatie|inlog|delibere|regeling|\bvol\b",
    "de": r"sitzung|reservierung|\bstorn|ausrüstung|ausstattung|zulassung|bewertende|assessor|beziehung",
}


@pytest.mark.parametrize("language", TWINS)
def test_one_thing_has_one_name(language: str) -> None:
    """In every page and letter; the words of catalogue and certificate are not ours to change."""
    assert [said for _, said, _ in entries(language) if re.search(TWINS[language], " ".join(said), re.I)] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_translations_keep_the_values_of_their_sentence(language: str) -> None:
    for sentence, said, _ in entries(language):
        expected = placeholders(sentence[-1] if isinstance(sentence, tuple) else sentence)
        assert placeholders(said[-1]) == expected, said
        assert all(placeholders(translation) <= expected for translation in said), said  # one may do without its number
        assert "%" not in PLACEHOLDER.sub("", "".join(said)), said


def test_templates_leave_the_colon_to_the_language() -> None:
    glued = [file.name for file in sorted(TEMPLATES.rglob("*.html")) if "}}: " in file.read_text()]
    assert not glued, "words.colon: French keeps it apart"


def test_templates_say_nothing_that_is_not_translated() -> None:
    untranslated = []
    for file in sorted(TEMPLATES.rglob("*.html")):
        if file.name == "look.html":  # for those who build, with made-up contents
            continue
        tree = Environment(extensions=["jinja2.ext.i18n"]).parse(file.read_text())
        text = "\0".join(node.data for node in tree.find_all(nodes.TemplateData))
        plain = re.sub(r"<(?:[^<>])*>?|&\w+;|[\w-]+=\"", " ", text)
        untranslated += [f"{file.name}: {word}" for word in re.findall(r"[A-Za-zÀ-ÿ]{4,}", plain) if word not in NAMES]
    assert not [each for each in untranslated if not each.split(": ")[1].islower()]


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("fr", "vendredi 4 décembre 2026, 9 h 00"),
        ("nl", "vrijdag 4 december 2026, 9.00 uur"),
        ("en", "Friday, 4 December 2026, 09:00"),
        ("de", "Freitag, 4. Dezember 2026, 9:00 Uhr"),
    ],
)
def test_moments_are_said_in_brussels_time(language: str, said: str) -> None:
    assert words(language).moment(datetime(2026, 12, 4, 8, tzinfo=UTC)) == said


@pytest.mark.parametrize(
    ("language", "said", "first"),
    [
        ("fr", "17 mai 1990", "1er mai 1990"),
        ("nl", "17 mei 1990", "1 mei 1990"),
        ("en", "17 May 1990", "1 May 1990"),
        ("de", "17. Mai 1990", "1. Mai 1990"),
    ],
)
def test_a_date_of_birth_is_said_without_its_weekday(language: str, said: str, first: str) -> None:
    assert (words(language).birth_date(date(1990, 5, 17)), words(language).birth_date(date(1990, 5, 1))) == (
        said,
        first,
    )


def test_summer_and_winter_show_the_same_hour_on_the_wall() -> None:
    before, after = datetime(2026, 10, 24, 7, tzinfo=UTC), datetime(2026, 10, 26, 8, tzinfo=UTC)
    assert words("fr").clock(before) == words("fr").clock(after) == "9 h 00"


def test_a_moment_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="without a zone"):
        words("fr").moment(datetime(2026, 12, 4, 8))


def test_a_deadline_names_the_day_unless_it_is_today() -> None:
    """Else whoever gets an offer in the evening believes that 7 o'clock has passed."""
    until, midnight = datetime(2026, 12, 4, 6, tzinfo=UTC), datetime(2026, 12, 3, 23, tzinfo=UTC)
    said = [words("fr").deadline(until, midnight + timedelta(minutes=minutes)) for minutes in (0, -1)]
    assert said == ["7\xa0h\xa000", "vendredi 4 décembre 2026, 7\xa0h\xa000"]


def test_a_span_names_the_day_once_and_both_days_over_midnight() -> None:
    starts = datetime(2026, 12, 4, 8, tzinfo=UTC)
    assert words("fr").span(starts, datetime(2026, 12, 4, 11, 30, tzinfo=UTC)) == (
        "vendredi 4 décembre 2026, de 9 h 00 à 12 h 30"
    )
    assert words("fr").span(starts, datetime(2026, 12, 5, 8, tzinfo=UTC)).count("décembre") == 2


def test_numbers_percentages_and_lists_follow_the_language() -> None:
    assert words("fr").percent(0.674) == "67,4\xa0%"
    assert words("nl").percent(0.5) == "50%"
    assert words("de").number(12345.5) == "12.345,5"
    assert words("fr").series(["Anderlecht", "Forest", "Auderghem"]) == "Anderlecht, Forest et Auderghem"
    assert words("fr").duration(210) == "3 h 30 min"
    assert [words(language).colon for language in ("fr", "nl", "en", "de")] == ["\xa0:", ":", ":", ":"]
    assert words("nl").short_day(date(2026, 12, 4)) == "vr 4 dec 2026"


def test_french_says_the_first_of_a_month_as_such() -> None:
    assert words("fr").day(date(2026, 12, 1)) == "mardi 1er décembre 2026"
    assert words("fr").short_day(date(2026, 12, 1)) == "mar. 1er déc. 2026"
    assert words("fr").day(date(2026, 12, 21)) == "lundi 21 décembre 2026"
    assert words("nl").day(date(2026, 12, 1)) == "dinsdag 1 december 2026"


def test_plural_follows_the_language() -> None:
    one, many = "There is a problem", "There are %(num)d problems"
    assert words("fr").ngettext(one, many, 1) == "Il y a un problème"
    assert words("nl").ngettext(one, many, 3) == "Er zijn 3 problemen"


@pytest.mark.parametrize(
    ("asked", "remembered", "of_account", "accepted", "language"),
    [
        ("nl", "fr", "de", "en", "nl"),
        (None, "fr", "de", "en", "fr"),
        (None, None, "de", "en", "de"),
        (None, None, None, "en-GB,en;q=0.9,nl;q=0.8", "en"),
        (None, None, None, "it, nl;q=0.5, de;q=0.9", "de"),
        (None, None, None, "nl;q=0, *;q=0.1", "fr"),
        (None, None, None, "it", "fr"),
        ("xx", "<script>", None, ";q=,,;q=x", "fr"),
    ],
)
def test_the_language_is_what_was_asked_then_remembered_then_the_accounts_then_the_browsers(
    asked: str | None, remembered: str | None, of_account: str | None, accepted: str, language: str
) -> None:
    assert negotiate(asked, remembered, of_account, accepted) == language


def placeholders(text: str) -> set[str]:
    return {name for name in PLACEHOLDER.findall(text) if name}


def as_po(sentence: Sentence) -> str:
    if isinstance(sentence, tuple):
        one, many = sentence
        return f'msgid "{one}"\nmsgid_plural "{many}"\nmsgstr[0] ""\nmsgstr[1] ""\n'
    return f'msgid "{sentence}"\nmsgstr ""\n'
