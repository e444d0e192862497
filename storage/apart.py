"""Work that takes much memory for a while is done by a process of its own, and the memory goes with it."""

import asyncio
import os
import pickle
import sys
from asyncio.subprocess import PIPE
from importlib import import_module
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent

_two_at_once = asyncio.Semaphore(2)  # Each takes a core and some tens of megabytes.


def environment() -> dict[str, str]:
    """Ours, in which the child finds the same modules wherever it starts."""
    paths = os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH"))))
    return {**os.environ, "PYTHONPATH": paths}


async def run_apart(module: str, given: bytes) -> bytes:
    """Run a module of ours with `given` on its standard input; return what it writes.

    Raises OSError when no process can be started, and ChildProcessError when it fails.
    """
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", module, stdin=PIPE, stdout=PIPE, stderr=PIPE, env=environment()
    )
    try:
        said, errors = await process.communicate(given)
    finally:
        if process.returncode is None:  # Whoever waited for it is gone.
            process.kill()
            await process.wait()
    if process.returncode:
        last = errors.decode(errors="replace").strip().rpartition("\n")[2]
        raise ChildProcessError(f"{module} ended with {process.returncode}: {last}")
    return said


async def call_apart(module: str, function: str, *given: Any) -> Any:
    """Call a function there and return what it returns; in a thread of ours where there is no room for a process."""
    try:
        async with _two_at_once:
            made = await run_apart(__name__, pickle.dumps((module, function, given)))
        return pickle.loads(made)  # noqa: S301 – our own
    except ChildProcessError:
        raise
    except OSError:
        return await asyncio.to_thread(_call, module, function, given)


def _call(module: str, function: str, given: tuple[Any, ...]) -> Any:
    return getattr(import_module(module), function)(*given)


if __name__ == "__main__":
    sys.stdout.buffer.write(pickle.dumps(_call(*pickle.load(sys.stdin.buffer))))  # noqa: S301 – from ourselves
