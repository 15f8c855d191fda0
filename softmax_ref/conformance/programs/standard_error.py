"""What a program writes to standard error: passed on, never judged."""

from __future__ import annotations

import sys
from collections.abc import Callable

__all__ = ["StandardError"]


class StandardError:
    """Standard error of one process.

    Parameters
    ----------
    most : int
        Bytes that are passed on.
    show : callable, optional
        Takes them; default: to standard error.

    Attributes
    ----------
    last : str
        The last line that is not empty.
    """

    def __init__(self, most: int, show: Callable[[bytes], None] | None = None) -> None:
        self.most, self.show = most, show or _show
        self.told, self.last = 0, ""

    def take(self, data: bytes) -> None:
        """Pass on what was written, as far as the limit goes."""
        passed = data[: max(0, self.most - self.told)]
        if passed:
            self.show(passed)
        if passed != data and self.told <= self.most:
            self.show(b"\n(the rest of standard error is not shown)\n")
        self.told += len(data)
        lines = [line for line in data.decode("utf-8", "replace").splitlines() if line.strip()]
        self.last = lines[-1] if lines else self.last


def _show(data: bytes) -> None:
    sys.stderr.write(data.decode("utf-8", "replace"))
    sys.stderr.flush()
