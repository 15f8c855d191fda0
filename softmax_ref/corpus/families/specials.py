"""nan in every place and company, and zeros that are logits like any other."""

import numpy as np

from softmax_ref.corpus.families.drafts import Range, draft, lattice

__all__ = ["SPECIALS"]

INF, NAN = np.inf, np.nan


def nan_places(r: Range):
    """A nan alone, in the middle, beside infinities, in a long row, along either axis."""
    yield draft("alone", "a nan alone has no distribution", "nan-swallowed single-class", [NAN])
    yield draft("middle", "a nan in the middle makes the slice nan", "nan-swallowed", [2, NAN, 0])
    yield draft("only", "a slice of nan alone stays nan", "nan-swallowed", [NAN, NAN])
    yield draft("beside-masked", "a nan between two -inf makes the slice nan", "nan-swallowed mask", [-INF, NAN, -INF])
    yield draft("beside-both", "a nan beside inf and -inf makes the slice nan", "nan-swallowed", [NAN, INF, -INF])
    row = np.arange(64) % 7 - 3.0
    yield draft(
        "place-33-of-64", "a nan in place 33 of 64 makes the slice nan", "nan-swallowed", np.r_[row[:33], NAN, row[34:]]
    )
    yield draft("place-63-of-64", "a nan in the last of 64 places makes it nan", "nan-swallowed", np.r_[row[:63], NAN])
    columns = [[0, NAN, 1], [2, 1, 1]]
    yield draft("column", "a nan in one column leaves the others alone", "nan-swallowed axis", columns, axis=0)


def zeros(r: Range):
    """Logits of 0, which count as any other."""
    yield draft("explicit", "a logit of 0 counts beside a logit of 1", "missing-zero", [0, 1])
    yield draft("between", "a logit of 0 counts between -1 and 2", "missing-zero", [-1, 0, 2])


def specks(r: Range):
    """Many small classes, which together have a share that counts."""
    for depth, count in ((9, 128), (12, 300), (15, 1000)):
        yield draft(
            f"{count}-at-{depth}",
            f"{count} classes {depth} below the maximum take mass together",
            "dropped-terms",
            lattice((count + 1,), start=-depth, step=0, shift=0, put=[(count // 2, 0)]),
        )


SPECIALS = [nan_places, zeros, specks]
