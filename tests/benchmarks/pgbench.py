"""The ceiling: pgbench writing what a booking over HTTP writes, by the same function, in one round trip each."""

import asyncio
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from msgspec import Struct

from service.embedded.postgres import find_binaries
from tests.benchmarks.load import Run, summary

ANSWER = "x" * 120  # as long as the answer that is kept
WARMING_UP = 4  # seconds: each connection plans its first five orders anew, which ours have done long ago


def booking_script(candidate: str, session: str) -> str:
    """A pgbench script that books; `candidate` and `session` are expressions of its variables."""
    return f"""select * from service.order_seat(
        public.crowd_id(172, {candidate}), public.crowd_id(202, {candidate}), public.crowd_id({session}),
        'bench-' || :n, '{"0" * 64}', gen_random_uuid(), 201, convert_to('{ANSWER}', 'UTF8'), now(), null, 0);
""".replace("\n        ", " ")


class Ceiling(Struct, frozen=True):
    """A run of pgbench after its warming up; PostgreSQL's seconds of processor time for each of its transactions; and how
    many there were with the warming up."""

    run: Run
    cpu: float
    transactions: int


async def pgbench(
    url: str, script: str, *, seconds: int, clients: int, cpu: Callable[[], float], **variables: int
) -> Ceiling:
    """Run a script. Fails when one of its transactions does: refusals would be cheaper than bookings."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "script.sql").write_text(script)
        given = [part for name, value in variables.items() for part in ("-D", f"{name}={value}")]
        process = await asyncio.create_subprocess_exec(
            find_binaries() / "pgbench",
            *("-n", "-M", "prepared", "-c", str(clients), "-j", "2", "-T", str(WARMING_UP + seconds)),
            *("-f", "script.sql", "--log", "--log-prefix=taken", *given, url),
            cwd=folder,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        await asyncio.sleep(WARMING_UP)
        begun, before = time.time(), cpu()
        out, err = await process.communicate()
        used = cpu() - before
        assert process.returncode == 0, err.decode()[-1500:] or out.decode()
        return _counted(Path(folder), begun, seconds, used)


def _counted(folder: Path, begun: float, seconds: int, used: float) -> Ceiling:
    """pgbench has logged every transaction: its third word is how long it took, the last two are when it ended."""
    lines = [line.split() for log in folder.glob("taken.*") for line in log.read_text().splitlines()]
    ended = [(int(line[4]) + int(line[5]) / 1e6 - begun, int(line[2]) / 1000) for line in lines]
    run = summary(float(seconds), [took for at, took in ended if 0 <= at < seconds])
    return Ceiling(run, used / sum(at >= 0 for at, _ in ended), len(ended))
