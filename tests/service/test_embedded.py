"""The embedded servers: they keep what they acknowledged, run as nobody under root, and refuse in one sentence."""

import os
import signal
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import asyncpg
import pytest
import redis.asyncio
import redis.exceptions

from service import embedded
from service.embedded import postgres, processes, sharing
from service.settings import SettingsFault, read

DEBIAN_15 = Path("/usr/lib/postgresql/15/bin")
Start = Callable[..., embedded.Server]


@pytest.fixture
def started() -> Iterator[Callable[[embedded.Server], embedded.Server]]:
    """Servers that end with the test."""
    servers: list[embedded.Server] = []

    def remember(server: embedded.Server) -> embedded.Server:
        servers.append(server)
        return server

    yield remember
    for server in servers:
        server.stop()


@pytest.mark.parametrize("binaries", [None, DEBIAN_15])
async def test_postgres_killed_with_9_has_what_it_acknowledged(
    tmp_path: Path, started: Start, binaries: Path | None
) -> None:
    if binaries is not None and not binaries.exists():
        pytest.skip("PostgreSQL 15 is not installed")
    server = started(embedded.start_postgres(tmp_path, binaries=binaries))
    await _run(server.url, "create table kept (fact text); insert into kept values ('acknowledged')")

    server.process.kill()
    server.process.wait()
    again = started(embedded.start_postgres(tmp_path, binaries=binaries))

    assert again.url == server.url
    assert await _ask(again.url, "select fact from kept") == "acknowledged"


async def test_postgres_sorts_and_compares_by_code_point_in_every_version(tmp_path: Path, started: Start) -> None:
    server = started(embedded.start_postgres(tmp_path, durable=False))

    assert await _ask(server.url, "select string_agg(x, '' order by x) from unnest('{é,z,A,a}'::text[]) x") == "Aazé"
    assert await _ask(server.url, "select upper('épreuve')") == "ÉPREUVE"
    assert await _ask(server.url, "show timezone") == "UTC"


@pytest.mark.parametrize(("gigabytes", "megabytes"), [(0.5, 128), (2, 256), (64, 1024)])
def test_the_servers_memory_follows_the_machines(gigabytes: float, megabytes: int) -> None:
    assert postgres.shared_buffers(int(gigabytes * 1024**3)) == megabytes


async def test_a_durable_server_takes_more_memory_than_one_of_a_test(tmp_path: Path, started: Start) -> None:
    lasting = started(embedded.start_postgres(tmp_path / "lasting"))
    passing = started(embedded.start_postgres(tmp_path / "passing", durable=False))

    taken = "select setting::int * 8 / 1024 from pg_settings where name = 'shared_buffers'"
    lasts, passes = await _ask(lasting.url, taken), await _ask(passing.url, taken)
    assert isinstance(lasts, int)
    assert postgres.LEAST_BUFFERS <= lasts <= postgres.MOST_BUFFERS
    assert passes == postgres.LEAST_BUFFERS // 2


async def test_a_server_left_by_a_killed_program_is_waited_for(tmp_path: Path, started: Start) -> None:
    program = (
        "import sys, time; from pathlib import Path; from service import embedded\n"
        "embedded.start_postgres(Path(sys.argv[1])); embedded.start_valkey(Path(sys.argv[1]))\n"
        "print('up', flush=True); time.sleep(60)"
    )
    with subprocess.Popen([sys.executable, "-c", program, tmp_path], stdout=subprocess.PIPE) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == b"up\n"
        other.kill()

    database = started(embedded.start_postgres(tmp_path))
    queue = started(embedded.start_valkey(tmp_path))

    assert await _ask(database.url, "select 1") == 1
    async with redis.asyncio.from_url(queue.url) as client:
        assert await client.ping()


RECOVERS = """#!/bin/sh
if [ "$1" = -D ]; then
    for step in 1 2 3 4 5 6 7 8; do echo "LOG: redo in progress, step $step"; sleep {pause}; done
fi
exec {postgres} "$@"
"""


async def test_a_server_that_reads_back_for_long_is_waited_for(
    tmp_path: Path, started: Start, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    started(embedded.start_postgres(tmp_path, durable=False)).stop()
    monkeypatch.setattr(processes, "SILENCE", 1.5)
    monkeypatch.setattr(processes, "UNUSUAL", 1.0)

    server = started(embedded.start_postgres(tmp_path, binaries=_recovering(tmp_path, 0.5), durable=False))

    assert await _ask(server.url, "select 1") == 1
    assert "Not ready yet: LOG: redo in progress, step 7" in capfd.readouterr().err


def test_a_server_that_says_nothing_is_given_up(
    tmp_path: Path, started: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    started(embedded.start_postgres(tmp_path, durable=False)).stop()
    monkeypatch.setattr(processes, "SILENCE", 0.5)

    with pytest.raises(SettingsFault, match="did not start: LOG: redo in progress, step 1"):
        embedded.start_postgres(tmp_path, binaries=_recovering(tmp_path, 30), durable=False)


def _recovering(folder: Path, pause: float) -> Path:
    """Programs of which postgres speaks of its recovery for a while, with pauses of so many seconds, before it starts."""
    binaries = folder / "slow"
    binaries.mkdir(mode=0o755)
    (binaries / "postgres").write_text(RECOVERS.format(pause=pause, postgres=postgres.find_binaries() / "postgres"))
    (binaries / "postgres").chmod(0o755)
    return binaries


async def test_a_folder_half_made_is_made_anew(tmp_path: Path, started: Start) -> None:
    (tmp_path / "postgres.new").mkdir()
    (tmp_path / "postgres.new" / "PG_VERSION").write_text("18")

    server = started(embedded.start_postgres(tmp_path, durable=False))

    assert await _ask(server.url, "select current_database()") == "preuve"


async def test_valkey_killed_with_9_has_what_it_acknowledged_and_asks_for_its_password(
    tmp_path: Path, started: Start
) -> None:
    server = started(embedded.start_valkey(tmp_path))
    async with redis.asyncio.from_url(server.url) as client:
        await client.set("job", "acknowledged")
        assert await client.config_get("maxmemory-policy") == {"maxmemory-policy": "noeviction"}

    server.process.kill()
    server.process.wait()
    again = started(embedded.start_valkey(tmp_path))

    async with redis.asyncio.from_url(again.url) as client:
        assert await client.get("job") == b"acknowledged"
    password = (tmp_path / "valkey.password").read_text()
    async with redis.asyncio.from_url(again.url.replace(password, "guessed")) as stranger:
        with pytest.raises(redis.exceptions.ConnectionError, match="invalid username-password"):
            await stranger.ping()
    assert stat.S_IMODE((tmp_path / "valkey.password").stat().st_mode) == 0o600
    assert password not in Path(f"/proc/{again.process.pid}/cmdline").read_text()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has to give way")
async def test_root_gives_way_to_nobody_even_below_a_closed_home(tmp_path: Path, started: Start) -> None:
    home = tmp_path / "home"
    home.mkdir(mode=0o700)

    server = started(embedded.start_postgres(home / "data", durable=False))

    lines = Path(f"/proc/{server.process.pid}/status").read_text().splitlines()
    assert "0" not in next(line for line in lines if line.startswith("Uid")).split()
    assert await _ask(server.url, "select 1") == 1


async def test_a_folder_too_deep_for_a_socket_gets_a_short_one_that_stays(tmp_path: Path, started: Start) -> None:
    deep = tmp_path / ("deep" * 20) / "data"

    first = started(embedded.start_valkey(deep))
    first.stop()
    second = started(embedded.start_valkey(deep))

    assert first.url == second.url
    socket = Path(second.url.partition("@")[2].partition("?")[0])
    assert len(str(socket)) < 107
    second.stop()
    socket.parent.rmdir()


def test_data_of_another_version_are_refused(tmp_path: Path) -> None:
    (tmp_path / "postgres").mkdir()
    (tmp_path / "postgres" / "PG_VERSION").write_text("12\n")

    with pytest.raises(SettingsFault, match="was made by PostgreSQL 12"):
        embedded.start_postgres(tmp_path)


def test_chosen_binaries_must_be_there(tmp_path: Path) -> None:
    with pytest.raises(SettingsFault, match="there is no postgres in"):
        postgres.find_binaries(tmp_path)


def test_a_stranger_with_the_old_process_id_is_left_alone(tmp_path: Path) -> None:
    with subprocess.Popen(["sleep", "60"]) as stranger:
        (tmp_path / "valkey.pid").write_text(f"{stranger.pid} 1")

        processes.await_end(tmp_path / "valkey.pid", ends=[signal.SIGTERM], seconds=0.1)

        assert stranger.poll() is None
        stranger.kill()


def test_one_program_holds_a_data_folder(tmp_path: Path) -> None:
    with sharing.held(tmp_path, who="preuve run"):
        who = rf"already used by preuve run \(process {os.getpid()}\)"
        with pytest.raises(SettingsFault, match=who), sharing.held(tmp_path, who="preuve check"):
            pass
        assert sharing.user(tmp_path)
    assert sharing.user(tmp_path) == ""


def test_web_and_worker_do_not_start_servers_of_their_own(tmp_path: Path) -> None:
    settings = read({"PREUVE_DATA": str(tmp_path / "data")})

    refused = pytest.raises(SettingsFault, match="preuve web needs DATABASE_URL and REDIS_URL")
    with refused, embedded.servers(settings, who="preuve web", start=False):
        pass
    assert not (tmp_path / "data").exists()


async def _run(url: str, statement: str) -> None:
    connection = await asyncpg.connect(url)
    await connection.execute(statement)
    await connection.close()


async def _ask(url: str, question: str) -> object:
    connection = await asyncpg.connect(url)
    try:
        return await connection.fetchval(question)
    finally:
        await connection.close()
