"""What the programs in the child process share: the limits they live under and how they answer.

A child gets one pickled request on its input and gives one pickled answer on its output. It is started without the
portal's environment (see opening.py), so that whatever a file does to it, only this process dies.
"""

from __future__ import annotations

import gc
import pickle
import sys
from collections.abc import Callable
from typing import Any


class Refused(Exception):
    """The file is not read; `args` are the kind and, where it helps, a detail."""


def limit(memory: int, cpu: int) -> None:
    """Take the memory and processor time away before anything of the file is touched."""
    try:
        import resource
    except ImportError:  # no such limits on Windows; the time limit of the parent remains
        return
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CPU, (cpu, cpu + 1))  # at the first the system says why it ends us
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def answered(work: Callable[[dict[str, Any]], dict[str, Any]], request: dict[str, Any]) -> dict[str, Any]:
    """What the work gives, or {"refused": (kind, detail)} whatever goes wrong."""
    try:
        return work(request)
    except Refused as refused:
        return {"refused": refused.args}
    except MemoryError:
        return {"refused": ("too_many_cells",)}
    except BaseException as error:  # a library may raise anything on a hostile file, a panic too: refuse, never crash
        return {"refused": ("unreadable", f"{type(error).__name__}: {error}"[:200])}


def serve(work: Callable[[dict[str, Any]], dict[str, Any]]) -> None:
    """Answer the one request this process was started for."""
    gc.disable()  # millions of small values and no cycles
    out, sys.stdout = sys.stdout.buffer, sys.stderr
    request = pickle.load(sys.stdin.buffer)
    limit(request["limits"]["memory"], request["limits"]["cpu"])
    out.write(_answer(work, request))
    out.flush()


def _answer(work: Callable[[dict[str, Any]], dict[str, Any]], request: dict[str, Any]) -> bytes:
    """What the portal is given; it keeps this in its own memory, so that it must not be any size."""
    try:
        answer = pickle.dumps(answered(work, request), 5)
    except MemoryError:
        answer = b""
    if 0 < len(answer) <= request["limits"]["answer"]:
        return answer
    return pickle.dumps({"refused": ("too_many_cells",)}, 5)
