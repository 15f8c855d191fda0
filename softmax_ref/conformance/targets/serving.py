"""The program: requests from standard input, answers to standard output, which the target never sees."""

from __future__ import annotations

import argparse
import faulthandler
import json
import os
import sys
from collections.abc import Callable, Sequence
from typing import IO

from softmax_ref.conformance.targets.answering import Answering
from softmax_ref.conformance.targets.finding import find_target
from softmax_ref.conformance.targets.importing import TargetError

__all__ = ["main"]


def main(arguments: Sequence[str] | None = None) -> int:
    """Speak the protocol for one target, and return the exit status."""
    options = _parser().parse_args(arguments)
    requests, answers = _pipes()
    sys.argv[1:] = []
    faulthandler.enable()
    write = _writer(answers)
    try:
        target = find_target(options.target, options.function, options.vjp, options.array)
    except TargetError as error:
        write({"error": str(error)})
        return 2
    _serve(Answering(options.target, target, write), requests)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("softmax_ref.conformance.targets", description="Speak the protocol for a target.")
    parser.add_argument("target", help="module:name, file.py:name, model.onnx or onnx:Softmax")
    parser.add_argument("--function", help="what it computes; default: its own name, else softmax")
    parser.add_argument("--vjp", choices=("auto",), help="the target is f, and the function f_vjp or f_jvp is asked")
    parser.add_argument("--array", default="auto", help="numpy, torch, jax, cupy or a module of the array API standard")
    return parser


def _pipes() -> tuple[IO[bytes], IO[bytes]]:
    """Keep both ends of the protocol; what the target reads is empty, and what it prints goes to standard error.

    They stay open until the process is gone: what a library does at its end may take a while.
    """
    sys.stdout.flush()
    requests, answers = (os.fdopen(os.dup(n), mode, closefd=False) for n, mode in ((0, "rb"), (1, "wb")))
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.dup2(2, 1)
    os.close(nothing)
    return requests, answers


def _serve(answering: Answering, requests: IO[bytes]) -> None:
    for line in requests:
        request = json.loads(line)
        if request["op"] == "stop":
            return
        {"start": answering.start, "run": answering.run, "contract": answering.contract}[request["op"]](request)


def _writer(answers: IO[bytes]) -> Callable[[dict], None]:
    def write(answer: dict) -> None:
        answers.write(json.dumps(answer).encode() + b"\n")
        answers.flush()

    return write
