"""Masked rows, losses and their derivatives in the 8-bit formats."""

import numpy as np

from softmax_ref.corpus.families import loss_gradients, losses, masked
from softmax_ref.corpus.families.drafts import Draft, Labels, Lattice, Mask, Range, draft
from softmax_ref.corpus.families.eight_bits.parts import each_exactly, halves, of_tiny, steps

__all__ = ["LOSS", "LOSS_JVP", "LOSS_VJP", "MASKED"]

T, F = True, False


def _with(slug: str, comment: str, flags: str, z, mask) -> Draft:
    return draft(slug, comment, flags, z, mask=Mask(mask))


def kept(r: Range):
    """What is kept at the ends of the range, and what is left out there."""
    top = r.format.max
    yield _with("largest-hidden", "the largest number behind the mask", "masked-value", [1, top, 2], [T, F, T])
    yield _with("lowest-hidden", "the lowest number behind the mask", "masked-value", [1, -top, 2], [T, F, T])
    yield _with("two-largest", "two of three largest numbers are kept", "exp-overflow", [top] * 3, [T, F, T])
    yield _with("lowest-kept", "the lowest number is kept twice", "finite-sentinel", [-top, 0, -top], [T, F, T])
    below = [[-112, 0, -112], [-14, 5, -12]]
    yield _with("below", "kept logits lie far below a masked one", "finite-sentinel", below, [[T, F, T]] * 2)
    for name, count in (("ten", 10), ("five", 5), ("two", 2.3)):
        high, low = of_tiny(r, count)
        comment = f"a kept class with about {count:.0f} smallest numbers"
        yield _with(name, comment, "subnormal-result", [high, 8, low], [T, F, T])
    yield _with("33", "33 of 40 equal classes have 1/33 each", "low-precision-sum ties", [1.5] * 40, [T] * 33 + [F] * 7)


def masked_rows(r: Range):
    """Rows whose masks leave out the last entries, or every other."""
    for width in (31, 32):
        rows = halves((2, width), [(n, 12) for n in (width - 1, width)])
        mask = [[T, F] * (width // 2) + [T] * (width % 2), [T] * (width - 2) + [F, T]]
        yield _with(f"{width}", f"two rows of {width} classes with masks", "tail-elements mask-layout", rows, mask)


MASKED = [*each_exactly(masked.MASKED), kept, masked_rows]


def _at(slug: str, comment: str, flags: str, z, labels, smoothing: float | None = None, **more) -> Draft:
    parameters = {} if smoothing is None else {"label_smoothing": smoothing}
    return draft(slug, comment, flags, z, labels=Labels(labels), parameters=parameters, **more)


def ranges(r: Range):
    """Losses at the ends of the range, and small ones."""
    top = r.format.max
    yield _at("top", "logits at the top of the range", "exp-overflow", [[top, top], [r.near(top, -1), top]], [0, 1])
    yield _at("past", "one of two losses is past the largest number", "log-of-zero", [[top, -top], [0, 1]], [1, 0])
    yield _at("gap-4", "losses of e^-4 and of 4", "log-of-one log-of-zero", [[4, 0], [4, 0]], [0, 1])
    yield _at("gap-10", "a loss of 2 e^-10", "log-of-one subnormal-result", [[0, -10, -10], [10, 0, 0]], [0, 0])
    yield _at("six", "losses of about 6 and 3 smallest numbers", "log-of-one", [of_tiny(r, 6), of_tiny(r, 3)], [0, 0])
    yield _at("96", "a loss of 96 is no limit", "clipped-input log-of-zero", [[96, 0], [-96, 0]], [1, 0])
    yield _at("33", "33 equal classes have the loss log 33", "low-precision-sum", [[1.5] * 33], [32])
    yield _at(
        "33-smoothed",
        "33 equal classes have that loss with smoothing too",
        "smoothing low-precision-sum",
        [[1.5] * 33],
        [0],
        0.25,
    )
    z = [[3.5, -0.15625, -0.4375], [-0.375, 3, 0.15625]]
    yield _at("low-part", "z - max is not a number of the format", "low-part", z, [1, 2])


def long_rows(r: Range):
    """Long rows, by recipe."""
    for width in (127, 128, 129, 513):
        z = halves((2, width), [(n, 12) for n in (width - 1, width)])
        comment = f"two rows of {width} classes, the last one a label"
        yield _at(f"{width}", comment, "tail-elements label-index", z, [width - 1, width // 2])
    z = halves((2, 129), [(128, 12), (129, 12)])
    yield _at("129-smoothed", "129 smoothed targets", "tail-elements smoothing", z, [0, 128], 0.5)


LOSS = [*each_exactly(losses.LOSS), ranges, long_rows]


def slopes(r: Range, name: str, beside):
    """Derivatives at the ends of the range, small ones, long rows; `beside` gives what is pulled or pushed."""

    def at(slug, comment, flags, z, labels, smoothing=None, size=1.0):
        return _at(slug, comment, flags, z, labels, smoothing, **{name: beside(z, labels, size)})

    top, scale = r.format.max, "gradient-scale"
    ramp = losses.RAMP
    far = [[top, r.near(top, -1)], [-top, r.near(-top, 1)]]
    yield at("top", "logits at both ends of the range", "exp-overflow exp-underflow", far, [1, 0])
    yield at("gap-4", "a gap of 4 leaves a derivative of order e^-4", "gradient-sign", [[4, 0, 0], [0, 0, 4]], [0, 2])
    yield at("six", "shares of a few smallest numbers", "subnormal-result", [of_tiny(r, 6), of_tiny(r, 11)], [0, 0])
    yield at("large", "numbers of size 64 scale the derivative", scale, ramp, [3, 1], size=64.0)
    yield at("small", "numbers of size 1/8 scale the derivative", scale, ramp, [0, 2], size=0.125)
    yield at("equal", "equal logits have equal shares", "ties", [[0.5] * 4, [-7] * 4], [0, 3])
    z = [[3.5, -0.15625, -0.4375], [-0.375, 3, 0.15625]]
    yield at("low-part", "z - max is not a number of the format", "low-part", z, [1, 2])
    yield at("31", "31 equal classes with smoothing", "low-precision-sum smoothing", [[1.5] * 31] * 2, [30, 0], 0.25)
    for width in (127, 129):
        z = halves((2, width), [(n, 12) for n in (width - 1, width)])
        comment = f"two rows of {width} classes, the last one a label"
        yield at(f"{width}", comment, "tail-elements label-index", z, [width - 1, width // 2])


def pulled(r: Range):
    """Cotangents, one for each row."""
    yield from slopes(r, "g", lambda z, labels, size: size * np.resize(loss_gradients.PULLS, np.shape(labels)))


def pushed(r: Range):
    """Tangents, one for each logit."""
    yield from slopes(r, "v", lambda z, labels, size: _tangent(z, size))


def _tangent(z, size: float):
    """Return a tangent that varies along each row and from row to row, by recipe beside a recipe."""
    return steps(z.shape) if isinstance(z, Lattice) else size * np.resize(loss_gradients.PUSHES, np.shape(z))


LOSS_VJP = [*each_exactly(loss_gradients.LOSS_VJP), pulled]
LOSS_JVP = [*each_exactly(loss_gradients.LOSS_JVP), pushed]
