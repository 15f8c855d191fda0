"""The scoreboard is recorded: every library in a process of its own, every function in a line of its own."""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from softmax_ref.corpus import CORPUS_VERSION
from softmax_ref.scoreboard.languages import tool_version
from softmax_ref.scoreboard.libraries import Library, libraries
from softmax_ref.scoreboard.stored import SCORES, scores, write_scores

__all__ = ["JudgingError", "missing", "record", "recorded"]

PROBE = "import json; from softmax_ref.scoreboard.libraries import library; print(json.dumps(library({!r}).versions()))"


class JudgingError(RuntimeError):
    """The judge itself failed: nothing is said of the library."""


def missing(of: Library) -> str | None:
    """Say how to get a library that is not installed, or return None."""
    return None if _versions(of) else f"{of.title}: not installed: {of.get}"


def _versions(of: Library) -> dict[str, str] | None:
    """Return the versions of a library's packages, or None where it is not installed."""
    if of.version:
        told = tool_version(of)
        return told and {of.id: told}
    command = [sys.executable, "-c", PROBE.format(of.id)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return json.loads(done.stdout) if done.returncode == 0 else None


def recorded(of: Library, report=lambda text: None) -> dict:
    """Judge a library and return its part of the scoreboard: what it is, and its rows."""
    rows = []
    for answer in _answers(of):
        report(f"{of.title}: {answer['function']}")
        rows += [{"library": of.id, **row} for row in answer["rows"]]
    about = {"id": of.id, "title": of.title, "get": of.get, "versions": _versions(of), "machine": machine()}
    return {"about": about | {"calls": of.calls}, "rows": rows}


def _answers(of: Library) -> Iterator[dict]:
    """Yield the rows of each function; one in which a signal ends the process is a crash, and the next one goes on."""
    left = list(of.calls)
    while left:
        with _child(of, left) as child:
            for line in child.stdout:
                yield json.loads(line)
                left.pop(0)
            child.wait()
        if child.returncode > 0 or left and child.returncode == 0:
            raise JudgingError(f"scoreboard: {of.title}, {left[0]}: the judge ended with status {child.returncode}")
        if left:
            how = f"the process was ended by signal {-child.returncode}"
            yield {
                "function": left[0],
                "rows": [{"function": left.pop(0), "format": "all", "verdict": "crashed", "why": how}],
            }


def _child(of: Library, functions: list[str]) -> subprocess.Popen:
    command = [sys.executable, "-W", "ignore", "-m", "softmax_ref.scoreboard.judging", of.id, *functions]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=os.environ | QUIET)


QUIET = {"TF_CPP_MIN_LOG_LEVEL": "3", "JAX_PLATFORMS": "cpu", "CUDA_VISIBLE_DEVICES": "", "KERAS_BACKEND": "numpy"}


def machine() -> dict[str, str]:
    """Return what the numbers may depend on."""
    return {
        "system": f"{platform.system()} {platform.machine()}",
        "processor": _processor(),
        "python": platform.python_version(),
    }


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor()
    named = dict(part for line in lines if len(part := tuple(s.strip() for s in line.split(":", 1))) == 2)
    widest = next((f for f in ("avx512f", "avx2") if f in named.get("flags", "").split()), "")
    return f"{named.get('model name', platform.processor())} {widest}".strip()


def record(chosen: list[Library], path: Path = SCORES, report=lambda text: None) -> dict:
    """Judge libraries, put their rows in place of the stored ones, and return the new scoreboard."""
    stored = scores(path) if path.exists() else {"libraries": [], "rows": []}
    for of in chosen:
        part = recorded(of, report)
        stored = _with(stored, part)
        write_scores(stored, path)
    return stored


def _with(stored: dict, part: dict) -> dict:
    name, order = part["about"]["id"], [of.id for of in libraries()]
    about = [*(a for a in stored["libraries"] if a["id"] != name), part["about"]]
    rows = [*(r for r in stored["rows"] if r["library"] != name), *part["rows"]]
    return {
        "corpus_version": CORPUS_VERSION,
        "libraries": sorted(about, key=lambda a: order.index(a["id"])),
        "rows": sorted(rows, key=lambda r: order.index(r["library"])),
    }
