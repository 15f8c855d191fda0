"""Cases as a C header, for C11 and C++17: static arrays of bit patterns, and one table of structs for each function."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from hashlib import sha256

import numpy as np

from softmax_ref.corpus import Case
from softmax_ref.corpus.export.answers import Answer
from softmax_ref.corpus.export.chosen import Chosen
from softmax_ref.corpus.export.numbers import hexadecimal, inputs, parameters, partial

__all__ = ["files"]

AXES = 4
WIDTH = 116

USE = """
For each case of a table such as softmax_ref_softmax_binary32, which has softmax_ref_softmax_binary32_count cases: call
your function with the inputs, in row-major order, along `axis`. Result component at[i], or i where `at` is NULL, has to
lie between lowest[i] and highest[i] of one answer, in the order of numbers; where those are nan, any nan is right. A
case with a policy has an answer for each outcome that is accepted: give the same one everywhere. A subnormal result may
be flushed to 0, if all are.
softmax_ref_place_32(bits) maps bits to integers in the order of the numbers, both zeros to 0:
  ok = (isnan(got) && isnan(lowest)) || (place(lowest) <= place(got) && place(got) <= place(highest));
`tight` and `standard` are the allowed errors in ulp; INFINITY where a double cannot count so many.
"""

TYPES = """
#ifndef SOFTMAX_REF_TYPES_@
#define SOFTMAX_REF_TYPES_@
typedef struct {
  const char *name;
  int rank;
  int32_t shape[4];
  int64_t size;
  const uint@_t *bits;    /* numbers, or NULL */
  const int64_t *labels;  /* classes counted from 0, or NULL */
  const uint8_t *mask;    /* 1 keeps an entry, or NULL */
} softmax_ref_input_@;
typedef struct {
  const char *name;
  uint@_t bits;
} softmax_ref_parameter_@;
typedef struct {
  const char *name; /* of a policy's outcome, or "" */
  const uint@_t *expected, *lowest, *highest;
} softmax_ref_answer_@;
typedef struct {
  const char *id, *comment, *flags, *policy; /* flags with spaces between; policy "" for one right answer */
  int has_axis, axis;
  int inputs_count;
  const softmax_ref_input_@ *inputs;
  int parameters_count;
  const softmax_ref_parameter_@ *parameters;
  int rank;
  int32_t shape[4];  /* of the result */
  int64_t count;     /* stored components */
  const int64_t *at; /* their places in the result, or NULL for all */
  int answers_count;
  const softmax_ref_answer_@ *answers;
  const double *tight, *standard;
} softmax_ref_case_@;
static inline int64_t softmax_ref_place_@(uint@_t bits) {
  const uint64_t top = (uint64_t)1 << (@ - 1);
  return (bits & top) ? -(int64_t)(bits & (top - 1)) : (int64_t)bits;
}
#endif
"""


def files(chosen: Chosen) -> dict[str, bytes]:
    """Return the header."""
    return {"": "\n".join(_lines(chosen)).encode()}


def _lines(chosen: Chosen) -> Iterator[str]:
    guard = f"SOFTMAX_REF_{sha256(' '.join(case.id for case in chosen.cases).encode()).hexdigest()[:12].upper()}"
    yield "/*"
    yield from chosen.about()
    yield from (*USE.splitlines(), "*/")
    yield from (f"#ifndef {guard}_H", f"#define {guard}_H", "#include <math.h>", "#include <stddef.h>")
    yield "#include <stdint.h>"
    for width in sorted({case.format.width for case in chosen.cases}):
        yield TYPES.replace("@", str(width))
    for (function, fmt), cases in chosen.tables.items():
        yield from _table(f"softmax_ref_{function}_{fmt}", cases, chosen.answers)
    yield from ("#endif", "")


def _table(name: str, cases: Sequence[Case], answers: dict[str, list[Answer]]) -> Iterator[str]:
    rows = []
    for n, case in enumerate(cases):
        yield f"/* {case.id}: {case.comment} */"
        arrays, row = _case(f"{name}_{n}", case, answers[case.id])
        yield from arrays
        rows.append(row)
    yield f"static const softmax_ref_case_{cases[0].format.width} {name}[] = {{"
    yield ",\n".join(rows)
    yield f"}};\nenum {{ {name}_count = {len(cases)} }};\n"


def _case(name: str, case: Case, answers: list[Answer]) -> tuple[list[str], str]:
    """Return the arrays of a case, and its row in the table."""
    width, arrays = case.format.width, []

    def array(part: str, kind: str, entries: Iterable[str]) -> str:
        arrays.append(_array(f"static const {kind} {name}_{part}[]", entries))
        return f"{name}_{part}"

    def bits(part: str, numbers: Iterable[int]) -> str:
        return array(part, f"uint{width}_t", (hexadecimal(x, case.format) for x in numbers))

    given = [_input(argument, x, array, bits) for argument, x in inputs(case).items()]
    more = [f'{{"{key}", {hexadecimal(x, case.format)}}}' for key, x in parameters(case).items()]
    right = [_answer(answer, bits) for answer in answers]
    row = [
        *(f'"{text}"' for text in (case.id, case.comment, " ".join(case.flags), case.policy or "")),
        *(str(int(case.axis is not None)), str(case.axis or 0)),
        *(str(len(given)), array("inputs", f"softmax_ref_input_{width}", given)),
        *(str(len(more)), array("parameters", f"softmax_ref_parameter_{width}", more) if more else "NULL"),
        *(str(len(case.shape)), _shape(case.shape), str(len(case.at))),
        array("at", "int64_t", map(str, case.at.tolist())) if partial(case) else "NULL",
        *(str(len(right)), array("answers", f"softmax_ref_answer_{width}", right)),
        *(array(level, "double", _tolerances(case, level)) for level in ("tight", "standard")),
    ]
    return arrays, f"  {{{', '.join(row)}}}"


def _input(name: str, x: np.ndarray, array, bits) -> str:
    entries, forms = x.ravel().tolist(), {"u": "bits", "i": "labels", "b": "mask"}
    if x.dtype.kind == "u":
        stored = bits(name, entries)
    else:
        stored = array(name, "int64_t" if x.dtype.kind == "i" else "uint8_t", (str(int(entry)) for entry in entries))
    columns = [stored if form == forms[x.dtype.kind] else "NULL" for form in forms.values()]
    return f'{{"{name}", {x.ndim}, {_shape(x.shape)}, {x.size}, {", ".join(columns)}}}'


def _answer(answer: Answer, bits) -> str:
    parts = (
        bits(f"{answer.name or 'right'}_{part}", getattr(answer, part)) for part in ("expected", "lowest", "highest")
    )
    return f'{{"{answer.name}", {", ".join(parts)}}}'


def _tolerances(case: Case, level: str) -> list[str]:
    allowed = zip(case.record["tol"][level], case.tolerances[level].tolist(), strict=True)
    return ["INFINITY" if x == np.inf else text for text, x in allowed]


def _shape(shape: Sequence[int]) -> str:
    return f"{{{', '.join(map(str, [*shape, *[0] * (AXES - len(shape))]))}}}"


def _array(head: str, entries: Iterable[str]) -> str:
    """Return the definition of an array, in lines of moderate length."""
    lines, line = [], f"{head} = {{"
    for entry in entries:
        if len(line) + len(entry) > WIDTH:
            lines.append(line.rstrip())
            line = "  "
        line += f"{entry}, "
    return "\n".join([*lines, line.removesuffix(", ") + "};"])
