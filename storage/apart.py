"""Work that takes much memory for a while is done by a process of its own, and the memory goes with it."""

import asyncio
import os
import sys
from asyncio.subprocess import PIPE
from pathlib import Path

ROOT = Path(__file__).parent.parent


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
    said, errors = await process.communicate(given)
    if process.returncode:
        last = errors.decode(errors="replace").strip().rpartition("\n")[2]
        raise ChildProcessError(f"{module} ended with {process.returncode}: {last}")
    return said
