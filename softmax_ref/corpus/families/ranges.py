"""Families that ask for the whole range of exp and log: where the maximum stands, how high, and how far below it."""

import numpy as np

from softmax_ref.corpus.families.drafts import Draft, Range, draft, lattice

__all__ = ["RANGES", "SCALAR_RANGES"]

HEIGHTS = (66, 120, 600, 800, 12000)
"""Beyond usual limits of clipping: 50 and 64; 88 and 104; 500; 709 and 745; 10000."""
GAPS = (8, 12, 15, 18, 22, 28, 36, 45, 60, 75, 84, 95, 101, 150, 300, 500, 600, 705, 730)
"""A limit that stops short of a gap makes the smaller class too large."""


def peaks(r: Range):
    """One logit far above the rest, in each place where a maximum that leaves entries out misses it."""
    far = 4 * r.work.over
    yield draft("first", "only the first logit is large", "wrong-shift running-maximum log-of-zero", [far, 0, 1, 0])
    yield draft(
        "second", "only the second of four logits is large", "wrong-shift running-maximum log-of-zero", [0, far, 1, 0]
    )
    yield draft("third", "only the third of four logits is large", "wrong-shift log-of-zero", [1, 0, far, 0])
    yield draft(
        "last-of-9",
        "only the last of nine logits is large",
        "wrong-shift tail-elements running-maximum log-of-zero",
        [0] * 8 + [far],
    )
    yield draft(
        "diagonal",
        "each of eight rows has its maximum in another place",
        "wrong-shift row-mixing log-of-zero",
        np.eye(8) * far,
    )
    for width in (33, 129, 1025):
        put = [(width - 1, far // 16)]
        yield draft(
            f"last-of-{width}",
            f"only the last of {width} logits is large",
            "wrong-shift tail-elements running-maximum log-of-zero",
            lattice((width,), start=0, step=0, shift=-4, put=put),
        )
    for width, index, where in ((129, 0, "first"), (1025, 512, "middle")):
        yield draft(
            f"{where}-of-{width}",
            f"only the {where} of {width} logits is large",
            "wrong-shift tail-elements running-maximum log-of-zero",
            lattice((width,), start=0, step=0, shift=-4, put=[(index, far // 16)]),
        )


def places(r: Range):
    """Rows above and below the range of exp, in arrays of one to three axes."""
    up, down = r.work.over + 7.0, -r.work.under - 9.0
    rows = [[up, up + 1, up - 2], [down, down - 1, down + 3]]
    yield draft(
        "rows",
        "one row lies above the range of exp, one below",
        "exp-overflow exp-underflow global-shift row-mixing",
        rows,
    )
    yield draft(
        "columns",
        "one column lies above the range of exp, one below",
        "exp-overflow exp-underflow global-shift row-mixing axis",
        np.transpose(rows),
        axis=0,
    )
    block = np.array([rows, np.negative(rows)])
    yield draft(
        "last",
        "four rows of a block lie outside the range of exp",
        "exp-overflow exp-underflow global-shift row-mixing",
        block,
    )
    yield draft(
        "middle",
        "the middle axis of a block leaves the range of exp",
        "exp-overflow exp-underflow global-shift row-mixing axis",
        np.moveaxis(block, -1, 1),
        axis=1,
    )
    yield draft(
        "first",
        "the first axis of a block leaves the range of exp",
        "exp-overflow exp-underflow global-shift row-mixing axis",
        np.moveaxis(block, -1, 0),
        axis=0,
    )
    yield draft(
        "singles",
        "single classes above and below the range of exp",
        "exp-overflow exp-underflow global-shift row-mixing single-class",
        [[up], [down]],
    )
    yield draft("nine", "nine logits above the range of exp", "exp-overflow", up + np.arange(9.0) % 4)
    for width in (65, 128):
        high = lattice((2, width), start=150, modulus=101, shift=-4)
        yield draft(f"{width}", f"two rows of {width} logits above the range of exp", "exp-overflow", high)
        low = lattice((2, width), start=-250, modulus=101, shift=-4)
        yield draft(f"minus-{width}", f"two rows of {width} logits below the range of exp", "exp-underflow", low)


def heights(r: Range):
    """Pairs beyond the limits at which logits are clipped, or a maximum begins."""
    for at in HEIGHTS:
        flags = "clipped-input cancellation-in-logsumexp"
        yield draft(f"{at}", f"two neighbouring logits from {at} upwards", flags, r.apart(at, 2))
        yield draft(
            f"minus-{at}",
            f"two neighbouring logits from -{at} downwards",
            flags + " exp-underflow",
            -r.apart(at, 2),
        )
    most = r.near(0.7 * r.format.max)
    yield draft("most", "two logits near 0.7 of the largest number", "clipped-input exp-overflow", r.apart(most, 2))
    yield draft(
        "minus-most",
        "two logits near -0.7 of the largest number",
        "clipped-input exp-underflow finite-sentinel",
        -r.apart(most, 2),
    )


def gaps(r: Range):
    """Pairs whose smaller class is e^-gap."""
    for gap in GAPS:
        lost = " log-of-zero" if gap > 30 else ""
        flags = "relative-accuracy epsilon clipped-input" + lost
        yield draft(f"{gap}", f"the smaller logit lies {gap} below the larger", flags, [0, -gap])


def steps(r: Range):
    """Where libraries switch formulas far out in the tails."""
    for at in (50, 70, 85, 95, 150, 300, 600, 700):
        around = np.array([-6, -1, 0, 1, 6])
        flags = "threshold relative-accuracy epsilon"
        yield _points(f"minus-{at}", f"no switch of formulas shows around -{at}", flags, around - at)
        yield _points(f"{at}", f"no switch of formulas shows around {at}", "threshold clipped-input", around + at)


def limits(r: Range):
    """Arguments beyond the limits at which arguments are clipped."""
    for at in HEIGHTS:
        yield _points(f"{at}", f"neighbouring arguments from {at} upwards", "clipped-input", r.apart(at, 3))
        yield _points(f"minus-{at}", f"neighbouring arguments from -{at} downwards", "clipped-input", -r.apart(at, 3))
    most = r.apart(r.near(0.7 * r.format.max), 2)
    yield _points("most", "arguments near 0.7 of the largest number", "clipped-input exp-overflow", [*most, *-most])


def _points(slug: str, comment: str, flags: str, x) -> Draft:
    return Draft(slug, comment, tuple(flags.split()), {"x": x})


RANGES = [peaks, places, heights, gaps]
SCALAR_RANGES = [steps, limits]
