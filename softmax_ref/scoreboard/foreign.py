"""Three lines that reproduce a failure in C++, JavaScript, R or Octave."""

from __future__ import annotations

import subprocess
import tempfile
from pathlib import Path

import numpy as np

from softmax_ref.corpus import Case
from softmax_ref.scoreboard.languages import EIGEN_FLAGS, WEB_TYPES, model_text, node_folder
from softmax_ref.scoreboard.libraries import Library, signature
from softmax_ref.scoreboard.snippets import LITERAL, decimal, substituted

__all__ = ["foreign_snippet", "run_foreign"]

EIGEN_TYPES = {"binary64": "double", "binary32": "float", "binary16": "Eigen::half", "bfloat16": "Eigen::bfloat16"}

TENSORFLOW_TYPES = {"f": "float32", "i": "int32"}


def foreign_snippet(of: Library, function: str, case: Case, component: tuple[int, ...]) -> str | None:
    """Return the lines that print one component of a case, or None where its input is too long to be written."""
    writer = {"tfjs": _tfjs, "onnxruntime-web": _onnx}.get(of.kind)
    arrays = list(case.inputs.values())
    if writer is None:  # one row at a time
        row = arrays[0] if case.axis is None else arrays[0][component[: arrays[0].ndim - 1]]
        if row.size > LITERAL:
            return None
        at = component if case.axis is None else component[arrays[0].ndim - 1 :]
        at = (int(np.ravel_multi_index(at, row.shape)),) if case.axis is None and at else at
        return {"eigen": _eigen, "r": _r, "octave": _octave}[of.kind](of, function, case, np.ravel(row), at)
    if sum(x.size for x in arrays) > LITERAL:
        return None
    at = int(np.ravel_multi_index(component, case.shape)) if case.shape else 0
    return writer(of, function, case, arrays, at)


def _numbers(x: np.ndarray, case: Case, inf: str = "Infinity", nan: str = "NaN") -> str:
    if x.dtype.kind == "i":
        return ", ".join(map(str, np.ravel(x)))
    texts = (decimal(v, case.format) for v in np.ravel(x))
    return ", ".join(text.replace("inf", inf).replace("nan", nan) for text in texts)


def _tfjs(of, function, case, arrays, at) -> str:
    inputs = [
        f"const {name} = tf.tensor([{_numbers(x, case)}], {list(x.shape)}, '{TENSORFLOW_TYPES[x.dtype.kind]}');"
        for name, x in zip(signature(function), arrays, strict=True)
    ]
    call = substituted(of.calls[function], case)
    return f"{of.imports}\n{' '.join(inputs)}\nconsole.log({call}.dataSync()[{at}]);"


def _onnx(of, function, case, arrays, at) -> str | None:
    half = case.format.name == "binary16"
    model = model_text(of, function, case.format.name, -1 if case.axis is None else case.axis)
    bits = ", ".join(hex(int(b)) for b in np.ravel(case.format.encode(arrays[0])))
    numbers = f"Uint16Array.from([{bits}])" if half else f"[{_numbers(arrays[0], case)}]"
    tensor = f"new ort.Tensor('{WEB_TYPES[case.format.name]}', {numbers}, {list(arrays[0].shape)})"
    sign, shown = ("'0x' + ", ".toString(16)") if half else ("", "")
    return (
        f"{of.imports}\nconst session = await ort.InferenceSession.create(Buffer.from('{model}', 'base64'));\n"
        f"console.log({sign}(await session.run({{{signature(function)[0]}: {tensor}}})).y.data[{at}]{shown});"
    )


def _r(of, function, case, row, at) -> str:
    name = signature(function)[0]
    call = f"({of.calls[function]})" + "".join(f"[{n + 1}]" for n in at)
    first = f"{of.imports}\n" if of.imports else ""
    rest = zip(signature(function)[1:], list(case.inputs.values())[1:], strict=True)
    vectors = "; ".join(f"{name} <- c({_numbers(x, case, 'Inf')})" for name, x in [(name, row), *rest])
    return f'{first}{vectors}\ncat(sprintf("%.17g", {call}))'


def _octave(of, function, case, row, at) -> str:
    name, kind = signature(function)[0], {"binary64": "double", "binary32": "single"}[case.format.name]
    call = f"({of.calls[function]})" + "".join(f"({n + 1})" for n in at)
    return f'{name} = {kind}([{_numbers(row, case, "Inf")}]);\nprintf("%.17g", {call})'


def _eigen(of, function, case, row, at) -> str:
    real, name = EIGEN_TYPES[case.format.name], signature(function)[0]
    array = f"Eigen::Array<{real}, -1, 1>"
    numbers = ", ".join(f"{real}({text})" for text in _numbers(row, case, "INFINITY", "NAN").split(", "))
    call = of.calls[function]
    entry = f"{array}({call})({at[0]})" if at else call
    return (
        f"#include <unsupported/Eigen/SpecialFunctions>\nconst {array} {name}{{{{{numbers}}}}};\n"
        f'int main() {{ std::printf("%.17g", double({entry})); }}'
    )


def run_foreign(of: Library, text: str) -> str:
    """Run a snippet and return what it prints."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "snippet"
        path.with_suffix({"eigen": ".cpp", "r": ".R", "octave": ".m"}.get(of.kind, ".mjs")).write_text(text + "\n")
        if of.kind == "eigen":
            subprocess.run(["g++", *EIGEN_FLAGS, "-o", path, path.with_suffix(".cpp")], check=True)
        command = {
            "eigen": [str(path)],
            "r": ["Rscript", "--vanilla", f"{path}.R"],
            "octave": ["octave-cli", "--norc", "--quiet", f"{path}.m"],
        }.get(of.kind, ["node", "--input-type=module", "-e", text])
        where = node_folder() if command[0] == "node" else folder
        done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=where, timeout=120)
    return (done.stdout.strip().splitlines() or [""])[-1]
