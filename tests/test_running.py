"""`gishe run` as a service manager starts and stops it."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest

ROOT = Path(__file__).parent.parent


@asynccontextmanager
async def running(folder: Path) -> AsyncIterator[asyncio.subprocess.Process]:
    settings = {"PORT": "0", "PYTHONPATH": str(ROOT), "LC_ALL": "C.UTF-8", "TELEGRAM_TOKEN": ""}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot", "run", cwd=folder, env={**os.environ, **settings},
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def ends_well(process: asyncio.subprocess.Process) -> None:
    process.send_signal(signal.SIGTERM)
    _out, errors = await process.communicate()
    assert "Traceback" not in errors.decode()
    assert process.returncode == 0


@pytest.mark.timeout(120)
async def test_it_starts_lean_answers_and_ends_when_told(tmp_path: Path) -> None:
    async with running(tmp_path) as process:
        assert process.stdout
        address = (await process.stdout.readline()).decode().split()[-1]
        async with aiohttp.ClientSession() as http, http.get(address) as answer:
            assert answer.status == 200
            assert "<main" in await answer.text()
        called = Path(f"/proc/{process.pid}/cmdline")
        if called.exists():
            assert called.read_bytes().split(b"\0")[1:4] == [b"-OO", b"-X", b"no_debug_ranges"]
        await ends_well(process)


@pytest.mark.timeout(120)
async def test_it_ends_well_while_it_still_starts(tmp_path: Path) -> None:
    async with running(tmp_path) as process:
        while not (tmp_path / "data" / "gishe.db").exists():  # The first thing it makes, long before it answers.
            await asyncio.sleep(0.01)
        await ends_well(process)
