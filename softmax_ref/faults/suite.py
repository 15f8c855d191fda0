"""The score of somebody's own tests: which faults do they let through?"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from softmax_ref.faults import hook
from softmax_ref.faults.catalogue import Fault
from softmax_ref.faults.injection import CANARY

__all__ = ["Outcome", "Suite", "SuiteError"]


class SuiteError(Exception):
    """The tests cannot be scored as they are; the message says why."""


@dataclass(frozen=True)
class Outcome:
    """What the tests made of a fault.

    Attributes
    ----------
    fault : Fault
        The fault that stood in the place of the function.
    state : {"noticed", "let through", "hung", "not called"}
        A run that fails notices; one that passes lets through, or never called the function with arguments
        that the fault takes; one that is stopped at the time limit hung.
    """

    fault: Fault
    state: str


@dataclass(frozen=True)
class Suite:
    """A command that runs tests, and the function that they test.

    Attributes
    ----------
    command : sequence of str
        The command; its exit status 0 means passed.
    target : str
        ``module:name`` of the function.
    timeout : float
        Seconds after which a run is stopped.
    """

    command: Sequence[str]
    target: str
    timeout: float = 300.0

    def make_sure(self) -> None:
        """Run the tests as they are, then with a function that raises.

        Raises
        ------
        SuiteError
            They fail as they are, or pass without the function.
        """
        try:
            passed, output, _ = self._run(None)
        except subprocess.TimeoutExpired:
            raise SuiteError(f"the tests take more than {self.timeout:g} seconds as they are") from None
        if not passed:
            raise SuiteError(f"the tests fail before anything is injected:\n{output}")
        if self._run(CANARY)[0]:
            raise SuiteError(f"the tests pass though {self.target} raises an exception: they do not call it")

    def score(self, faults: Sequence[Fault], jobs: int | None = None) -> Iterator[Outcome]:
        """Yield the outcome of each fault, in their order.

        Parameters
        ----------
        faults : sequence of Fault
            What to inject, one a run.
        jobs : int, optional
            Runs at a time. Default: one for each processor.
        """
        with ThreadPoolExecutor(jobs or os.cpu_count()) as pool:
            yield from pool.map(self._outcome, faults)

    def _outcome(self, fault: Fault) -> Outcome:
        try:
            passed, _, called = self._run(fault.name)
        except subprocess.TimeoutExpired:
            return Outcome(fault, "hung")
        return Outcome(fault, "noticed" if not passed else "let through" if called else "not called")

    def _run(self, fault: str | None) -> tuple[bool, str, bool]:
        """Run the tests once; return whether they pass, what they printed, and whether the fault was called."""
        with tempfile.TemporaryDirectory(prefix="softmax-ref-") as folder:
            mark = Path(folder, "called")
            shutil.copy(hook.__file__, Path(folder, "sitecustomize.py"))
            environment = os.environ | {"PYTHONPATH": os.pathsep.join([folder, *_own_path()])}
            if fault is not None:
                module, _, name = self.target.partition(":")
                order = {"module": module, "name": name, "fault": fault, "mark": str(mark)}
                environment[hook.VARIABLE] = json.dumps(order)
            done = subprocess.run(
                self.command,
                check=False,
                env=environment,
                timeout=self.timeout,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                errors="replace",
            )
            return done.returncode == 0, done.stdout[-2000:], mark.exists()


def _own_path() -> list[str]:
    """Return the caller's search path; this package last, where the tests' Python may not have it."""
    given = [entry for entry in os.environ.get("PYTHONPATH", "").split(os.pathsep) if entry]
    return [*given, str(Path(hook.__file__).parents[2])]
