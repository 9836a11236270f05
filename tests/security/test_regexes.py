"""No text makes a pattern think: each is run on what is worst for it, as long as it may come; and what takes a pattern in a
body or an address also has a longest length (msgspec's matcher backtracks)."""

import ast
import re
import time
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from service import bodies
from service.settings import read
from tests.builders.web import an_app, stranger

HOUSE = Path(__file__).parents[2]
PACKAGES = ("service", "assessments", "scheduling", "certificates", "migrations")
RUNS = {"compile", "match", "fullmatch", "search", "sub", "split", "findall", "finditer"}
LONGEST = 10_000  # characters: the longest text that a field takes
WORK = re.compile(r"[^@]{1,64}@")  # begun anew at every letter of the longest text: ten times this is allowed
SEARCHES = re.compile(r"\.(search|sub|split|findall|finditer)\(")


@cache
def calls() -> tuple[tuple[str, ast.Call], ...]:
    return tuple(_calls())


def _calls() -> Iterator[tuple[str, ast.Call]]:
    for package in PACKAGES:
        for path in (HOUSE / package).rglob("*.py"):
            if "seed" in path.parts or "tour" in path.parts or "embedded" in path.parts:
                continue  # they read our own files
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute | ast.Name):
                    yield str(path.relative_to(HOUSE)), node


def name_of(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else call.func.id  # type: ignore[attr-defined]


@cache
def patterns() -> dict[str, str | bytes]:
    found: dict[str, str | bytes] = {}
    for path, call in calls():
        is_re = (
            isinstance(call.func, ast.Attribute)
            and isinstance(call.func.value, ast.Name)
            and call.func.value.id == "re"
        )
        given = [call.args[0]] if is_re and name_of(call) in RUNS and call.args else []
        given += [keyword.value for keyword in call.keywords if keyword.arg == "pattern"]
        for one in given:
            if isinstance(one, ast.Constant):
                found[f"{path}:{call.lineno}"] = one.value
    return found


def attacks(pattern: str | bytes) -> Iterator[str]:
    """Long runs of whatever the pattern speaks of, that fail at the very end; and pairs of them."""
    text = pattern.decode("latin-1") if isinstance(pattern, bytes) else pattern
    letters = sorted(set(re.sub(r"\\[wWdDsSbB.]", "", text)) - set("()|?*+^${}") | set('a0A- \n\\".,:;/'))
    for one in letters:
        yield one * LONGEST + "\0"
    for one in letters:
        for other in "a0-\\ ":
            yield (one + other) * (LONGEST // 2) + "\0"


def test_there_are_patterns_to_look_at() -> None:
    assert len(patterns()) >= 15


@pytest.mark.parametrize("place", sorted(patterns()))
def test_a_pattern_answers_at_once_whatever_comes(place: str) -> None:
    pattern = patterns()[place]
    compiled = re.compile(pattern, re.S)
    searches = SEARCHES.search((HOUSE / place.partition(":")[0]).read_text()) is not None
    worst = max(
        seconds(
            compiled, searches, attack.encode("latin-1", "replace") if isinstance(pattern, bytes) else attack, allowed()
        )
        for attack in attacks(pattern)
    )
    assert worst < allowed()


@cache
def allowed() -> float:
    """Seconds on this machine, whatever it is: a ratio, not a time."""
    return 10 * max(seconds(WORK, True, "a" * LONGEST, 0) for _ in range(3))


def seconds(
    compiled: "re.Pattern[str] | re.Pattern[bytes]", searches: bool, attack: str | bytes, enough: float
) -> float:
    """From the beginning and from everywhere, whichever the house does; three times where the first was slow."""
    took = []
    while len(took) < 3 and (not took or took[-1] > enough):
        began = time.thread_time()  # not what others take of the machine
        compiled.match(attack)  # type: ignore[arg-type]
        if searches:
            compiled.search(attack)  # type: ignore[arg-type]
        took.append(time.thread_time() - began)
    return min(took)


@pytest.mark.parametrize("pattern", [bodies.STRING, bodies.ESCAPED_NUL])
def test_a_whole_body_is_searched_in_time(pattern: "re.Pattern[bytes]") -> None:
    for piece in (b"\\", b'"', b'\\"', b'"\\', b"[", b"\\u000", b'a"'):
        began = time.process_time()
        pattern.sub(b"", (piece * bodies.LIMIT)[: bodies.LIMIT])
        assert time.process_time() - began < 0.5, piece


def test_the_control_a_bad_pattern_is_caught() -> None:
    bad = re.compile(r"^(a|a)*$")
    assert seconds(bad, False, "a" * 22 + "\0", allowed()) > allowed()


def test_whatever_takes_a_pattern_from_outside_has_a_longest_length() -> None:
    """The catalogue's files are ours or an administrator's, and no longer than service/web/catalogue.py takes them."""
    unbounded = [
        f"{path}:{call.lineno}"
        for path, call in calls()
        if path.startswith("service/")
        and any(keyword.arg == "pattern" for keyword in call.keywords)
        and not any(keyword.arg == "max_length" for keyword in call.keywords)
    ]
    assert unbounded == []


def test_no_pattern_lets_a_line_end_follow() -> None:
    """`$` matches before a line end at the end, too: an address for letters with one stops every mail to it."""
    ends = {
        f"{path}:{call.lineno}": keyword.value.value
        for path, call in calls()
        for keyword in call.keywords
        if keyword.arg == "pattern" and isinstance(keyword.value, ast.Constant)
    }
    assert len(ends) > 20
    assert [place for place, pattern in ends.items() if pattern.endswith("$")] == []


async def test_every_text_in_a_body_or_an_address_has_a_longest_length() -> None:
    """What the description of the interface says is what msgspec keeps to."""
    said = (await stranger(an_app(read({}))).get("/api/openapi.json")).json()
    endless = [
        f"{path} {parameter['name']}"
        for path, item in said["paths"].items()
        for operation in item.values()
        for parameter in operation.get("parameters", [])
        if parameter["schema"].get("type") == "string"
        and parameter["in"] != "path"
        and not {"maxLength", "format", "enum"} & set(parameter["schema"])
    ]
    assert endless == []
    bodies = {
        operation["requestBody"]["content"][kind]["schema"]["$ref"].rpartition("/")[2]
        for item in said["paths"].values()
        for operation in item.values()
        if "requestBody" in operation
        for kind in operation["requestBody"]["content"]
    }
    free = [
        f"{name}.{field}"
        for name in bodies
        for field, schema in said["components"]["schemas"][name].get("properties", {}).items()
        if schema.get("type") == "string" and not {"maxLength", "format", "enum"} & set(schema)
    ]
    assert free == []
