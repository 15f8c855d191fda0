"""Wrong arg max: ties that are broken, near-ties that are none, and maxima that start elsewhere."""

import numpy as np

from softmax_ref.faults.catalogue import ALL, WIDE, fault
from softmax_ref.faults.parts import textbook
from softmax_ref.faults.sparse_parts import counted, distances, on_rows

UP_TO_BFLOAT16 = (*WIDE, "bfloat16")


def _shared(top, z):
    """Share the mass among the entries found; nan where there is no maximum."""
    lost = np.isnan(distances(z).max(axis=-1, keepdims=True))
    return np.where(lost, np.nan, top / counted(top).astype(z.dtype))


def _where(found):
    """Return the shares of the entries that are found."""
    return lambda z: _shared(found(z), z)


def _one(index):
    """Return 1 at one index of each row."""

    def found(z):
        top = np.zeros(z.shape, bool)
        np.put_along_axis(top, index(z)[..., None], True, -1)
        return top

    return found


def _last(z):
    return z.shape[-1] - 1 - z[..., ::-1].argmax(axis=-1)


def _top(z):
    return z.max(axis=-1, keepdims=True)


def _first_two(z):
    """Share among two at most."""
    top = distances(z) == 0
    return top & (np.cumsum(top, axis=-1) <= 2)


def _counted_over_all(z):
    """Divide by the number of maxima in the whole array."""
    top = distances(z) == 0
    return np.where(np.isnan(distances(z).max(axis=-1, keepdims=True)), np.nan, top / max(top.sum(), 1))


def _full_blocks(z):
    """Share among the entries of full blocks of 8."""
    top = distances(z) == 0
    top[..., z.shape[-1] // 8 * 8 or z.shape[-1] :] = False
    return top


def _by_bits(z):
    """Compare bits: -0 and +0 differ."""
    return (distances(z) == 0) & ~(np.signbit(z) & (z == 0))


def _enter(slug, flag, text, fn, formats=ALL):
    fault("argmax_one_hot", flag, text, formats=formats, name=slug)(on_rows(fn))


_enter("first-of-ties", "ties", "the first of several maxima takes all", _where(_one(lambda z: z.argmax(axis=-1))))
_enter("last-of-ties", "ties", "the last of several maxima takes all", _where(_one(_last)))
_enter("first-two-of-ties", "ties", "two of several maxima share", _where(_first_two))
_enter("ties-not-shared", "ties", "each of several maxima gets 1", lambda z: np.ceil(_shared(distances(z) == 0, z)))
_enter("ties-counted-over-all", "row-mixing", "the maxima of all rows share", _counted_over_all)
_enter(
    "within-1e-6",
    "near-ties",
    "entries within 1e-6 of the maximum are equal",
    _where(lambda z: distances(z) >= -1e-6 * abs(_top(z))),
    ("binary64",),
)
_enter(
    "within-1e-8",
    "near-ties",
    "entries within 1e-8 are equal, however small they are",
    _where(lambda z: distances(z) >= -1e-8),
    WIDE,
)
_enter(
    "within-an-ulp",
    "near-ties",
    "the neighbour of the maximum is equal to it",
    _where(lambda z: np.nextafter(z, z.dtype.type(np.inf)) >= _top(z)),
    WIDE,
)
_enter(
    "compared-in-float16",
    "near-ties",
    "entries are compared in float16",
    _where(lambda z: z.astype(np.float16) == _top(z).astype(np.float16)),
    UP_TO_BFLOAT16,
)
_enter(
    "compared-in-float32",
    "near-ties",
    "entries are compared in float32",
    _where(lambda z: z.astype(np.float32) == _top(z).astype(np.float32)),
    ("binary64",),
)
_enter(
    "compared-as-integers",
    "near-ties",
    "entries are cut to integers",
    _where(lambda z: np.trunc(z) == np.trunc(_top(z))),
)
_enter("cold-softmax", "near-ties", "softmax at a coldness of 1000", lambda z: textbook(1000 * z))
_enter(
    "cold-shifted-softmax",
    "near-ties",
    "softmax of differences at a coldness of 1e6",
    lambda z: textbook(1e6 * distances(z)),
    WIDE,
)
_enter(
    "max-from-0",
    "wrong-shift",
    "the search for the maximum starts at 0",
    lambda z: np.where(
        np.isnan(distances(z).max(axis=-1, keepdims=True)),
        np.nan,
        np.where(_top(z) < 0, 0, _shared(distances(z) == 0, z)),
    ),
)
_enter(
    "maximum-of-all-rows",
    "row-mixing",
    "the maximum of the whole array is looked for",
    lambda z: _shared(z == z.max(initial=-np.inf), z),
)
_enter(
    "full-blocks-of-8", "tail-elements", "what follows the last full block of 8 is not looked at", _where(_full_blocks)
)
_enter("by-bits", "signed-zero", "-0 and +0 are no tie", _where(_by_bits))
_enter(
    "nan-is-largest",
    "nan-swallowed",
    "nan is the maximum",
    lambda z: np.where(np.isnan(z).any(axis=-1, keepdims=True), np.isnan(z), _shared(distances(z) == 0, z)),
)
_enter(
    "nan-left-out",
    "nan-swallowed",
    "nan is left out",
    lambda z: _shared(z == _top(np.where(np.isnan(z), -np.inf, z)), np.where(np.isnan(z), -np.inf, z)),
)
_enter(
    "mask-by-product",
    "mask",
    "shares are multiplied by the logits' own zeros",
    lambda z: _shared(distances(z) == 0, z) + 0 * z,
    UP_TO_BFLOAT16,
)
_enter("smallest", "ties", "the smallest entries share", lambda z: _shared(z == z.min(axis=-1, keepdims=True), z))
