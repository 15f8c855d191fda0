"""Keeping a program under way: started when it is needed, again after a fault, and not too often."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from softmax_ref.conformance.programs.child import Child
from softmax_ref.conformance.programs.offer import Offer, read_offer
from softmax_ref.conformance.programs.processes import Limits
from softmax_ref.conformance.programs.protocol import Fault, parsed, start_request

__all__ = ["Keeper", "StartError"]


class StartError(Exception):
    """A program does not start, or not as the protocol says: nothing can be judged.

    Attributes
    ----------
    told : bool
        Whether the program itself has said why.
    """

    def __init__(self, text: str, told: bool = False) -> None:
        super().__init__(text)
        self.told = told


class Keeper:
    """A program, and what it has used up of its limits.

    Parameters
    ----------
    command : sequence of str
        The program and its arguments.
    limits : Limits, optional
        Of time, memory, output and starts.
    show : callable, optional
        Takes what the program writes to standard error.

    Attributes
    ----------
    child : Child or None
        The process, if there is one.
    offer : Offer
        Its first answer to start.
    over : Fault or None
        Why nothing more is asked.

    Raises
    ------
    StartError
        The first start fails.
    """

    def __init__(
        self, command: Sequence[str], limits: Limits | None = None, show: Callable[[bytes], None] | None = None
    ) -> None:
        self.command, self.limits, self.show = list(command), limits or Limits(), show
        self.child: Child | None = None
        self.restarts = 0
        self.renew()
        try:
            self.offer: Offer = self._start()
        except OSError as error:
            raise StartError(f"cannot be started: {error.strerror or error}") from None
        except Fault as fault:
            self.kill()
            told = fault.flag == "error"
            raise StartError(fault.text if told else f"no answer to start: {fault.text}", told) from None
        except BaseException:
            self.kill()
            raise

    def renew(self) -> None:
        """Begin another run: time, and starts in a row, are counted from now."""
        self.until, self.row = time.monotonic() + self.limits.run, 0
        self.over: Fault | None = None

    def run(self) -> Child:
        """Return the program under way, started again if need be.

        Raises
        ------
        Fault
            The time is over, it was started too often, or it does not start again.
        """
        if self.over is None and time.monotonic() >= self.until:
            self.over = Fault("timeout", f"not asked: {self._late}", lost=False)
        if self.over is not None:
            raise self.over
        try:
            if self.child is None:
                self._start()
        except OSError as error:
            text = f"not asked: the program cannot be started again: {error.strerror or error}"
            self.over = Fault("exit", text, lost=False)
            raise self.over from None
        except Fault as fault:
            flag = "protocol" if fault.flag == "error" else fault.flag
            again = Fault(flag, f"was started again: {fault.text}", lost=False)
            self.drop(again)
            raise again from None
        return self.child

    def line(self, seconds: float, size: int = 0) -> dict:
        """Return the object of the next line, which may hold `size` values; see `Child.receive`."""
        left = self.until - time.monotonic()
        try:
            return parsed(self.child.receive(max(min(seconds, left), 0.0), size))
        except Fault as fault:
            if fault.flag == "timeout" and left < seconds:
                raise Fault("timeout", f"no answer before {self._late}") from None
            raise

    @property
    def _late(self) -> str:
        return f"the time of the run, {self.limits.run:.3g} s, was over"

    def drop(self, fault: Fault) -> None:
        """End a program that is lost; the next question starts it again, if that has not been too often."""
        self.kill()
        self.row, self.restarts = self.row + 1, self.restarts + 1
        many, in_all = self.limits.row, self.limits.restarts
        if self.row >= many or self.restarts >= in_all:
            times = f"{many} times in a row" if self.row >= many else f"{in_all} times"
            text = f"not asked: the program was lost {times}, the last time: {fault.text}"
            self.over = Fault(fault.flag, text, lost=False)

    def kill(self) -> None:
        """End the program and what it has started."""
        if self.child is not None:
            child, self.child = self.child, None
            child.kill()

    def _start(self) -> Offer:
        self.child = Child(self.command, self.limits, self.show)
        self.child.send(start_request())
        return read_offer(parsed(self.child.receive(self.limits.start)))
