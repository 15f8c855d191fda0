"""Long rows by pieces give what short rows give."""

import numpy as np

from softmax_ref.functions import logsumexp, softmax, softmax_vjp
from softmax_ref.functions.pieces import PIECE, in_pieces, pieces


def test_pieces_cover_a_row_once():
    """The pieces of a row, joined, are the row; single columns go with each."""
    row, column = np.arange(2.0 * PIECE + 3)[None], np.array([[7.0]])

    cut = list(pieces(row, column))

    assert np.array_equal(np.concatenate([a for a, _ in cut], axis=-1), row)
    assert [b[0, 0] for _, b in cut] == [7, 7, 7]


def test_an_elementwise_function_does_not_notice():
    """f by pieces is f."""
    row, column = np.arange(2.0 * PIECE + 3)[None], np.array([[7.0]])

    assert np.array_equal(in_pieces(np.multiply)(row, column), row * column)


def test_a_row_longer_than_a_piece_has_one_sum():
    """A row of K equal logits has K equal probabilities 1/K, and log K above them, at the edges of the pieces too."""
    for k in (PIECE - 1, PIECE, PIECE + 1, 2 * PIECE, 2 * PIECE + 1):
        assert np.array_equal(softmax(np.full(k, 0.3)), np.full(k, 1 / k))
        assert np.array_equal(softmax_vjp(np.full(k, 0.3), np.full(k, 0.3)), np.zeros(k))
        assert logsumexp(np.zeros(k)) == np.log1p(k - 1)
