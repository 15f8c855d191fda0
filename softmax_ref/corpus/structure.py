"""What a case has to be, checked by hand: whoever loads the corpus needs no JSON Schema, only its lists of names.

Names, types, lengths, widths and sizes, and that each decimal is near its bits. Whether it rounds to them exactly is
for `softmax_ref.corpus.validation`, which takes its time. A file is checked in columns, which is fast; where a column
is wrong, the cases are checked one by one, which tells the line.
"""

from __future__ import annotations

import json
import math
import re
from functools import cache
from itertools import chain
from pathlib import Path

from softmax_ref.corpus.numbers import Numbers
from softmax_ref.corpus.policies import POLICIES
from softmax_ref.corpus.reading import Malformed
from softmax_ref.formats import Format

__all__ = ["MAX_ENTRIES", "check_cases", "check_names", "check_types"]

SCHEMA = Path(__file__).with_name("vectors") / "schema.json"
MAX_ENTRIES = 1 << 24
"""Above any stored shape; what claims more would exhaust the memory of whoever builds it."""
MAX_AXES = 8
MAX_INTEGER = 1 << 53
SLUGS = re.compile(r"([a-z0-9-]+)/[a-z0-9-]+")
FORMULA = ("start", "step", "multiplier", "modulus", "shift")


def check_cases(records: list[dict], function: str, fmt: Format) -> int:
    """Refuse a file in which a case is not what a case has to be; return how many colons its text needs.

    Parameters
    ----------
    records : list of dict
        The cases; the first is in line 2.
    function, fmt : str, Format
        What the file says it holds.

    Raises
    ------
    Malformed
        With the line and the reason.
    """
    prefix = f"{function}/{fmt.name}/"
    try:
        colons = _check(records, prefix, fmt)
    except Malformed:
        _tell_line(records, prefix, fmt)
        raise
    ids = [record["id"] for record in records]
    if len({*ids}) < len(ids):
        n = next(n for n, name in enumerate(ids) if name in ids[:n])
        raise Malformed(f"{ids[n]}: an id occurs twice, first in line {ids.index(ids[n]) + 2}", n + 2)
    return colons


def _tell_line(records: list[dict], prefix: str, fmt: Format) -> None:
    for line, record in enumerate(records, start=2):
        try:
            _check([record], prefix, fmt)
        except Malformed as fault:
            name = record.get("id")
            raise Malformed(f"{name:.100}: {fault}" if type(name) is str else str(fault), line) from None


def check_types(found: list, kind: type, what: str) -> None:
    """Refuse a list in which something is not of a type."""
    if not {*map(type, found)} <= {kind}:
        raise Malformed(f"{what}, got {next(x for x in found if type(x) is not kind)!r:.60}")


def check_names(found: list, what: str, required: frozenset, known: frozenset = frozenset()) -> int:
    """Refuse what is no object, lacks a name, or has one that is not known; return the number of names."""
    check_types(found, dict, f"{what} needs an object")
    for names in {*map(tuple, found)}:
        for name in names:
            if name not in required and name not in known:
                raise Malformed(f"{what} has the unknown name {name!r:.60}")
        for name in sorted(required.difference(names)):
            raise Malformed(f"{what} lacks the name {name!r}")
    return sum(map(len, found))


@cache
def _names(*path: str) -> tuple[frozenset, frozenset]:
    """Return the required and all names of an object of the schema."""
    part = json.loads(SCHEMA.read_text(encoding="utf-8"))["$defs"]
    for name in path:
        part = part[name]
    return frozenset(part.get("required", ())), frozenset(part["properties"])


def _part(records: list[dict], name: str) -> tuple[list[dict], int]:
    """Return the objects of one name, and how many names they have."""
    part = [record[name] for record in records]
    return part, check_names(part, name, *_names("case", "properties", name))


def _check(records: list[dict], prefix: str, fmt: Format) -> int:
    """Check the columns of cases, and return the colons of their text: one a name, and those within words."""
    colons, numbers = check_names(records, "the case", *_names("case")), Numbers()
    for check in (_check_parameters, _check_inputs, _check_results, _check_policies):
        colons += check(records, numbers)
    colons += _check_words(records, prefix)
    numbers.check(fmt)
    return colons


def _check_words(records: list[dict], prefix: str) -> int:
    sources, colons = _part(records, "source")
    ids, comments, flags = ([record[name] for record in records] for name in ("id", "comment", "flags"))
    check_types(ids, str, "id needs text")
    check_types(comments, str, "comment needs text")
    for name, source in zip(ids, sources, strict=True):
        slugs = SLUGS.fullmatch(name, len(prefix))
        if not slugs or slugs[1] != source["family"] or not name.startswith(prefix):
            raise Malformed(f"the id needs to be {prefix}{source['family']}/slug, got {name!r:.100}")
    check_types(flags, list, "flags needs a list")
    check_types([*chain(*flags)], str, "a flag needs text")
    for names in flags:
        if not names or len({*names}) < len(names):
            raise Malformed(f"flags needs different names, got {names!r:.100}")
    words = "".join(chain(comments, *flags))
    if not words.isprintable():
        raise Malformed("a comment needs printable text")
    return colons + words.count(":")


def _check_parameters(records: list[dict], numbers: Numbers) -> int:
    parameters, colons = _part(records, "parameters")
    found = [number for named in parameters for number in named.values()]
    colons += check_names(found, "a parameter", *_names("number"))
    numbers.add([number["bits"] for number in found], [number["decimal"] for number in found])
    return colons


def _check_inputs(records: list[dict], numbers: Numbers) -> int:
    inputs, colons = _part(records, "inputs")
    stored = [x for named in inputs for x in named.values()]
    check_types(stored, dict, "an input needs an object")
    columns = {kind: [] for kind in _INPUTS}
    for x in stored:
        columns["bits" if "bits" in x else next((kind for kind in columns if kind in x), "bits")].append(x)
    for kind, column in columns.items():
        names = ("bits", "decimal") if kind == "bits" else (kind,)
        colons += check_names(column, "an input", frozenset(("shape", *names)))
        _check_shapes([x["shape"] for x in column])
        colons += _INPUTS[kind](column, numbers) or 0
    for record, named in zip(records, inputs, strict=True):
        axes = len(next(iter(named.values()))["shape"]) if named else 0
        axis = record.get("axis", -1)
        if type(axis) is not int or not -max(axes, 1) <= axis < max(axes, 1):
            raise Malformed(f"the axis needs to be one of {axes}, got {axis!r:.60}")
    return colons


def _check_shapes(shapes: list) -> None:
    check_types(shapes, list, "a shape needs a list")
    check_types([*chain(*shapes)], int, "a length needs an integer")
    for shape in {*map(tuple, shapes)}:
        if len(shape) > MAX_AXES or min(shape, default=0) < 0 or math.prod(shape) > MAX_ENTRIES:
            raise Malformed(f"a shape needs at most {MAX_AXES} lengths and {MAX_ENTRIES} entries, got {shape!r:.100}")


def _check_lengths(column: list[dict], names: tuple[str, ...]) -> None:
    """Refuse lists that are longer or shorter than their shape says."""
    for name in names:
        check_types([x[name] for x in column], list, f"{name} needs a list")
        for shape, length in {(tuple(x["shape"]), len(x[name])) for x in column}:
            if math.prod(shape) != length:
                raise Malformed(f"{name} needs {math.prod(shape)} entries for the shape {list(shape)}, got {length}")


def _check_floats(column: list[dict], numbers: Numbers) -> None:
    _check_lengths(column, ("bits", "decimal"))
    numbers.add(chain(*(x["bits"] for x in column)), chain(*(x["decimal"] for x in column)))


def _check_labels(column: list[dict], numbers: Numbers) -> None:
    _check_lengths(column, ("labels",))
    labels = [*chain(*(x["labels"] for x in column))]
    check_types(labels, int, "a label needs an integer")
    if min(labels, default=0) < 0:
        raise Malformed(f"a label needs an index from 0, got {min(labels)}")


def _check_mask(column: list[dict], numbers: Numbers) -> None:
    _check_lengths(column, ("mask",))
    check_types([*chain(*(x["mask"] for x in column))], bool, "a mask needs true or false")


def _check_recipes(column: list[dict], numbers: Numbers) -> int:
    recipes = [x["recipe"] for x in column]
    colons = check_names(recipes, "a recipe", *_names("input", "properties", "recipe"))
    for recipe, x in zip(recipes, column, strict=True):
        _check_recipe(recipe, math.prod(x["shape"]))
    return colons


def _check_recipe(recipe: dict, size: int) -> None:
    """Refuse a recipe whose integers are not exact in 53 bits, whoever computes them."""
    formula, pairs = [recipe[name] for name in FORMULA], recipe["set"]
    check_types(formula, int, "a recipe needs integers")
    start, step, multiplier, modulus, shift = formula
    largest = max(abs(start) + abs(step) * modulus, multiplier * size)
    if modulus < 1 or multiplier < 0 or abs(shift) > 1100 or largest > MAX_INTEGER:
        raise Malformed(
            f"a recipe needs a modulus from 1, no negative multiplier and integers up to 2^53, got {formula}"
        )
    check_types([pairs], list, "set needs a list")
    check_types(pairs, list, "set needs pairs")
    check_types([*chain(*pairs)], int, "set needs integers")
    for pair in pairs:
        if len(pair) != 2 or not 0 <= pair[0] < size or abs(pair[1]) > MAX_INTEGER:
            raise Malformed(f"set needs pairs of an index below {size} and an integer up to 2^53, got {pair!r:.60}")


_INPUTS = {"bits": _check_floats, "recipe": _check_recipes, "labels": _check_labels, "mask": _check_mask}


def _check_results(records: list[dict], numbers: Numbers) -> int:
    (expected, colons), (levels, more) = _part(records, "expected"), _part(records, "tol")
    _check_shapes([x["shape"] for x in expected])
    _check_lengths([_probed(x) if "at" in x else x for x in expected], ("bits", "decimal"))
    for level in ("tight", "standard"):
        _check_beside(expected, [tol[level] for tol in levels], level)
        numbers.tolerances += chain(*(tol[level] for tol in levels))
    numbers.add(chain(*(x["bits"] for x in expected)), chain(*(x["decimal"] for x in expected)))
    return colons + more


def _check_beside(expected: list[dict], column: list, what: str) -> None:
    """Refuse a list that is not as long as the expected bits of its case."""
    check_types(column, list, f"{what} needs a list")
    for wanted, length in {(len(x["bits"]), len(y)) for x, y in zip(expected, column, strict=True)}:
        if wanted != length:
            raise Malformed(f"{what} needs {wanted} entries, got {length}")


def _probed(expected: dict) -> dict:
    """Return the same, with the number of stored components as its shape."""
    at, size = expected["at"], math.prod(expected["shape"])
    check_types([at], list, "at needs a list")
    check_types(at, int, "at needs integers")
    if sorted({*at}) != at or not all(0 <= n < size for n in at):
        raise Malformed(f"at needs rising indices below {size}, got {at!r:.60}")
    return expected | {"shape": [len(at)]}


def _check_policies(records: list[dict], numbers: Numbers) -> int:
    asking = [record for record in records if "policy" in record or "accepted" in record]
    check_types([record.get("policy") for record in asking], str, "policy needs a name")
    colons = 0
    for record in asking:
        if record["policy"] not in POLICIES:
            raise Malformed(f"policy needs one of {', '.join(POLICIES)}, got {record['policy']!r:.60}")
        outcomes = record.get("accepted")
        colons += check_names([outcomes], "accepted", frozenset(POLICIES[record["policy"]]["outcomes"]))
        for outcome, bits in outcomes.items():
            _check_beside([record["expected"]], [bits], outcome)
            numbers.accepted += bits
    return colons
