"""How fast and how safely an announcement reaches many: Gishe beside python-telegram-bot's AIORateLimiter and a gather.

    python bench/broadcast.py rate [--rates 30,1000] [--recipients 20000] [--seconds 60] [--rounds 3]
    python bench/broadcast.py answers [--rate 30] [--seconds 60]
    python bench/broadcast.py size [--recipients 200000] [--seconds 45]
    python bench/broadcast.py kills [--recipients 5000] [--kills 20]

Each takes --python .venv-run/bin/python, too. The stub Bot API runs in its own process, counts every sliding second,
and refuses what is too much.
"""

import argparse
import random
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from bench import crowd  # noqa: E402
from bench.inbound import BOT_CORE, Stub, as_run, compiled, cpu, machine, pin, show  # noqa: E402
from bench.inbound import GISHE as GISHE_BOT  # noqa: E402

GISHE, LIMITER, GATHER = "Gishe", "PTB AIORateLimiter", "PTB gather"
PEERS = {LIMITER: "limiter", GATHER: "gather"}
ORGANIZER = 7  # The chat of somebody who is no citizen, for the peers' command.
CITIZENS = 60
EACH_S = 1.0  # One of them asks every second: 60 a minute.
# After which an announcement of the benchmark is due: for ten seconds after an answer, such as the one to its author,
# one slot in ten is kept for the next answer.
AT_ONCE_S = 11.0


class Bot:
    """One of the bots as a process, on its core."""

    python = sys.executable  # That of an environment for running Gishe.

    def __init__(self, name: str, stub: Stub, rate: int, recipients: int, folder: Path) -> None:
        self.name, self.stub, self.rate, self.recipients, self.folder = name, stub, rate, recipients, folder
        self.file = folder / "bench.db"
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def is_gishe(self) -> bool:
        return self.name == GISHE

    def prepare(self) -> None:
        if self.is_gishe:  # Not the very first start, which migrates and takes in the handbook.
            ready = [*as_run(self.python), GISHE_BOT, self.database, "--data", str(self.folder)]
            subprocess.run(ready, check=True, env=compiled())
            crowd.settle(self.file, self.recipients)

    def _gishe(self) -> list[str]:
        return [*as_run(self.python), GISHE_BOT, self.database, "--api", self.stub.url,
                "--rate", str(self.rate), "--data", str(self.folder)]  # fmt: skip

    @property
    def database(self) -> str:
        return f"sqlite+aiosqlite:///{self.file}"

    def start(self) -> psutil.Process:
        peer = [sys.executable, str(ROOT / "bench/broadcast_ptb.py"), self.stub.url, PEERS.get(self.name, ""),
                str(self.rate), str(self.recipients)]  # fmt: skip
        quiet = None if self.is_gishe else subprocess.DEVNULL
        command = self._gishe() if self.is_gishe else peer
        self.process = subprocess.Popen(command, env=compiled(), stderr=quiet, stdout=quiet)
        pin(self.process.pid, BOT_CORE)
        if not self.stub.do("connect")["ready"]:
            raise SystemExit(f"{self.name} did not start.")
        return psutil.Process(self.process.pid)

    def announce(self) -> float:
        """Begin; returns the moment at which it was to begin, on the stub's clock."""
        now: float = self.stub.do("crowd")["now"]
        if self.is_gishe:
            crowd.announce(self.file, AT_ONCE_S, self.recipients)
            return now + AT_ONCE_S
        self.stub.do("say", chat=ORGANIZER, text="/broadcast")
        return now

    def stop(self, how: int = signal.SIGTERM) -> None:
        if self.process:
            self.process.send_signal(how)
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()


@contextmanager
def bot(name: str, rate: int, recipients: int, *, limit: int | None = None) -> Iterator[Bot]:
    stub = Stub(f"--people={CITIZENS}", f"--limit={rate if limit is None else limit}",
                *(() if name == GISHE else ("--only-text",)))  # fmt: skip
    with tempfile.TemporaryDirectory() as folder:
        one = Bot(name, stub, rate, recipients, Path(folder))
        try:
            one.prepare()
            yield one
        finally:
            one.stop()
            stub.stop()


# --- The rate ---


def rate(arguments: argparse.Namespace) -> None:
    print("| permitted | bot | messages/s | share of the rate | most in any second | refused | CPU µs a message "
          "| begins after s |\n|---|---|---|---|---|---|---|---|")  # fmt: skip
    for permitted in arguments.rates:
        figures: dict[str, list[dict[str, float]]] = {}
        for _ in range(arguments.rounds if permitted > 100 else 1):
            for name in (GISHE, LIMITER, GATHER):
                figures.setdefault(name, []).append(_rate(name, permitted, arguments))
        for name, rounds in figures.items():
            columns = {key: [one[key] for one in rounds] for key in rounds[0]}
            print(f"| {permitted}/s | {name} | {show(columns['speed'], 1)} | {show(columns['share'], 3)} "
                  f"| {show(columns['most'])} | {show(columns['refused'])} | {show(columns['cpu'])} "
                  f"| {show(columns['begins'], 2)} |", flush=True)  # fmt: skip


def _rate(name: str, permitted: int, arguments: argparse.Namespace) -> dict[str, float]:
    with bot(name, permitted, arguments.recipients) as one:
        process = one.start()
        time.sleep(1.0)
        began, before = one.announce(), cpu(process)
        report = one.stub.do("crowd", until=arguments.recipients, most=arguments.seconds + AT_ONCE_S)
        spent = cpu(process) - before
    return _figures(report, permitted, began, spent)


def _figures(report: dict[str, Any], permitted: int, began: float, spent: float) -> dict[str, float]:
    """The rate is that from the first to the last, as the stub saw it."""
    speed = (report["came"] - 1) / max(report["last"] - report["first"], 1e-9)
    return {
        "speed": speed, "share": speed / permitted, "most": report["most"], "refused": report["refused"],
        "cpu": spent / max(report["came"], 1) * 1e6, "begins": report["first"] - began, "twice": report["twice"],
    }  # fmt: skip


# --- Answers meanwhile ---


def answers(arguments: argparse.Namespace) -> None:
    print("| bot | answers alone: p50 ms | p95 | during the broadcast: p50 | p95 | later by (p95) | lost "
          "| broadcast messages/s | refused |\n|---|---|---|---|---|---|---|---|---|")  # fmt: skip
    for name in (GISHE, LIMITER):
        with bot(name, arguments.rate, arguments.recipients) as one:
            one.start()
            one.stub.do("greet")
            alone = one.stub.do("stream", updates=int(arguments.seconds / EACH_S), rate=1 / EACH_S)
            one.announce()
            one.stub.do("crowd", until=1, most=10)
            one.stub.do("crowd", clear=True)
            during = one.stub.do("stream", updates=int(arguments.seconds / EACH_S), rate=1 / EACH_S)
            report = one.stub.do("crowd")
        quiet, busy = _latencies(alone), _latencies(during)
        speed = (report["came"] - 1) / max(report["last"] - report["first"], 1e-9)
        print(f"| {name} | {quiet[0]:.0f} | {quiet[1]:.0f} | {busy[0]:.0f} | {busy[1]:.0f} | {busy[1] - quiet[1]:.0f} "
              f"| {alone['lost'] + during['lost']} | {speed:.1f} | {report['refused']} |", flush=True)  # fmt: skip


def _latencies(run: dict[str, Any]) -> tuple[float, float]:
    """p50 and p95 in milliseconds; what was never answered counts as the patience of the stub."""
    all_of_them = sorted(seconds * 1000 for seconds in run["latencies"]) + [20_000.0] * run["lost"]
    return statistics.median(all_of_them), all_of_them[min(len(all_of_them) - 1, len(all_of_them) * 95 // 100)]


# --- Size ---


def size(arguments: argparse.Namespace) -> None:
    with bot(GISHE, 1000, arguments.recipients) as one:
        process = one.start()
        one.stub.do("greet")
        alone = one.stub.do("stream", updates=30, rate=5)
        idle = process.memory_info().rss / 2**20
        began = one.announce()
        first = one.stub.do("crowd", until=1, most=20)
        one.stub.do("begin", updates=int(arguments.seconds * 5), rate=5)
        memory = []
        end = time.perf_counter() + arguments.seconds
        while time.perf_counter() < end:
            time.sleep(1.0)
            memory.append(process.memory_info().rss / 2**20)
        during = one.stub.do("end")
        report = one.stub.do("crowd")
    third = max(1, len(memory) // 3)
    quiet, busy = _latencies(alone), _latencies(during)
    speed = (report["came"] - 1) / max(report["last"] - report["first"], 1e-9)
    print(
        f"{arguments.recipients} recipients at 1000/s for {arguments.seconds} s: first message after "
        f"{first['first'] - began:.2f} s; {speed:.0f}/s, {report['came']} came, {report['refused']} refused, "
        f"{report['twice']} twice; memory {idle:.0f} MiB idle, {statistics.mean(memory[:third]):.0f} in the first "
        f"third, {statistics.mean(memory[-third:]):.0f} in the last, {max(memory):.0f} at most; answers (5 a second): "
        f"p50 {quiet[0]:.0f} → {busy[0]:.0f} ms, p95 {quiet[1]:.0f} → {busy[1]:.0f} ms, "
        f"worst {max(during['latencies']) * 1000:.0f} ms, lost {during['lost']}"
    )


# --- Kills ---


def kills(arguments: argparse.Namespace) -> None:
    chance = random.Random(arguments.seed)
    with bot(GISHE, 1000, arguments.recipients) as one:
        crowd.announce(one.file, 0, arguments.recipients)
        for _ in range(arguments.kills):
            before = one.stub.do("crowd")["came"]
            one.start()
            one.stub.do("crowd", until=before + 1, most=10)  # It is under way again: now at any instruction.
            time.sleep(chance.uniform(0.0, 2 * arguments.recipients / arguments.kills / 1000))
            one.stop(signal.SIGKILL)
        one.start()
        report = one.stub.do("crowd", until=arguments.recipients, most=arguments.recipients / 200 + 10)
        for _ in range(100):
            states = crowd.outcome(one.file)
            if not states.get("due") and not states.get("claimed") and sum(states.values()) >= arguments.recipients:
                break
            time.sleep(0.2)
        report = one.stub.do("crowd")
    unknown = states.get("unknown", 0)
    missed = arguments.recipients - unknown - states.get("sent", 0)
    print(
        f"{arguments.recipients} recipients, {arguments.kills} kills: rows {states}; the stub saw {report['chats']} "
        f"chats, {report['twice']} of them twice, {report['refused']} refused; missed {missed}; unknown "
        f"{unknown / arguments.kills:.1f} a kill, of which {unknown + states.get('sent', 0) - report['chats']} had not "
        "arrived"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["rate", "answers", "size", "kills"])
    parser.add_argument("--rates", type=lambda text: [int(one) for one in text.split(",")], default=[30, 1000])
    parser.add_argument("--rate", type=int, default=30)
    parser.add_argument("--recipients", type=int, default=0)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--seed", type=int, default=5)
    parser.add_argument("--python", default=sys.executable, help="the interpreter of an environment for running Gishe")
    arguments = parser.parse_args()
    Bot.python = arguments.python
    usual = {"rate": 20_000, "answers": 20_000, "size": 200_000, "kills": 5_000}
    arguments.recipients = arguments.recipients or usual[arguments.what]
    print(machine() + "\n", flush=True)
    {"rate": rate, "answers": answers, "size": size, "kills": kills}[arguments.what](arguments)


if __name__ == "__main__":
    main()
