"""Libraries of other languages: the program that speaks the protocol for each, and how it is started."""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
from pathlib import Path

from softmax_ref.scoreboard.calling import graph_text
from softmax_ref.scoreboard.libraries import Library, signature

__all__ = ["FOLDER", "PROGRAMS", "command_of", "node_folder", "tool_version"]

FOLDER = Path(__file__).with_name("programs")
PROGRAMS = ("eigen", "tfjs", "onnxruntime-web", "r", "octave")
"""Kinds of libraries that a program of ours calls."""
WEB_TYPES = {"binary64": "float64", "binary32": "float32", "binary16": "float16"}
EIGEN_FLAGS = ("-std=c++17", "-O2", "-I/usr/include/eigen3")


def node_folder() -> Path:
    """Return the folder with node_modules: SOFTMAX_REF_NODE, or node beside this Python."""
    return Path(os.environ.get("SOFTMAX_REF_NODE", Path(sys.prefix) / "node"))


def tool_version(of: Library) -> str | None:
    """Return the version of a library of another language, or None where it is not installed."""
    where = node_folder() if of.version[0] == "node" else None
    try:
        done = subprocess.run(of.version, capture_output=True, text=True, check=False, cwd=where, timeout=60)
    except OSError:
        return None
    return done.stdout.strip() or None if done.returncode == 0 else None


def command_of(of: Library, function: str, folder: Path) -> list[str]:
    """Write what a program needs into a folder, and return the command that starts it."""
    return {"eigen": _eigen, "r": _r, "octave": _octave}.get(of.kind, _web)(of, function, folder)


def _web(of: Library, function: str, folder: Path) -> list[str]:
    calls = {function: {"call": of.calls[function], "arrays": signature(function)}}
    if of.kind == "onnxruntime-web":
        calls[function] = {
            f"{fmt} {axis}": model_text(of, function, fmt, axis) for fmt in WEB_TYPES for axis in range(-4, 5)
        }
    path = folder / "calls.json"
    path.write_text(json.dumps(calls), encoding="utf-8")
    return ["node", str(FOLDER / "web.mjs"), str(node_folder()), of.kind, str(path)]


def model_text(of: Library, function: str, fmt: str, axis: int) -> str:
    """Return an ONNX model as base64."""
    from onnx.parser import parse_model

    types = tuple((name, WEB_TYPES[fmt]) for name in signature(function))
    model = parse_model(graph_text(of.calls[function], axis, types))
    return base64.b64encode(model.SerializeToString()).decode()


def _r(of: Library, function: str, folder: Path) -> list[str]:
    path = folder / "calls.txt"
    call = "; ".join(filter(None, (of.imports, of.calls[function])))
    path.write_text(f"{function}\t{call}\n", encoding="utf-8")
    return ["Rscript", "--vanilla", str(FOLDER / "rows.R"), str(path)]


def _octave(of: Library, function: str, folder: Path) -> list[str]:
    path = folder / "calls.json"
    path.write_text(json.dumps({function: of.calls[function]}), encoding="utf-8")
    return ["octave-cli", "--norc", "--quiet", str(FOLDER / "rows.m"), str(path)]


def _eigen(of: Library, function: str, folder: Path) -> list[str]:
    text = (FOLDER / "eigen.cpp").read_text(encoding="utf-8")
    text = text.replace("\nCALL;\n", f"\n  return one({of.calls[function]});\n").replace("NAME", f'"{function}"')
    source, program = folder / "eigen.cpp", folder / "eigen"
    source.write_text(text, encoding="utf-8")
    subprocess.run(["g++", *EIGEN_FLAGS, "-o", program, source], check=True)
    return [str(program)]
