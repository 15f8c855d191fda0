"""The stored corpus: up to date, valid, verified twice, refused when touched."""

import hashlib
import json
import math
import re
import shutil
from fractions import Fraction

import jsonschema
import mpmath
import numpy as np
import pytest

from softmax_ref import certify
from softmax_ref.certified import rows
from softmax_ref.certified.near import ball
from softmax_ref.certified.rounding import CertificationError
from softmax_ref.corpus import CORPUS_FUNCTIONS, builder, formats_of, load, records
from softmax_ref.corpus.families import FAMILIES
from softmax_ref.corpus.loader import VECTORS, read_notes
from softmax_ref.corpus.policies import POLICIES, check_policies
from softmax_ref.corpus.verify import verify
from softmax_ref.formats import get_format

FILES = [(function, fmt) for function in CORPUS_FUNCTIONS for fmt in formats_of(function)]


@pytest.fixture
def copy(tmp_path):
    """A copy of the vectors that a test may damage."""
    return shutil.copytree(VECTORS, tmp_path / "vectors")


def _content(function, fmt):
    return json.loads((VECTORS / f"{function}-{fmt}.json").read_text(encoding="utf-8"))


def _edit(directory, name, change, *, reseal=True):
    """Change the text of a file; with reseal, give the manifest its new checksum."""
    path = directory / name
    path.write_text(change(path.read_text(encoding="utf-8")), encoding="utf-8")
    if reseal:
        manifest = json.loads((directory / "manifest.json").read_text())
        manifest["files"][name]["sha256"] = hashlib.sha256(path.read_bytes()).hexdigest()
        (directory / "manifest.json").write_text(json.dumps(manifest))


def _replaced(text, change):
    """Replace each old text once."""
    for old, new in change.items():
        text = text.replace(old, new, 1)
    return text


def test_the_second_engine_agrees_with_every_stored_value():
    """Two engines without common code derive the same bits."""
    checked, faults = 0, []
    for _, count, found in verify():
        checked += count
        faults += found

    assert faults == []
    assert checked == sum(len(case.at) * (1 + len(case.outcomes)) for case in load())


def test_a_wrong_digit_is_found_by_the_second_engine(copy):
    """The next float, with its decimal and a fresh checksum, is named with its case and component."""
    change = {"0x3cc1a9d0": "0x3cc1a9d1", "0.02364054302159": "0.02364054508507"}
    _edit(copy, "softmax-binary32.json", lambda text: _replaced(text, change))

    faults = [fault for _, _, found in verify(copy, ["softmax"], ["binary32"]) for fault in found]

    assert faults == [
        "corpus bug: softmax/binary32/textbook/article-row: component 0 is stored as 0x3cc1a9d1, "
        "the second engine gives 0x3cc1a9d0"
    ]


def test_a_wrong_accepted_outcome_is_found_by_the_second_engine(copy):
    """1/3 for a slice of three -inf, off by one bit."""
    _edit(
        copy,
        "softmax-binary32.json",
        lambda text: text.replace('"uniform": ["0x3eaaaaab"', '"uniform": ["0x3eaaaaaa"', 1),
    )

    faults = [fault for _, _, found in verify(copy, ["softmax"], ["binary32"]) for fault in found]

    assert len(faults) == 1
    assert "component 0 of the outcome uniform is stored as 0x3eaaaaaa" in faults[0]


def _agrees(case):
    """Whether the first engine gives the stored values again."""
    try:
        again = certify("softmax", *case.inputs.values(), format="binary32", axis=case.axis, at=case.at)
    except CertificationError:
        return False
    return np.array_equal(again.values.ravel(), case.values, equal_nan=True)


def test_verification_notices_a_first_engine_without_a_shift(monkeypatch):
    """Break the first engine's shift: its values differ from those that the second engine confirms, or have no proof."""
    cases = [case for case in load("softmax", "binary32") if case.policy is None and case.at.size < 8]
    assert all(map(_agrees, cases))

    monkeypatch.setattr(rows.Row, "weight", lambda self, logit: ball(logit).exp())

    assert sum(not _agrees(case) for case in cases) > 20


def test_the_schema_refuses_an_unknown_name():
    """A misspelt key is no extension."""
    content = _content("softmax", "binary32")
    content["cases"][0]["flag"] = []
    schema = json.loads((VECTORS / "schema.json").read_text())

    with pytest.raises(jsonschema.ValidationError, match="flag"):
        jsonschema.Draft202012Validator(schema).validate(content)


@pytest.mark.parametrize(("function", "fmt"), FILES)
def test_guard_digits_measure_a_thousandth_of_an_ulp(function, fmt):
    """The last digit of every stored decimal is worth less than 1/1000 ulp."""
    form = get_format(fmt)
    for case in load(function, fmt):
        for text, value in zip(case.record["expected"]["decimal"], case.values.tolist(), strict=True):
            if math.isfinite(value) and value and "." in text:
                mantissa, _, exponent = text.partition("e")
                last = Fraction(10) ** (int(exponent or 0) - len(mantissa.partition(".")[2]))
                digits = len(re.sub(r"^-?0*\.?0*", "", mantissa).replace(".", ""))
                stored = records.DIGITS[form.precision]
                assert last * 1000 < Fraction(float(form.ulp(value))) or digits < stored, case["id"]


LONG = 300  # entries; longer rows take minutes at 800 digits
SPARSE = ("argmax_one_hot", "sparsemax", "sparsemax_vjp", "entmax15", "entmax15_vjp", "entmax", "entmax_vjp")
"""Functions with a threshold, whose third evaluation is in test_corpus_sparse."""
TEMPERED = (
    *("boltzmann", "partition_function", "free_energy", "boltzmann_policy", "gumbel_softmax", "exponential_tilting"),
    *("log_semiring_add", "log_semiring_multiply", "log_semiring_sum"),
)
"""Evaluated from their definitions in test_corpus_tempered."""
FORMS = (
    *("softmax_beta", "softmax_temperature", "softmax_beta_vjp", "softmax_temperature_vjp", "masked_softmax"),
    *("cross_entropy", "cross_entropy_vjp", "cross_entropy_jvp"),
)
"""Evaluated from their definitions in test_corpus_forms."""
DERIVATIVES = (
    *("log_softmax_vjp", "log_softmax_jvp", "logsumexp_vjp", "logsumexp_jvp"),
    *("logaddexp", "logaddexp_vjp", "logaddexp_jvp"),
    *("log_logistic", "logistic_vjp", "log_logistic_vjp", "softplus_vjp"),
)
"""Evaluated from their definitions in test_corpus_derivatives."""


def _by_definition(case):
    """The exact values of a case without any shift, in mpmath at the working precision; None where infinities meet."""
    arrays = [np.moveaxis(x, case.axis, -1) if case.axis is not None else x for x in case.inputs.values()]
    z = arrays[0]
    if case.function in ("logistic", "softplus"):
        value = (
            (lambda x: 1 / (1 + mpmath.exp(-x)))
            if case.function == "logistic"
            else (lambda x: mpmath.log(1 + mpmath.exp(x)))
        )
        return [value(mpmath.mpf(x)) for x in z.ravel().tolist()]
    if case.function in AVERAGES:
        rows = [_average_by_definition(case.function, row, **case.parameters) for row in z.reshape(-1, z.shape[-1])]
        return rows if case.function != "clr" else _along(case, rows, z.shape)
    rows = []
    for n, row in enumerate(z.reshape(-1, z.shape[-1])):
        weight = {x: mpmath.exp(x) for x in set(row.tolist())}
        values, counts = np.unique(row, return_counts=True)
        total = mpmath.fsum(int(c) * weight[x] for x, c in zip(values.tolist(), counts.tolist(), strict=True))
        p = {x: w / total for x, w in weight.items()}
        rows.append(
            _row_by_definition(case.function, row.tolist(), p, total, arrays[-1].reshape(-1, z.shape[-1])[n].tolist())
        )
    if case.function in ("logsumexp", "softmax_jacobian"):
        return [x for row in rows for x in row]
    return _along(case, rows, z.shape)


def _along(case, rows, shape):
    """Rows along the axis of the case, flat."""
    flat = np.empty((len(rows), shape[-1]), object)
    flat[:] = rows
    return np.moveaxis(flat.reshape(shape), -1, case.axis).ravel().tolist()


AVERAGES = ("entropy", "mean_energy", "heat_capacity", "boltzmann_operator", "clr")


def _average_by_definition(function, row, beta=1.0):
    x = [mpmath.mpf(v) for v in row.tolist()]
    if function == "clr":
        logs = [mpmath.log(v) for v in x]
        return [y - mpmath.fsum(logs) / len(x) for y in logs]
    sign = -1 if function in ("mean_energy", "heat_capacity") else 1
    weights = [mpmath.exp(sign * beta * v) for v in x]
    p = [w / mpmath.fsum(weights) for w in weights]
    mean = mpmath.fsum(a * v for a, v in zip(p, x, strict=True))
    if function == "entropy":
        return -mpmath.fsum(a * mpmath.log(a) for a in p)
    if function == "heat_capacity":
        return beta**2 * mpmath.fsum(a * (v - mean) ** 2 for a, v in zip(p, x, strict=True))
    return mean


def _row_by_definition(function, z, p, total, g):
    if function == "softmax":
        return [p[x] for x in z]
    if function == "log_softmax":
        log_total = mpmath.log(total)
        return [x - log_total for x in z]
    if function == "logsumexp":
        return [mpmath.log(total)]
    if function == "softmax_jacobian":
        return [p[x] * ((i == j) - p[y]) for i, x in enumerate(z) for j, y in enumerate(z)]
    mean = mpmath.fsum(p[x] * mpmath.mpf(c) for x, c in zip(z, g, strict=True))
    return [p[x] * (c - mean) for x, c in zip(z, g, strict=True)]


@pytest.mark.parametrize(
    ("function", "fmt"), [file for file in FILES if file[0] not in SPARSE + TEMPERED + FORMS + DERIVATIVES]
)
def test_decimals_are_what_the_definition_gives_at_800_digits(function, fmt):
    """A third evaluation, without shift, enclosure or rounding to a format, agrees to the last stored digit but one."""
    form = get_format(fmt)
    with mpmath.workdps(800):
        for case in load(function, fmt):
            arrays = case.inputs.values()
            if not all(np.isfinite(x).all() and x.size <= LONG for x in arrays):
                continue
            exact = _by_definition(case)
            for at, text, value in zip(
                case.at.tolist(), case.record["expected"]["decimal"], case.values.tolist(), strict=True
            ):
                slack = mpmath.mpf(float(form.ulp(value if value == value else form.max))) / 1000
                assert abs(mpmath.mpf(text) - exact[at]) < slack, (case.id, at)


def test_every_function_has_at_least_25_families_or_cases_of_each_kind():
    """The row functions have 25 families and more; no file has more cases than allowed."""
    assert all(len(FAMILIES[function]) >= 25 for function in ("softmax", "log_softmax", "logsumexp"))
    assert all(len(_content(function, fmt)["cases"]) <= builder.MAX_CASES for function, fmt in FILES)


def test_every_flag_has_a_note_and_every_note_a_case():
    """Flags are explained once; nothing is explained that no case carries."""
    notes = read_notes()["notes"]
    used = {flag for case in load() for flag in case.flags}

    assert used == set(notes)
    assert all(note["bug"] and note["effect"] for note in notes.values())


def test_shapes_that_real_kernels_got_wrong_are_present():
    """K = 1, 127, 128, 129, 65536; both axes of a (3, 2) matrix; odd widths of two rows for softmax."""
    cases = load("softmax", "binary32")
    shapes = {(case.shape, case.axis) for case in cases}
    slugs = {case.id.split("/", 2)[2] for case in cases}

    assert {
        ((2, 127), -1),
        ((2, 128), -1),
        ((2, 129), -1),
        ((65536,), -1),
        ((3, 2), 0),
        ((3, 2), -1),
        ((1,), -1),
    } <= shapes
    assert {f"sweep/{width}" for width in (513, 641, 767, 1023)} <= slugs


@pytest.mark.parametrize("fmt", formats_of("softmax_vjp"))
def test_gradient_cases_have_varying_cotangents_and_two_rows(fmt):
    """With constant cotangents in most slices, or a single row, a wrong sign or axis would pass."""
    for case in load("softmax_vjp", fmt):
        g, z = np.moveaxis(case.inputs["g"], case.axis, -1), case.inputs["z"]
        if z.shape[case.axis] > 1:
            assert (g.max(axis=-1) > g.min(axis=-1)).mean() >= 0.75, case.id
        assert z.ndim > 1 or z.size > 65536 or case.policy or "/subnormal-places/" in case.id


def test_a_policy_case_lists_every_accepted_outcome():
    """The names are those of the policy, the bits fill the shape."""
    cases = [case for case in load() if case.policy]

    questions = {"all_neg_inf", "pos_inf", "all_masked", "gradient_all_neg_inf", "overflow"}
    assert {case.policy for case in cases} == questions
    for case in cases:
        assert tuple(case.outcomes) == POLICIES[case.policy]["outcomes"]
        assert all(len(values) == len(case.at) for values in case.outcomes.values())


def test_loading_names_what_there_is():
    """An unknown function or format lists the known ones."""
    with pytest.raises(ValueError, match="load: function needs to be one of softmax, .*, got 'hardmax'"):
        load("hardmax")
    with pytest.raises(ValueError, match="load: format needs to be one of binary64, .*, got 'float32'"):
        load("softmax", "float32")


def test_policies_name_what_there_is():
    """An unknown policy or answer lists the known ones."""
    with pytest.raises(ValueError, match="policies needs names among all_neg_inf, .*, got 'nan'"):
        check_policies({"nan": "nan"})
    with pytest.raises(ValueError, match="policy pos_inf needs one of nan, limit, slot, got 'zero'"):
        check_policies({"pos_inf": "zero"})


def test_files_have_unix_lines_and_one_case_a_line():
    """A diff shows one case."""
    for function, fmt in FILES:
        text = (VECTORS / f"{function}-{fmt}.json").read_bytes().decode()
        assert "\r" not in text
        assert text.count("\n") == len(json.loads(text)["cases"]) + 2
