"""How many updates a bot answers on one core, how soon, and in how much memory: Gishe beside bare echo bots.

    python bench/inbound.py [--mode polling|webhook|both|journal] [--updates N] [--people M] [--rounds R] [--rate 200]
                            [--python .venv-run/bin/python]

A stub Bot API (bench/stub_bot_api.py, its own process and core) hands out the updates and counts the answers. Each
round takes every bot in turn, freshly started; the figures are medians of the rounds (least–most).
"""

import argparse
import json
import os
import platform
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Any

import psutil

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from bench.citizens import MIX_IN_WORDS  # noqa: E402
from bot.__main__ import LEAN  # noqa: E402

BOT_CORE, STUB_CORE = 0, 1
GISHE = str(ROOT / "bench/gishe_bot.py")
STREAM_S = 5.0  # How long updates come at the given rate.
PACKAGES = ("python-telegram-bot", "httpx", "aiogram", "aiohttp", "SQLAlchemy", "aiosqlite", "orjson")
BASE = "PTB echo, polling"


@dataclass
class Bot:
    """One of the bots: how it is started, and what was measured of it, a figure for each round."""

    name: str
    script: str
    webhook: bool = False
    options: tuple[str, ...] = ()
    figures: dict[str, list[float]] = field(default_factory=dict)

    @property
    def is_gishe(self) -> bool:
        return self.script == "gishe_bot.py"

    def note(self, **figures: float) -> None:
        for name, value in figures.items():
            self.figures.setdefault(name, []).append(value)


def bots(mode: str) -> list[Bot]:
    found = [Bot(BASE, "echo_ptb.py"), Bot("aiogram echo, polling", "echo_aiogram.py")]
    if mode in ("polling", "both"):
        found += [Bot("Gishe, polling", "gishe_bot.py"),
                  Bot("Gishe, polling, no limit", "gishe_bot.py", options=("--no-limit",))]  # fmt: skip
    if mode in ("webhook", "both"):
        found += [Bot("Gishe, webhook", "gishe_bot.py", webhook=True),
                  Bot("Gishe, webhook, no limit", "gishe_bot.py", webhook=True, options=("--no-limit",))]  # fmt: skip
    if mode == "journal":
        found = [Bot("Gishe, no journal", "gishe_bot.py", options=("--no-limit", "--no-journal")),
                 Bot("Gishe, journalled", "gishe_bot.py", options=("--no-limit",))]  # fmt: skip
    return found


class Stub:
    """The stub's process, and the pipe by which it is told what to do."""

    def __init__(self, *options: str) -> None:
        script = str(ROOT / "bench/stub_bot_api.py")
        self.process = subprocess.Popen([sys.executable, script, *options], stdin=-1, stdout=-1, text=True)
        pin(self.process.pid, STUB_CORE)
        self.url = f"http://127.0.0.1:{self._read()['port']}"

    def do(self, what: str, **wish: Any) -> dict[str, Any]:
        assert self.process.stdin
        self.process.stdin.write(json.dumps({"do": what, **wish}) + "\n")
        self.process.stdin.flush()
        return self._read()

    def _read(self) -> dict[str, Any]:
        assert self.process.stdout
        return json.loads(self.process.stdout.readline())  # type: ignore[no-any-return]

    def stop(self) -> None:
        assert self.process.stdin
        self.process.stdin.close()
        self.process.wait(10)


def pin(pid: int, core: int) -> None:
    if hasattr(os, "sched_setaffinity") and (os.cpu_count() or 1) > 1:
        os.sched_setaffinity(pid, {core})


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def as_run(python: str) -> list[str]:
    """As `gishe run` begins anew. `python` is that of an environment for running, without what only developers need."""
    return [python, *LEAN]


@contextmanager
def running(bot: Bot, stub: Stub, public: str, database: str, folder: str, python: str) -> Iterator[psutil.Process]:
    command = [*as_run(python), GISHE] if bot.is_gishe else [sys.executable, str(ROOT / "bench" / bot.script)]
    if bot.is_gishe:
        command += [database, "--api", stub.url, "--data", folder, *bot.options]
        command += ["--public", public, "--port", public.rsplit(":", 1)[-1]] if bot.webhook else []
    else:
        command.append(stub.url)
    process = subprocess.Popen(command, env=compiled(), stderr=subprocess.DEVNULL if not bot.is_gishe else None)
    pin(process.pid, BOT_CORE)
    try:
        yield psutil.Process(process.pid)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(30)


def compiled() -> dict[str, str]:
    """The environment, in which Python keeps what it compiled: every installation does."""
    return {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


def cpu(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)


def measure(bot: Bot, arguments: argparse.Namespace, database: str, folder: str) -> None:
    """One bot, once: everybody says /start, then a burst, then a steady stream."""
    public = f"http://127.0.0.1:{free_port()}" if bot.webhook else ""
    options = [f"--people={arguments.people}", f"--webhook={public}/telegram" if public else "--webhook="]
    stub = Stub(*options, *(() if bot.is_gishe else ("--only-text",)))
    try:
        with running(bot, stub, public, database, folder, arguments.python) as process:
            if not stub.do("connect")["ready"]:
                raise SystemExit(f"{bot.name} did not start.")
            stub.do("greet")
            before = cpu(process)
            burst = stub.do("burst", updates=arguments.updates)
            bot.note(cpu_us=(cpu(process) - before) / arguments.updates * 1e6)
            stream = stub.do("stream", updates=int(arguments.rate * STREAM_S), rate=arguments.rate)
            bot.note(rss=process.memory_info().rss / 2**20)
    finally:
        stub.stop()
    note(bot, burst, stream)


def note(bot: Bot, burst: dict[str, Any], stream: dict[str, Any]) -> None:
    bot.note(rate=burst["answered"] / burst["seconds"])
    bot.note(lost=burst["lost"] + stream["lost"], extra=burst["extra"] + stream["extra"])
    latencies = sorted(seconds * 1000 for seconds in stream["latencies"])
    for share in (50, 95, 99):
        bot.note(**{f"p{share}": latencies[min(len(latencies) - 1, len(latencies) * share // 100)]})


def show(values: Sequence[float], digits: int = 0) -> str:
    middle, least, most = statistics.median(values), min(values), max(values)
    return f"{middle:.{digits}f} ({least:.{digits}f}–{most:.{digits}f})"


def table(measured: list[Bot], rate: float) -> str:
    """Ratios are of one round each, so that what slowed the machine for a while slowed both."""
    base = measured[0].figures
    lines = [
        f"| bot | updates/s | ratio to {measured[0].name} | CPU µs per update | CPU ratio "
        f"| p50 ms at {rate:g}/s | p95 | p99 "
        "| RSS MiB | lost | extra |",
        "|---|---|---|---|---|---|---|---|---|---|---|",
    ]
    for bot in measured:
        f = bot.figures
        faster = [ours / theirs for ours, theirs in zip(f["rate"], base["rate"], strict=True)]
        cost = [ours / theirs for ours, theirs in zip(f["cpu_us"], base["cpu_us"], strict=True)]
        cells = [
            bot.name, show(f["rate"]), show(faster, 2), show(f["cpu_us"]), show(cost, 2), show(f["p50"], 1),
            show(f["p95"], 1), show(f["p99"], 1), show(f["rss"]), f"{sum(f['lost']):g}", f"{sum(f['extra']):g}",
        ]  # fmt: skip
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def machine() -> str:
    model = next((line.split(":")[1].strip() for line in cpuinfo() if line.startswith("model name")), "?")
    packages = ", ".join(f"{name} {version(name)}" for name in PACKAGES)
    return f"{model}, {os.cpu_count()} cores; {platform.system()}, Python {platform.python_version()}; {packages}"


def cpuinfo() -> list[str]:
    file = Path("/proc/cpuinfo")
    return file.read_text().splitlines() if file.exists() else []


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--mode", choices=("polling", "webhook", "both", "journal"), default="both")
    parser.add_argument("--updates", type=int, default=3_000)
    parser.add_argument("--people", type=int, default=1_500)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--rate", type=float, default=200.0, help="updates a second while latency is measured")
    parser.add_argument("--only", default="", help="measure only the bots whose names contain this")
    parser.add_argument("--database", default="", help="an empty postgresql+asyncpg://… instead of a fresh SQLite file")
    parser.add_argument("--python", default=sys.executable, help="the interpreter of an environment for running Gishe")
    arguments = parser.parse_args()
    pin(0, STUB_CORE)
    measured = [bot for bot in bots(arguments.mode) if arguments.only in bot.name]
    for number in range(arguments.rounds):
        for bot in measured:
            began = time.perf_counter()
            with tempfile.TemporaryDirectory() as folder:
                database = arguments.database or f"sqlite+aiosqlite:///{folder}/bench.db"
                if bot.is_gishe:  # Not the very first start, which migrates and takes in the handbook.
                    ready = [*as_run(arguments.python), GISHE, database, "--data", folder]
                    subprocess.run(ready, check=True, env=compiled())
                measure(bot, arguments, database, folder)
            print(f"round {number + 1}: {bot.name}, {time.perf_counter() - began:.0f} s", file=sys.stderr)
    print(f"{machine()}\n\n{arguments.updates} updates of {arguments.people} people: {MIX_IN_WORDS} (echo bots: texts "
          f"only). Median (least–most) of {arguments.rounds} interleaved rounds.\n")  # fmt: skip
    print(table(measured, arguments.rate))


if __name__ == "__main__":
    main()
