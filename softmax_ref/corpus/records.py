"""From a draft to a stored case: certify, evaluate the tolerances, write bits and decimals."""

from __future__ import annotations

import math
from decimal import ROUND_CEILING, Context, Decimal
from fractions import Fraction

import numpy as np

from softmax_ref.certified import Certificate, certify
from softmax_ref.certified.definitions import DEFINITIONS
from softmax_ref.certified.rounding import scientific
from softmax_ref.certified.slices import Slices
from softmax_ref.corpus.bounds import LEVELS
from softmax_ref.corpus.families.drafts import Draft, Labels, Lattice, Mask
from softmax_ref.corpus.loader import CORPUS_VERSION
from softmax_ref.corpus.notes import NOTES
from softmax_ref.corpus.overflows import overflowed, saturated
from softmax_ref.corpus.policies import POLICIES
from softmax_ref.corpus.recipes import build_recipe
from softmax_ref.corpus.tolerances import tolerances
from softmax_ref.formats import Format

__all__ = ["DIGITS", "record", "rounded_up"]

STORED_ENTRIES = 64
FAR = 128
DIGITS = {53: 22, 24: 13, 11: 10, 8: 10, 4: 8, 3: 8}
"""Decimals stored for a result: 1/1000 ulp and two guard digits, by precision."""


def record(function: str, fmt: Format, family: str, draft: Draft) -> dict:
    """Return a case as it is stored: inputs, certified results, tolerances, accepted outcomes.

    Parameters
    ----------
    function, fmt, family : str, Format, str
        What is computed, in which format, and where the draft comes from.
    draft : Draft
        The inputs and what is true of them.

    Raises
    ------
    ValueError
        The draft breaks a rule of the corpus; the message starts with "corpus bug".
    """
    unknown = set(draft.flags) - set(NOTES)
    if unknown:
        raise ValueError(f"corpus bug: flags {sorted(unknown)} have no note")
    parameters = {name: _parameter(name, value, fmt) for name, value in draft.parameters.items()}
    arrays = {name: _values(x, fmt) for name, x in draft.inputs.items()}
    along = {"axis": draft.axis} if _takes_axis(function) else {}
    keywords = along | draft.parameters
    shape, at = _result(function, arrays, keywords)
    certificate = certify(function, *arrays.values(), format=fmt, at=at, **keywords)
    stored = {
        "id": f"{function}/{fmt.name}/{family}/{draft.slug}",
        "comment": draft.comment,
        "flags": list(draft.flags),
        **along,
        "parameters": parameters,
        "inputs": {name: _input(x, arrays[name], fmt) for name, x in draft.inputs.items()},
        "expected": {"shape": list(shape)} | ({} if at is None else {"at": at}) | _expected(certificate, fmt),
        "tol": {level: _tolerances(function, arrays, certificate, level, at, keywords) for level in LEVELS},
    }
    if draft.policy and function != "logsumexp":  # whose value is -inf or +inf, and no policy
        stored |= {"policy": draft.policy, "accepted": _accepted(function, arrays, fmt, draft)}
        stored["tol"] = {level: _policy_tol(stored["tol"][level], certificate) for level in LEVELS}
    elif overflowed(certificate).any():
        stored |= _overflow(certificate, stored["tol"])
    return stored | {"source": {"family": family, "generator": CORPUS_VERSION}}


def _tolerances(function: str, arrays: dict, certificate: Certificate, level: str, at, keywords: dict) -> list[str]:
    values, fmt = saturated(certificate), certificate.format

    def allowed(scale: int) -> list[float]:
        given = {"values": values, "fmt": fmt, "level": level, "at": at, "scale": scale}
        return tolerances(function, *arrays.values(), **given, **keywords).tolist()

    plain = allowed(0)
    # Beside a result near 0 a bound may have more ulp than a float64 can count; a decimal can.
    wide = allowed(FAR) if math.inf in plain else plain
    return [rounded_up(Decimal(x) if x < math.inf else Decimal(y) * 2**FAR) for x, y in zip(plain, wide, strict=True)]


def _values(x, fmt: Format) -> np.ndarray:
    if isinstance(x, Lattice):
        values = build_recipe(x.recipe, x.shape)
        fmt.encode(values)  # refuses what the format does not hold
        return values
    if isinstance(x, (Labels, Mask)):
        return np.array(x.values, np.int64 if isinstance(x, Labels) else np.bool_)
    return _cast(np.asarray(x, np.float64), fmt)


def _cast(x: np.ndarray, fmt: Format) -> np.ndarray:
    values = fmt.cast(x)
    if (np.isnan(values) & ~np.isnan(x)).any():
        raise ValueError(f"corpus bug: an input of {x[np.isnan(values)][0]} is no number of {fmt.name}")
    return values


def _takes_axis(function: str) -> bool:
    """Whether a function is called with an axis: elementwise ones, matrices and losses are not."""
    definition = DEFINITIONS[function]
    elementwise = definition.logits in ("x0", "xy")
    return not elementwise and definition.result != "matrix" and "label" not in definition.columns


def _result(function: str, arrays: dict, keywords: dict) -> tuple[tuple[int, ...], list[int] | None]:
    """Return the shape of the result and the positions to store: None for all, else at most eight."""
    parameters = {name: value for name, value in keywords.items() if name != "axis"}
    slices = Slices(function, DEFINITIONS[function], tuple(arrays.values()), keywords.get("axis", -1), parameters)
    shape = tuple(int(n) for n in slices.shape)
    size = math.prod(shape)
    if size <= STORED_ENTRIES:
        return shape, None
    width = next(iter(arrays.values())).shape[-1]
    probes = [0, 1, width // 2, width - 1, width, width + 1, size - width // 3, size - 1]
    return shape, sorted({n for n in probes if 0 <= n < size})


def _input(x, values: np.ndarray, fmt: Format) -> dict:
    if isinstance(x, Lattice):
        return {"shape": list(values.shape), "recipe": x.recipe}
    if isinstance(x, (Labels, Mask)):
        name = "labels" if isinstance(x, Labels) else "mask"
        return {"shape": list(values.shape), name: values.ravel().tolist()}
    if values.size > STORED_ENTRIES:
        raise ValueError(f"corpus bug: an input of {values.size} entries needs a recipe")
    bits = fmt.encode(values).ravel().tolist()
    decimals = [_shortest(v, fmt) for v in values.ravel().tolist()]
    return {"shape": list(values.shape), "bits": [_hex(b, fmt) for b in bits], "decimal": decimals}


def _parameter(name: str, value: float, fmt: Format) -> dict:
    if float(fmt.cast(value)) != value:
        raise ValueError(f"corpus bug: the parameter {name} = {value} is no number of {fmt.name}")
    return {"bits": _hex(int(fmt.encode(value)), fmt), "decimal": _shortest(float(value), fmt)}


def _shortest(value: float, fmt: Format) -> str:
    """Return the shortest decimal that rounds to the value in its format."""
    if not math.isfinite(value) or value == 0:
        return str(value).removesuffix(".0")
    exact = Fraction(value)
    bits = int(fmt.encode(value))
    return next(text for n in range(1, 18) if fmt.round(Fraction(text := scientific(exact, n))) == bits)


def _expected(certificate: Certificate, fmt: Format) -> dict:
    bits = certificate.bits.ravel().tolist()
    decimals = np.ravel(certificate.decimal(DIGITS[fmt.precision])).tolist()
    for n, b in enumerate(bits):
        decimals[n] = _agreeing(decimals[n], b, n, certificate, fmt)
    return {"bits": [_hex(b, fmt) for b in bits], "decimal": decimals}


def _agreeing(text: str, bits: int, n: int, certificate: Certificate, fmt: Format) -> str:
    """Return a decimal of component n that rounds to its bits: beside a midpoint it takes more digits."""
    if not math.isfinite(float(text)):
        return text
    # e^-(10^38) written out would exhaust a reader's big numbers; 0 is right to a millionth of an ulp.
    if int(text.partition("e")[2] or 0) < -340:
        return "0"
    for digits in range(DIGITS[fmt.precision] + 8, 100, 8):
        if fmt.round(Fraction(text)) & ~fmt.sign_bit == bits & ~fmt.sign_bit:
            return text
        text = np.ravel(certificate.decimal(digits))[n]
    raise ValueError(f"corpus bug: 100 digits of {text} do not tell on which side of a midpoint it lies")


def _hex(bits: int, fmt: Format) -> str:
    return f"0x{bits:0{fmt.width // 4}x}"


def rounded_up(x: Decimal | float) -> str:
    """Return a bound rounded up to three digits, after a margin for the float64 evaluation of the bound."""
    rounded = Context(prec=3, rounding=ROUND_CEILING).plus(Decimal(x) * (1 + Decimal("1e-9")))
    return f"{float(rounded):g}" if math.isfinite(float(rounded)) else f"{rounded.normalize():g}"


def _accepted(function: str, arrays: dict, fmt: Format, draft: Draft) -> dict:
    """Return, by name, the bits of every outcome that a right implementation may give."""
    outcomes = {}
    z, *others = arrays.values()
    if "mask" in arrays:
        z, others = np.where(arrays["mask"], z, -np.inf), [np.ones_like(arrays["mask"])]
    for outcome in POLICIES[draft.policy]["outcomes"]:
        values = _outcome(function, z, others, fmt, draft, outcome)
        outcomes[outcome] = [_hex(int(b), fmt) for b in fmt.encode(values).ravel()]
    return outcomes


def _outcome(function: str, z, others, fmt: Format, draft: Draft, outcome: str) -> np.ndarray:
    keywords = draft.parameters | ({"axis": draft.axis} if _takes_axis(function) else {})
    usual = certify(function, z, *others, format=fmt, **keywords).values
    if outcome == "nan":
        return usual
    zero = -np.inf if function == "log_softmax" else 0.0
    if outcome == "zero":
        return np.where(np.isnan(usual), zero, usual)
    if outcome == "slot":
        rest = np.where(np.isposinf(z), np.nan, zero)
        return np.where(np.isnan(usual), rest, usual)
    if outcome == "uniform":
        z = np.where(np.isneginf(z).all(axis=draft.axis, keepdims=True), 0.0, z)
    else:
        has_inf = np.isposinf(z).any(axis=draft.axis, keepdims=True)
        z = np.where(has_inf, np.where(np.isposinf(z), 0.0, -np.inf), z)
    return certify(function, z, *others, format=fmt, **keywords).values


def _policy_tol(tol: list[str], certificate: Certificate) -> list[str]:
    """Allow one ulp where the policy speaks: 1/3 may be rounded either way."""
    return ["1" if nan else t for t, nan in zip(tol, np.isnan(certificate.values).ravel(), strict=True)]


def _overflow(certificate: Certificate, tol: dict) -> dict:
    """Return what a case stores that holds results past the largest number: either answer, exactly."""
    fmt = certificate.format
    values, lost = {"nan": certificate.values, "saturate": saturated(certificate)}, overflowed(certificate).ravel()
    return {
        "policy": "overflow",
        "accepted": {name: [_hex(int(b), fmt) for b in fmt.encode(x).ravel()] for name, x in values.items()},
        "tol": {level: ["0" if o else t for t, o in zip(tol[level], lost, strict=True)] for level in LEVELS},
    }
