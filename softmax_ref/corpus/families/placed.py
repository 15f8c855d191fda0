"""Questions of policy in every width, along either axis and in every place, for each function that they are put to.

An implementation may answer a question as it likes, but not in one way for two classes and in another for seventeen,
along the last axis and the first, in the first row and the last.
"""

from collections.abc import Callable
from dataclasses import replace
from functools import wraps

import numpy as np

from softmax_ref.corpus.families.drafts import Draft, Family, Mask, Range, draft

__all__ = ["PLACED"]

INF = np.inf


def infinity_places(r: Range):
    """+inf alone, in each place, beside -inf, in one row of two, along either axis."""

    def case(slug, comment, z, **more):
        return draft(slug, comment, "infinite-logit", z, policy="pos_inf", **more)

    yield case("alone", "a single logit of +inf", [INF])
    yield case("first", "+inf stands first of three", [INF, 0, 1])
    yield case("last", "+inf stands last of three", [1, 0, INF])
    yield case("beside-masked", "+inf stands beside -inf", [-INF, INF])
    yield case("only", "three logits of +inf share the limit", [INF, INF, INF])
    yield case("beside-largest", "+inf lies above the largest finite number", [r.format.max, INF])
    yield case("one-row", "+inf in one row leaves the other alone", [[0, INF, 1], [0, 2, 1]])
    yield case("column", "+inf in one column leaves the other alone", [[0, 1], [INF, 2]], axis=0)
    yield case("place-40-of-64", "+inf stands in place 40 of 64", np.r_[np.zeros(40), INF, np.zeros(23)])


def masked_rows(r: Range):
    """Rows of only -inf of every width, alone and beside others."""

    def case(slug, comment, z, **more):
        return draft(slug, comment, "all-masked", z, policy="all_neg_inf", **more)

    yield case("alone", "a single logit of -inf", [-INF])
    yield case("two", "a slice of two -inf has no distribution", [-INF] * 2)
    yield case("seventeen", "a slice of seventeen -inf has none", [-INF] * 17)
    yield case("sixty-four", "a slice of sixty-four -inf has none", [-INF] * 64)
    yield case("every-row", "no row of two has a finite logit", [[-INF] * 3] * 2)
    yield case("last-row", "the last row of three has no finite logit", [[0, 1], [1, 0], [-INF, -INF]])
    yield case("column", "one column of three has no finite logit", [[-INF, 0, 1], [-INF, 2, -INF]], axis=0)


def subnormal_places(r: Range):
    """A result below the smallest normal number in rows of every width, along either axis, in every row."""

    def case(slug, comment, z, **more):
        return draft(slug, comment, "subnormal-result", np.array(z, float), **more)

    low = -r.normal - 2
    yield case("first", "the first of two classes has a subnormal share", [low, 0])
    for width in (17, 64):
        row = [low, *[2 * low] * (width - 2), 0]
        yield case(f"{width}", f"one of {width} classes has a subnormal share", row)
    yield case("every-row", "one class of each row has a subnormal share", [[0, low], [low, 0], [0, low]])
    yield case("last-row", "the last row of three has a subnormal share", [[0, -1], [-1, 0], [0, low]])
    yield case("column", "one column of three has a subnormal share", [[0, 0, -1], [-1, low, 0]], axis=0)


def nothing_kept(r: Range):
    """Rows of which a mask keeps nothing, of every width, alone and beside others."""

    def case(slug, comment, z, mask, flag="tail-elements"):
        flags = f"nothing-kept {flag}"
        return draft(slug, comment, flags, z, mask=Mask(np.array(mask, bool).tolist()), policy="all_masked")

    for name, width in (("two", 2), ("seventeen", 17), ("sixty-four", 64)):
        yield case(name, f"none of {name.replace('-', ' ')} classes is kept", np.arange(width) % 5, [0] * width)
    yield case("every-row", "nothing is kept in two rows", [[1, 2, 3], [3, 1, 1]], [[0] * 3] * 2, "row-mixing")
    z, mask = [[0, 1], [1, 0], [2, 2]], [[1, 1], [1, 0], [0, 0]]
    yield case("last-row", "nothing is kept in the last row of three", z, mask, "row-mixing")


def _of(family: Family, make: Callable[[np.ndarray, Draft], dict], **changed) -> Family:
    """Return a family of logits for a function of other arguments, made from the logits."""

    @wraps(family)
    def made(r: Range):
        for one in family(r):
            yield replace(one, inputs=make(np.asarray(one.inputs["z"], float), one), **changed)

    return made


def _at(family: Family, scale: float = 1.0, **parameters) -> Family:
    """Return a family at some parameters, its logits scaled first so that the parameters take that back."""
    return _of(family, lambda z, one: {"z": z * scale}, parameters=parameters)


def _named(family: Family, name: str, sign: int = 1) -> Family:
    return _of(family, lambda z, one: {name: sign * z})


def _beside(family: Family, name: str, make: Callable[[np.ndarray], np.ndarray], scale=1.0, **changed) -> Family:
    """Return a family with its logits scaled, and a second array of their shape."""
    return _of(family, lambda z, one: {"z": z * scale, name: make(z)}, **changed)


def _by_slice(family: Family, **changed) -> Family:
    """Return a family with a cotangent for each slice."""
    return _of(family, lambda z, one: {"z": z, "g": _small(z.max(axis=one.axis))}, **changed)


def _small(z: np.ndarray) -> np.ndarray:
    """Return small numbers of either sign."""
    return np.arange(z.size).reshape(z.shape) % 4 - 1.5


def _uneven(z: np.ndarray) -> np.ndarray:
    """Return 0 and 1/2 by turns."""
    return np.arange(z.size).reshape(z.shape) % 2 / 2


def _lower(z: np.ndarray) -> np.ndarray:
    """Return 1 below the largest logits, which are 0, and 0 there: the gradient is then a subnormal share."""
    return (z < 0).astype(float)


def _matrices(family: Family) -> Family:
    """Keep the rows whose Jacobian matrices are not large."""

    @wraps(family)
    def kept(r: Range):
        return (one for one in family(r) if one.axis == -1 and np.shape(one.inputs["z"])[-1] < 10)

    return kept


def _gradient(family: Family, **changed) -> Family:
    return _beside(family, "g", _small, policy="gradient_all_neg_inf", **changed)


def _kept_whole(family: Family) -> Family:
    return _of(family, lambda z, one: {"z": z, "mask": Mask(np.full(z.shape, True).tolist())})


_UNSETTLED = [infinity_places, masked_rows]
_JACOBIANS = [_of(_matrices(masked_rows), lambda z, one: {"z": z}, policy="gradient_all_neg_inf")]
PLACED = {
    "softmax": [*_UNSETTLED, subnormal_places],
    "log_softmax": _UNSETTLED,
    "logsumexp": _UNSETTLED,
    "argmax_one_hot": _UNSETTLED,
    "sparsemax": _UNSETTLED,
    "entmax15": _UNSETTLED,
    "entmax": [_at(masked_rows, alpha=1.5)],
    "entropy": [masked_rows],
    "softmax_beta": [_at(family, 0.5, beta=2.0) for family in (*_UNSETTLED, subnormal_places)],
    "softmax_temperature": [_at(family, 0.5, temperature=0.5) for family in (*_UNSETTLED, subnormal_places)],
    "boltzmann": [_named(subnormal_places, "energies", -1)],
    "boltzmann_policy": [_named(subnormal_places, "values")],
    "gumbel_softmax": [_beside(subnormal_places, "noise", _uneven)],
    "masked_softmax": [*(_kept_whole(family) for family in (masked_rows, subnormal_places)), nothing_kept],
    "softmax_jacobian": [*_JACOBIANS, _matrices(subnormal_places)],
    "softmax_vjp": [_gradient(masked_rows), _beside(subnormal_places, "g", _lower)],
    "sparsemax_vjp": [_gradient(masked_rows, scale=0.25)],
    "entmax15_vjp": [_gradient(masked_rows)],
    "entmax_vjp": [_gradient(masked_rows, parameters={"alpha": 1.5})],
    "softmax_beta_vjp": [
        _gradient(masked_rows, scale=0.5, parameters={"beta": 2.0}),
        _beside(subnormal_places, "g", _lower, scale=0.5, parameters={"beta": 2.0}),
    ],
    "softmax_temperature_vjp": [
        _gradient(masked_rows, scale=0.5, parameters={"temperature": 0.5}),
        _beside(subnormal_places, "g", _lower, scale=0.5, parameters={"temperature": 0.5}),
    ],
    "log_softmax_vjp": [_gradient(masked_rows), _beside(subnormal_places, "g", lambda z: 1 - _lower(z))],
    "log_softmax_jvp": [
        _beside(masked_rows, "v", _small, policy="gradient_all_neg_inf"),
        _beside(subnormal_places, "v", _lower),
    ],
    "logsumexp_vjp": [_by_slice(masked_rows, policy="gradient_all_neg_inf"), _by_slice(subnormal_places)],
    "logsumexp_jvp": [
        _beside(masked_rows, "v", _small, policy="gradient_all_neg_inf"),
        _beside(subnormal_places, "v", _lower),
    ],
}
"""The families of each function, in addition to its own."""
