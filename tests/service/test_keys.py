"""The keys of national numbers: made once for all processes, private, renewed without losing a number, never printed."""

import argparse
import stat
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path

import asyncpg
import pytest

from assessments import national_numbers
from service import keys
from service.db import speak_json
from service.settings import Settings, SettingsFault
from tests.builders.assessments import a_candidate
from tests.builders.privacy import NUMBER
from tests.builders.web import settings_for


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Settings:
    return settings_for(database_url, "redis://127.0.0.1:1", tmp_path / "data")


async def test_the_file_is_made_once_for_all_processes_and_is_private(settings: Settings) -> None:
    with ThreadPoolExecutor(8) as at_once:
        made = list(at_once.map(lambda _: keys.keyring(settings), range(8)))
    assert len({ring.lookup for ring in made}) == len({ring.current for ring in made}) == 1
    assert stat.S_IMODE(keys.path(settings).stat().st_mode) == 0o600
    assert {len(made[0].lookup), *(len(key) for key in made[0].keys.values())} == {32}
    assert [file.name for file in settings.data.iterdir()] == ["keys.json"]


@pytest.mark.parametrize("content", [b"", b"{}", b'{"keys": [], "lookup": ""}', b"\xff"])
async def test_a_damaged_file_is_told_and_not_replaced(settings: Settings, content: bytes) -> None:
    settings.data.mkdir()
    keys.path(settings).write_bytes(content)
    with pytest.raises(SettingsFault, match="national numbers"):
        keys.keyring(settings)
    assert keys.path(settings).read_bytes() == content


async def test_after_a_rotation_every_number_is_read_with_the_new_key_alone(settings: Settings, now: datetime) -> None:
    connection = await asyncpg.connect(settings.database_url)
    await speak_json(connection)
    noor, before = await a_candidate(connection, now=now), keys.keyring(settings)
    await national_numbers.record(connection, noor, NUMBER, keyring=before, now=now)
    assert await keys.rotate(connection, settings, now=now) == 1
    after = keys.keyring(settings)
    assert after.current != before.current
    assert after.lookup == before.lookup
    assert before.current in after.keys, "what is being written under the former key can still be read"
    assert await keys.forget(connection, settings, now=now + timedelta(hours=23)) == []
    assert await keys.forget(connection, settings, now=now + timedelta(hours=25)) == [before.current]
    assert list(keys.keyring(settings).keys) == [after.current]
    assert await national_numbers.masked(connection, noor, keyring=keys.keyring(settings)) == "••.••.••-•••.90"
    await connection.close()


async def test_a_key_that_still_seals_something_is_not_forgotten(settings: Settings, now: datetime) -> None:
    connection = await asyncpg.connect(settings.database_url)
    await speak_json(connection)
    former = keys.keyring(settings)
    await keys.rotate(connection, settings, now=now)
    await national_numbers.record(connection, await a_candidate(connection, now=now), NUMBER, keyring=former, now=now)
    assert await keys.forget(connection, settings, now=now + timedelta(days=9)) == []
    assert await keys.rotate(connection, settings, now=now) == 1, "the straggler is sealed anew"
    await connection.close()


def test_the_command_lists_rotates_and_never_prints_a_key(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    for act in ("list", "rotate", "list", "forget"):
        assert keys.command(argparse.Namespace(act=act), settings) == 0
    said = capsys.readouterr().out
    assert "current" in said
    assert "retired" in said
    file = keys.path(settings).read_text()
    for secret in (part for part in file.split('"') if len(part) > 40):
        assert secret not in said
