"""What the system is asked about a process: limits, how it ended, and the end of all that it has started."""

from __future__ import annotations

import os
import signal
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

__all__ = ["MARK", "Limits", "ending", "kill_all", "limit_data"]

MARK = "SOFTMAX_REF_PROGRAM"
"""Name of the variable by which processes that left their group are found."""


@dataclass(frozen=True)
class Limits:
    """What a program may use.

    Attributes
    ----------
    case, promise, start, run : float
        Seconds for one answer, for one promise of the array contract, which is many calls, for the answer to
        start, and for all answers.
    memory : int or None
        Bytes of data of each process: what it has allocated, not what it has only reserved.
    row, restarts : int
        Starts in a row without an answer between, and starts in all, after which nothing more is asked.
    line, value : int
        Bytes of one answer, and bytes more for each value.
    errors : int
        Bytes of standard error that are passed on.
    """

    case: float = 10.0
    promise: float = 60.0
    start: float = 60.0
    run: float = 600.0
    memory: int | None = 4 << 30
    row: int = 10
    restarts: int = 100
    line: int = 1 << 16
    value: int = 64
    errors: int = 1 << 16


def ending(status: int) -> tuple[str, str]:
    """Return flag and words of an exit status; a shell adds 128 to the signal that ended what it ran."""
    number = -status if status < 0 else status - 128
    if number in {int(known) for known in signal.Signals}:
        return "crash", f"ended by {signal.Signals(number).name}" + f" (exit status {status})" * (status > 0)
    return "exit", f"ended with exit status {status}"


def limit_data(process: int, memory: int | None) -> None:
    """Limit the data of a process, which its own processes inherit; none leaves a dump of its memory."""
    try:
        import resource

        wanted = {resource.RLIMIT_CORE: 0} | ({} if memory is None else {resource.RLIMIT_DATA: memory})
        for kind, limit in wanted.items():
            hard = resource.prlimit(process, kind)[1]
            least = limit if hard == resource.RLIM_INFINITY else min(limit, hard)
            resource.prlimit(process, kind, (least, least))
    except (ImportError, AttributeError, OSError):  # no Linux, or the program has ended
        return


def kill_all(group: int, mark: str) -> None:
    """End a process group, and what has left it: found by its environment, where the system shows that.

    What leaves the group and clears its environment stays; nothing short of another machine ends all there is.
    """
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(group, signal.SIGKILL)
    marked = f"{MARK}={mark}".encode()
    for _ in range(10):
        found = [int(path.parent.name) for path in Path("/proc").glob("[0-9]*/environ") if marked in _environment(path)]
        if not found:
            return
        for process in found:
            with suppress(ProcessLookupError, PermissionError):
                os.kill(process, signal.SIGKILL)


def _environment(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""
