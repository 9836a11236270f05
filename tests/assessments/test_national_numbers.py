"""National numbers: sealed under keys outside the database, known twice to nobody, shown by two digits only."""

from datetime import datetime
from uuid import uuid4

import asyncpg
import pytest
from cryptography.exceptions import InvalidTag

from assessments import candidates, national_numbers
from assessments.refusals import BY_CONSTRAINT, NationalNumberInvalid, NationalNumberKnown, NotFound
from tests.builders.assessments import a_candidate
from tests.builders.privacy import ANOTHER, NUMBER, WRITTEN, a_keyring

Tx = asyncpg.Connection
KEYS = a_keyring()


@pytest.mark.parametrize("number", [NUMBER, WRITTEN, " 88 02 29 999 90 ", "90451799917", "90251799971", "05051799918"])
async def test_a_number_is_kept_however_it_is_written_bis_numbers_too(tx: Tx, now: datetime, number: str) -> None:
    noor = await a_candidate(tx, now=now)
    await national_numbers.record(tx, noor, number, keyring=KEYS, now=now)
    digits = number.strip().replace(" ", "").replace(".", "").replace("-", "")
    assert await national_numbers.masked(tx, noor, keyring=KEYS) == f"••.••.••-•••.{digits[-2:]}"
    assert await national_numbers.matches(tx, noor, number, keyring=KEYS)
    assert not await national_numbers.matches(tx, noor, ANOTHER, keyring=KEYS)


@pytest.mark.parametrize(
    "number", ["", "88022999991", "8802299999", "880229999900", "88132999990", "abcdefghijk", "٨٨٠٢٢٩٩٩٩٩٠"]
)
async def test_what_is_no_national_number_is_refused(tx: Tx, now: datetime, number: str) -> None:
    noor = await a_candidate(tx, now=now)
    with pytest.raises(NationalNumberInvalid):
        await national_numbers.record(tx, noor, number, keyring=KEYS, now=now)


async def test_the_row_tells_nothing_and_the_same_number_is_sealed_differently_each_time(tx: Tx, now: datetime) -> None:
    noor, seals = await a_candidate(tx, now=now), set()
    for _ in range(2):
        await national_numbers.record(tx, noor, NUMBER, keyring=KEYS, now=now)
        row = await tx.fetchrow("select n::text as whole, sealed from assessments.national_numbers n")
        assert row is not None
        assert NUMBER not in row["whole"]
        assert NUMBER.encode() not in row["sealed"]
        seals.add(row["sealed"])
    assert len(seals) == 2


async def test_one_number_belongs_to_one_candidate(tx: Tx, now: datetime) -> None:
    noor, sam = await a_candidate(tx, now=now), await a_candidate(tx, now=now)
    await national_numbers.record(tx, noor, NUMBER, keyring=KEYS, now=now)
    with pytest.raises(asyncpg.UniqueViolationError) as broken:
        async with tx.transaction():
            await national_numbers.record(tx, sam, WRITTEN, keyring=a_keyring("first", "second"), now=now)
    assert BY_CONSTRAINT[str(broken.value.constraint_name)] is NationalNumberKnown


async def test_recording_again_corrects(tx: Tx, now: datetime) -> None:
    noor = await a_candidate(tx, now=now)
    for number in (ANOTHER, NUMBER):
        await national_numbers.record(tx, noor, number, keyring=KEYS, now=now)
    assert await national_numbers.masked(tx, noor, keyring=KEYS) == "••.••.••-•••.90"


async def test_a_row_copied_to_somebody_else_or_changed_does_not_open(tx: Tx, now: datetime) -> None:
    noor, sam = await a_candidate(tx, now=now), await a_candidate(tx, now=now)
    await national_numbers.record(tx, noor, NUMBER, keyring=KEYS, now=now)
    await tx.execute("update assessments.national_numbers set candidate_id = $1", sam)
    with pytest.raises(InvalidTag):
        await national_numbers.masked(tx, sam, keyring=KEYS)
    await tx.execute(
        "update assessments.national_numbers set candidate_id = $1, sealed = set_byte(sealed, 20, 0)", noor
    )
    with pytest.raises(InvalidTag):
        await national_numbers.masked(tx, noor, keyring=KEYS)


async def test_rotation_seals_every_number_under_the_new_key_in_batches(tx: Tx, now: datetime) -> None:
    old, new = a_keyring("first"), a_keyring("first", "second")
    people = [await a_candidate(tx, now=now) for _ in range(3)]
    numbers = (NUMBER, ANOTHER, "90451799917")
    for person, number in zip(people, numbers, strict=True):
        await national_numbers.record(tx, person, number, keyring=old, now=now)
    assert [await national_numbers.rotate(tx, keyring=new, most=2) for _ in range(3)] == [2, 1, 0]
    assert await national_numbers.keys_in_use(tx) == {"second": 3}
    only_new = a_keyring("second")
    for person, number in zip(people, numbers, strict=True):
        assert await national_numbers.masked(tx, person, keyring=only_new) == f"••.••.••-•••.{number[-2:]}"
        assert await national_numbers.matches(tx, person, number, keyring=only_new)


async def test_nobody_unknown_and_nobody_erased_gets_a_number(tx: Tx, now: datetime) -> None:
    noor = await a_candidate(tx, now=now)
    await candidates.erase(tx, noor, by=None, now=now)
    for person in (noor, uuid4()):
        with pytest.raises(NotFound):
            await national_numbers.record(tx, person, NUMBER, keyring=KEYS, now=now)


async def test_neither_birth_date_nor_gender_is_taken_from_the_number(tx: Tx, now: datetime) -> None:
    noor = await a_candidate(tx, now=now)
    before = await candidates.get(tx, noor)
    await national_numbers.record(tx, noor, NUMBER, keyring=KEYS, now=now)
    assert await candidates.get(tx, noor) == before


def test_a_keyring_does_not_tell_its_keys() -> None:
    assert repr(KEYS) == "Keyring(…)"
    assert "kkkk" not in f"{KEYS} {KEYS!r}"
