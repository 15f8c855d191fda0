"""Families of logits with a label for each row, for the cross-entropy.

No smoothing is the default: cases that mean it leave the parameter out, but for one. A row that has no distribution
is left to softmax, where what it gives is a policy.
"""

import numpy as np

from softmax_ref.corpus.families.drafts import Draft, Labels, Range, draft, lattice

__all__ = ["LOSS", "RAMP"]

INF, NAN = np.inf, np.nan
RAMP = np.array([[1.0, 2, 3, 4], [0, 0, 1, -1]])


def _at(slug: str, comment: str, flags: str, z, labels, smoothing: float | None = None) -> Draft:
    parameters = {} if smoothing is None else {"label_smoothing": smoothing}
    return draft(slug, comment, flags, z, labels=Labels(labels), parameters=parameters)


def textbook(r: Range):
    """Small rows."""
    yield _at("ramp", "a likely and an unlikely label", "working-precision double-softmax loss-reduced", RAMP, [3, 1])
    yield _at("each-label", "one row with each of its labels", "label-index", [[1, 2, 4]] * 3, [0, 1, 2])
    yield _at("two-classes", "two classes, both labels 0", "label-index double-softmax", [[0, 2], [3, 1]], [0, 0])
    thirds = np.arange(1, 9).reshape(2, 4) / 3
    yield _at("thirds", "logits that are no short fractions", "working-precision loss-reduced", thirds, [0, 2])


def integers(r: Range):
    """Logits that an integer array can hold; the integer contract uses them too."""
    yield _at("one-two", "the logits 1 and 2 with either label", "working-precision", [[1, 2], [1, 2]], [0, 1])
    yield _at("bytes", "a loss of 252 among unsigned bytes", "exp-overflow", [[0, 255, 3], [0, 255, 3]], [2, 1])
    signed = [[-100, 100], [-100, 100]]
    yield _at("signed-bytes", "a loss of 200 among signed bytes", "exp-overflow log-of-one", signed, [0, 1])


def labels(r: Range):
    """Where the label stands."""
    square = [[0, 1, 3], [2, 2, -1], [5, 0, 1]]
    yield _at("square", "as many rows as classes", "label-index axis", square, [2, 0, 1])
    yield _at(
        "last", "the last class is the label of both rows", "label-index", [[0, 1, 2, 3, 4], [4, 3, 2, 1, 0]], [4, 4]
    )
    yield _at("first", "the first class is the label of both rows", "label-index", [[0, 1, 2], [2, 1, 0]], [0, 0])
    yield _at("largest", "the label is the largest class in each row", "label-index", square, [2, 1, 0])
    yield _at("smallest", "the label is the smallest class in each row", "label-index", square, [0, 2, 1])


def shift(r: Range):
    """Offsets, which cancel."""
    up = r.apart(1000, 3)
    yield _at("near-1000", "an offset of 1000 cancels", "exp-overflow", [up, up[::-1]], [0, 1])
    yield _at("near-minus-1000", "an offset of -1000 cancels", "exp-underflow", [-up, -up[::-1]], [1, 2])
    quarter = r.format.max / 4
    equal = [[quarter] * 3, [-quarter] * 3]
    yield _at("large-equal", "equal large logits have the loss log 3", "cancellation-in-logsumexp", equal, [1, 0])
    past = [[r.over + 1, r.over + 2], [r.over + 3, r.over]]
    yield _at("past-threshold", "exp of every logit overflows", "exp-overflow", past, [0, 0])
    far = [[r.work.over, r.work.over - 1], [-r.work.under - 5, -r.work.under - 6]]
    yield _at("far-apart", "each row has its own maximum", "global-shift row-mixing", far, [1, 0])
    first = [[0, 4.0 * r.work.over, 4.0 * r.work.over - 8], [4.0 * r.work.over, 0, 1]]
    yield _at("first-is-smallest", "the first logit lies far below", "wrong-shift", first, [2, 0])


def confident(r: Range):
    """A label with almost all the mass: the loss is what is left."""
    pair = [[14, 0], [0, 14]]
    yield _at("gap-14", "a gap of 14 leaves a loss of about e^-14", "log-of-one", pair, [0, 1])
    yield _at("gap-17", "a gap of 17 leaves a loss of about 2 e^-17", "log-of-one", [[17, 0, 0], [0, 0, 17]], [0, 2])
    yield _at("gap-40", "a gap of 40 leaves a loss of about e^-40", "log-of-one epsilon", [[40, 0], [0, 40]], [0, 1])
    yield _at("just-visible", "a loss of one unit roundoff", "log-of-one", [[0, r.speck], [r.speck, 0]], [0, 1])
    gap = r.normal // 2
    yield _at("tail", "a small loss keeps its digits", "log-of-one relative-accuracy", [[0, -gap], [-gap, 0]], [0, 1])
    yield _at("subnormal", "a loss in the subnormal range", "subnormal-result", [[0, -r.normal - 2], [0, 1]], [0, 1])


def mistaken(r: Range):
    """A label without mass: the loss is the gap."""
    yield _at("gap-40", "a label 40 below has a loss of 40", "epsilon log-of-zero", [[40, 0], [0, 40]], [1, 0])
    deep = 2.0 * r.work.under
    yield _at("underflow", "the label's probability underflows", "log-of-zero", [[0, -deep], [-deep, 0]], [1, 0])
    yield _at("150", "a loss of 150 is no limit", "log-of-zero clipped-input", [[150, 0, 0], [0, -150, 0]], [1, 1])
    far = r.apart(20000, 2)
    yield _at("20000", "a loss of 20000", "clipped-input finite-sentinel", [[0, -far[0]], [far[1], 0]], [1, 1])
    big = r.format.max
    yield _at("largest", "a loss next to the largest number", "log-of-zero", [[big / 2, -big / 4], [0, 1]], [1, 0])


def ties(r: Range):
    """Equal logits."""
    yield _at("two", "two equal logits have the loss log 2", "ties log-base", [[0.1, 0.1], [-7, -7]], [0, 1])
    yield _at("seven", "seven equal logits have the loss log 7", "ties", [[-3.7] * 7] * 2, [0, 6])
    yield _at("near", "two logits one ulp apart", "ties low-part", [[r.near(1, 1), 1], [1, r.near(1, 1)]], [0, 0])


def mask(r: Range):
    """Logits of -inf."""
    rows = [[1, -INF, 3], [-INF, 2, 0]]
    yield _at("elsewhere", "-inf beside the label does not count", "target-infinity mask", rows, [2, 1])
    yield _at("elsewhere-given", "nor with a smoothing of 0", "target-infinity smoothing", rows, [0, 2], 0.0)
    yield _at("at-label", "a label with logit -inf has an infinite loss", "mask", [[1, -INF], [0, 1]], [1, 0])
    yield _at("only-label", "the only finite logit has loss 0", "mask target-infinity", [[-INF, 3], [0, -INF]], [1, 0])
    yield _at(
        "smoothed", "smoothing makes -inf count everywhere", "smoothing mask", [*rows, [0, 1, 2]], [2, 1, 0], 0.125
    )


def nan(r: Range):
    """A row that holds nan."""
    rows = [[0, 1, 2], [0, NAN, 1], [2, 1, 0]]
    yield _at("one-row", "a nan beside the label leaves other rows", "nan-swallowed row-mixing", rows, [0, 2, 1])
    yield _at("at-label", "a nan at the label", "nan-swallowed", [[0, NAN], [1, 0]], [1, 1])


def smoothing(r: Range):
    """Targets that are spread over all classes."""
    yield _at("eighth", "an eighth of the target is spread", "smoothing", RAMP, [3, 1], 0.125)
    yield _at("half", "half of the target is spread", "smoothing truncated-parameter", RAMP, [0, 2], 0.5)
    yield _at("all", "all of the target is spread, labels do not count", "smoothing", [[1, 2, 4]] * 3, [0, 1, 2], 1.0)
    yield _at("none", "a smoothing of 0 that is given", "smoothing sticky-default", RAMP, [2, 3], 0.0)
    yield _at("tenth", "a smoothing next to 1/10", "smoothing working-precision", RAMP / 3, [1, 0], r.near(0.1))
    yield _at("default-again", "no smoothing after some", "sticky-default", [[0, 1, 3], [1, 0, 2]], [1, 1])
    yield _at("two-classes", "a quarter is spread over two classes", "smoothing", [[0, 2], [3, 1]], [0, 0], 0.25)
    yield _at("confident", "a smoothed label with all the mass", "smoothing", [[40, 0, 0], [0, 40, 0]], [0, 1], 0.125)
    yield _at("mistaken", "a smoothed label without mass", "smoothing", [[40, 0, 0], [0, 40, 0]], [1, 2], 0.125)
    up = r.apart(1000, 3)
    yield _at(
        "near-1000", "an offset cancels in smoothed targets", "smoothing exp-overflow", [up, up[::-1]], [0, 1], 0.25
    )
    deep = [[0, -2.0 * r.work.under, 1], [3, 1, -2.0 * r.work.under]]
    yield _at("deep", "a class without mass counts in the mean", "smoothing log-of-zero", deep, [0, 1], 0.5)
    yield _at("small", "a smoothing of 1/256", "smoothing", RAMP, [3, 0], 2.0**-8)


def low_part(r: Range):
    """Differences z - max that are no numbers of the format."""
    z = [[1 / 3, -r.normal / 2 - 0.3, -r.normal / 3], [r.normal / 2.7, -r.normal / 3.1, 0.7]]
    yield _at("far-third", "z - max is not a number of the format", "low-part", z, [1, 2])


def shapes(r: Range):
    """One class, no batch, two batch axes."""
    yield _at("one", "one row of one class", "single-class", [[2.5]], [0])
    yield _at("column", "rows of one class have loss 0", "single-class", [[r.format.max], [-7.5], [0]], [0, 0, 0])
    yield _at("column-smoothed", "so they have with smoothing", "single-class smoothing", [[3], [-7.5]], [0, 0], 0.5)
    yield _at("row", "a row without a batch has one loss", "loss-reduced", [1, 2, 3, 4, 1, 2, 3], 4)
    block = np.arange(24).reshape(2, 3, 4) * 5 % 7
    yield _at("block", "two batch axes and their labels", "label-index axis", block, [[0, 1, 2], [3, 2, 1]])


def widths(r: Range):
    """Widths around a power of two and past 8 and 16 bits, by recipe."""
    for width in (65, 127, 128, 129):
        comment = f"two rows of {width} classes, the last one a label"
        yield _at(f"{width}", comment, "tail-elements label-index", lattice((2, width)), [width - 1, width // 2])
    yield _at("513", "labels past 8 bits", "tail-elements label-index", lattice((2, 513)), [300, 512])
    yield _at("513-smoothed", "513 smoothed targets", "tail-elements smoothing", lattice((2, 513)), [0, 511], 0.5)
    yield _at("65537", "a label past 16 bits", "label-index low-precision-sum", lattice((1, 65537)), [65536])


LOSS = [
    *(textbook, integers, labels, shift, confident, mistaken, ties, mask, nan, smoothing, low_part),
    *(shapes, widths),
]
