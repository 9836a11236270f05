"""The ceiling: pgbench writing what a booking over HTTP writes, by the same function, in one round trip each."""

import asyncio
import re
import tempfile
from pathlib import Path

from service.embedded.postgres import find_binaries
from tests.benchmarks.load import Run, summary

ANSWER = "x" * 120  # as long as the answer that is kept


def booking_script(candidate: str, session: str) -> str:
    """A pgbench script that books; `candidate` and `session` are expressions of its variables."""
    return f"""select * from service.order_seat(
        public.crowd_id(172, {candidate}), public.crowd_id(202, {candidate}), public.crowd_id({session}),
        'bench-' || :n, '{"0" * 64}', gen_random_uuid(), 201, convert_to('{ANSWER}', 'UTF8'), now(), null, 0);
""".replace("\n        ", " ")


async def pgbench(url: str, script: str, *, seconds: int, clients: int, **variables: int) -> Run:
    """Run a script. Fails when one of its transactions does: refusals would be cheaper than bookings."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "script.sql").write_text(script)
        given = [part for name, value in variables.items() for part in ("-D", f"{name}={value}")]
        process = await asyncio.create_subprocess_exec(
            find_binaries() / "pgbench",
            *("-n", "-M", "prepared", "-c", str(clients), "-j", "2", "-T", str(seconds), "-f", "script.sql"),
            *("--log", "--log-prefix=taken", *given, url),
            cwd=folder,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        out, err = await process.communicate()
        assert process.returncode == 0, err.decode()[-1500:]
        lines = [line.split() for log in Path(folder).glob("taken.*") for line in log.read_text().splitlines()]
    tps = re.search(r"tps = ([\d.]+) \(without", out.decode())
    assert tps is not None, out.decode()
    run = summary(float(seconds), [int(line[2]) / 1000 for line in lines])
    return Run(float(tps[1]), run.p50, run.p99, run.count)
