"""Child processes: a fresh interpreter for whatever memory or a patched library would spoil for the others.

`measured` runs one function and tells its time and memory; `Server` keeps a process that answers one line with one line.
"""

from __future__ import annotations

import importlib
import json
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
MEGABYTE = 1 << 20


def measured(target: str, *args: Any) -> dict[str, float]:
    """Seconds and megabytes of `module:function(*args)` in a process of its own.

    The function returns what is to be measured, ready to run: `megabytes` is the memory the act added at its peak.
    """
    command = [sys.executable, "-m", "bench.children", target, *map(str, args)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{target} failed:\n{done.stderr[-3000:]}")
    result: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return result


def _resident() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / MEGABYTE


def _peak() -> float:
    """The most memory this process ever held; what `getrusage` says would count the parent it was forked from."""
    status = Path("/proc/self/status").read_text()
    return int(next(line.split()[1] for line in status.splitlines() if line.startswith("VmHWM"))) / 1024


def _measure(target: str, *args: str) -> dict[str, float]:
    module, name = target.split(":")
    act: Callable[[], Any] = getattr(importlib.import_module(module), name)(*args)
    before, begin = _resident(), time.perf_counter()
    act()
    taken = time.perf_counter() - begin
    peak = _peak()
    return {"seconds": taken, "megabytes": max(peak - before, 0.0), "peak": peak}


class Server:
    """A subject in a process of its own: `ask(name, **arguments)` gives what its function of that name returns."""

    def __init__(self, module: str, *args: Any) -> None:
        command = [sys.executable, "-m", module, *map(str, args)]
        self.process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def ask(self, name: str, **arguments: Any) -> Any:
        """The answer of the child; RuntimeError when it died."""
        assert self.process.stdin and self.process.stdout
        self.process.stdin.write(json.dumps([name, arguments]) + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError(f"{self.process.args} died")
        return json.loads(line)

    def close(self) -> None:
        """End the child."""
        assert self.process.stdin
        self.process.stdin.close()
        self.process.wait(timeout=30)


def serve(functions: Mapping[str, Callable[..., Any]]) -> None:
    """Answer questions on standard input until it ends; what libraries print goes to standard error."""
    answers, sys.stdout = sys.stdout, sys.stderr
    for line in sys.stdin:
        name, arguments = json.loads(line)
        print(json.dumps(functions[name](**arguments)), file=answers, flush=True)


if __name__ == "__main__":
    print(json.dumps(_measure(*sys.argv[1:])))
