"""A program in a process group of its own, with limits: it can neither block, nor fill memory, nor stay behind."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from selectors import EVENT_READ, EVENT_WRITE, DefaultSelector
from uuid import uuid4

from softmax_ref.conformance.programs.processes import MARK, Limits, ending, kill_all, limit_data
from softmax_ref.conformance.programs.protocol import Fault, encoded, excerpt, words
from softmax_ref.conformance.programs.standard_error import StandardError

__all__ = ["Child"]

CHUNK = 1 << 16
TICK = 0.05
"""Seconds between two looks at whether a silent program has ended."""
GRACE = 1.0
"""Seconds that a program has to end after it has closed its output."""


class Child:
    """One process that runs a command.

    Parameters
    ----------
    command : sequence of str
        The program and its arguments.
    limits : Limits
        Of memory and of output.
    show : callable, optional
        Takes what the program writes to standard error; default: to standard error.

    Raises
    ------
    OSError
        The program cannot be started.
    """

    def __init__(self, command: Sequence[str], limits: Limits, show: Callable[[bytes], None] | None = None) -> None:
        self.limits, self.errors = limits, StandardError(limits.errors, show)
        self.mark = uuid4().hex
        pipes = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.PIPE)
        self.process = subprocess.Popen(
            command, **pipes, bufsize=0, start_new_session=True, env={**os.environ, MARK: self.mark}
        )
        limit_data(self.process.pid, limits.memory)
        self.outgoing, self.incoming, self.scanned = memoryview(b""), bytearray(), 0
        self.open, self.deaf = True, False
        self.selector = DefaultSelector()
        for pipe, handler in ((self.process.stdout, self._read), (self.process.stderr, self._hear)):
            os.set_blocking(pipe.fileno(), False)
            self.selector.register(pipe, EVENT_READ, handler)
        os.set_blocking(self.process.stdin.fileno(), False)

    def send(self, *requests: dict) -> None:
        """Hand over requests at once; what does not fit into the pipe is written while an answer is awaited."""
        waiting = bool(self.outgoing)
        self.outgoing = memoryview(bytes(self.outgoing) + b"".join(map(encoded, requests)))
        if not waiting and not self.deaf:
            self._write()
            if self.outgoing and not self.deaf:
                self.selector.register(self.process.stdin, EVENT_WRITE, self._write)

    def receive(self, seconds: float, size: int = 0) -> bytes:
        """Return the next line, without its end.

        Parameters
        ----------
        seconds : float
            How long it may take.
        size : int
            How many values it may hold.

        Raises
        ------
        Fault
            There is none: the program takes too long, writes too much, has ended or closed a pipe.
        """
        deadline = time.monotonic() + seconds
        most = self.limits.line + self.limits.value * size
        while (line := self._line(most)) is None:
            left = deadline - time.monotonic()
            if left <= 0:
                raise Fault("timeout", f"no answer within {seconds:.3g} s{self._unfinished()}")
            idle = not self._step(min(left, TICK))
            ended = not self.open or self.deaf or idle and self.process.poll() is not None and not self._step(0)
            if ended and not self.incoming.count(b"\n"):
                raise self._gone()
        return line

    def pending(self) -> bytes | None:
        """Return a line that is there already, if any."""
        if self.open:
            self._step(0)
        return self._line(self.limits.line)

    def finish(self, seconds: float) -> list[bytes]:
        """Ask the program to stop, and return what else it has written; its exit status needs to be 0.

        Raises
        ------
        Fault
            It ends in another way, or not at all.
        """
        lines: list[bytes] = []
        self.send({"op": "stop"})
        try:
            while len(lines) < 100:
                lines.append(self.receive(seconds))
        except Fault as fault:
            if fault.flag == "timeout":
                raise Fault("timeout", f"did not end within {seconds:.3g} s after stop") from None
            if fault.flag != "exit" or self.process.poll() != 0:
                raise
            if self.incoming:
                lines.append(bytes(self.incoming))
            return lines
        raise Fault("output-limit", "endless lines after stop")

    def kill(self) -> None:
        """End the program and all that it has started, as far as it can be found, and close the pipes."""
        kill_all(self.process.pid, self.mark)
        self.process.wait()
        self.selector.close()
        for pipe in (self.process.stdin, self.process.stdout, self.process.stderr):
            pipe.close()

    def _line(self, most: int) -> bytes | None:
        end = self.incoming.find(b"\n", self.scanned)
        if end < 0 and len(self.incoming) <= most:
            self.scanned = len(self.incoming)
            return None
        if end < 0 or end > most:
            raise Fault("output-limit", f"an answer of more than {most} bytes: {excerpt(bytes(self.incoming[:100]))}")
        line = bytes(self.incoming[:end])
        del self.incoming[: end + 1]
        self.scanned = 0
        return line

    def _step(self, seconds: float) -> bool:
        """Read and write what can be; return whether anything could."""
        ready = self.selector.select(seconds)
        for key, _ in ready:
            key.data()
        return bool(ready)

    def _write(self) -> None:
        try:
            while self.outgoing:
                self.outgoing = self.outgoing[os.write(self.process.stdin.fileno(), self.outgoing[:CHUNK]) :]
        except BlockingIOError:
            return
        except OSError:
            self.deaf, self.outgoing = True, memoryview(b"")
        with suppress(KeyError):
            self.selector.unregister(self.process.stdin)

    def _read(self) -> None:
        data = self._chunk(self.process.stdout)
        self.incoming += data
        self.open = bool(data)

    def _hear(self) -> None:
        self.errors.take(self._chunk(self.process.stderr))

    def _chunk(self, pipe) -> bytes:
        data = os.read(pipe.fileno(), CHUNK)
        if not data:
            self.selector.unregister(pipe)
        return data

    def _gone(self) -> Fault:
        """Return how the program has ended; what it still says on standard error is heard."""
        with suppress(KeyError):
            self.selector.unregister(self.process.stdout)
        deadline = time.monotonic() + GRACE
        while time.monotonic() < deadline and (self.process.poll() is None or self._step(0)):
            self._step(TICK / 10)
        status = self.process.poll()
        if status is None:
            return Fault("pipes-closed", f"closed its standard {'output' if not self.open else 'input'}, and runs on")
        flag, how = ending(status)
        last = f"; its last words: {words(self.errors.last)}" if self.errors.last else ""
        return Fault(flag, f"{how}{self._unfinished()}{last}")

    def _unfinished(self) -> str:
        return f", after {excerpt(bytes(self.incoming))} without an end of line" if self.incoming else ""
