"""A picture is stored with its numbers: the digest sees data and words, and is blind to looks."""

import matplotlib.pyplot as plt
import numpy as np
import pytest

from softmax_ref.literate import figures

X = np.linspace(0.0, 3.0, 7)
Y = np.array([0.024, 0.064, 0.175, 0.475, 0.024, 0.064, 0.175])
DRAW = {
    "line": lambda ax, x, y: ax.plot(x, y),
    "scatter": lambda ax, x, y: ax.scatter(x, y),
    "coloured scatter": lambda ax, x, y: ax.scatter(x, x, c=y),
    "bars": lambda ax, x, y: ax.bar(x, y),
    "band": lambda ax, x, y: ax.fill_between(x, y),
    "arrows": lambda ax, x, y: ax.quiver(x, x, y, y),
    "segments": lambda ax, x, y: ax.vlines(x, 0, y),
    "image": lambda ax, x, y: ax.imshow([y, y]),
    "mesh": lambda ax, x, y: ax.pcolormesh(np.array([y, y])),
    "levels": lambda ax, x, y: ax.contour(np.outer(x, x), levels=np.cumsum(y)),
}


@pytest.fixture
def draw():
    """Draw on fresh axes and return the figure; close it after the test."""
    plt.switch_backend("agg")
    made = []

    def on_axes(*steps):
        fig, ax = plt.subplots()
        made.append(fig)
        for step in steps:
            step(ax)
        return fig

    yield on_axes
    for fig in made:
        plt.close(fig)


@pytest.mark.parametrize("kind", DRAW)
def test_digest_sees_a_changed_number(draw, kind):
    """One number of seven, changed in its seventh digit, changes the digest of every kind of plot."""
    changed = Y * (1 + 1e-7 * (np.arange(7) == 3))

    before, after = (figures.digest(draw(lambda ax: DRAW[kind](ax, X, data))) for data in (Y, changed))

    assert before != after


@pytest.mark.parametrize("kind", sorted(set(DRAW) - {"levels"}))
def test_digest_sees_two_numbers_exchanged(draw, kind):
    """Range and mean are blind to an exchange; the dot product is not."""
    swapped = Y[[0, 2, 1, 3, 4, 5, 6]]

    before, after = (figures.digest(draw(lambda ax: DRAW[kind](ax, X, data))) for data in (Y, swapped))

    assert before != after


@pytest.mark.parametrize("kind", DRAW)
def test_digest_survives_the_last_bits(draw, kind):
    """What another processor changes in the last bits is no change."""
    near = np.nextafter(Y, 1)

    before, after = (figures.digest(draw(lambda ax: DRAW[kind](ax, X, data))) for data in (Y, near))

    assert before == after


@pytest.mark.parametrize(
    "word",
    [
        lambda ax: ax.set_title("t"),
        lambda ax: ax.set_title("t", loc="left"),
        lambda ax: ax.set_xlabel("x"),
        lambda ax: ax.set_ylabel("y"),
        lambda ax: ax.set_yscale("symlog"),
        lambda ax: ax.text(1, 0.1, "0.475"),
        lambda ax: ax.figure.suptitle("t"),
        lambda ax: ax.lines[0].set_label("softmax"),
    ],
)
def test_digest_sees_words(draw, word):
    """Titles, labels, scales and annotations are part of what a picture says."""
    plain, labelled = draw(lambda ax: ax.plot(X, Y)), draw(lambda ax: ax.plot(X, Y), word)

    assert figures.digest(plain) != figures.digest(labelled)


def test_digest_is_blind_to_looks(draw):
    """Colour, line width and size may change without a word."""
    plain = draw(lambda ax: ax.plot(X, Y))
    fancy = draw(lambda ax: ax.plot(X, Y, color="red", linewidth=5), lambda ax: ax.figure.set_size_inches(3, 3))

    assert figures.digest(plain) == figures.digest(fancy)


def test_digest_of_a_cancelling_sum_is_not_noise(draw):
    """The mean of a full wave is 0, whichever way its rounding errors fall."""
    wave = np.sin(2 * np.pi * np.arange(7) / 7)

    assert "mean=0 " in figures.digest(draw(lambda ax: ax.plot(X, wave)))


def test_digest_on_a_log_axis_sees_small_numbers(draw):
    """Beside 1, a change of 1e-30 to 2e-30 shows on a logarithmic axis."""
    figs = [draw(lambda ax: ax.plot([1, 2], [1, y]), lambda ax: ax.set_yscale("log")) for y in (1e-30, 2e-30)]

    assert figures.digest(figs[0]) != figures.digest(figs[1])


def test_digest_leaves_out_what_is_not_drawn(draw):
    """nan and inf have no place on the axes."""
    assert " n=2 " in figures.digest(draw(lambda ax: ax.plot([0, 1, 2, 3], [1, np.nan, 2, np.inf]))).splitlines()[2]


def test_colour_bar_has_a_digest(draw):
    """The empty dividers of a colour bar are no obstacle."""
    fig = draw(lambda ax: ax.figure.colorbar(ax.imshow([Y, Y]), label="probability"))

    assert "y 'probability' linear" in figures.digest(fig)


def test_png_is_deterministic(draw):
    """Equal figures are equal bytes, with no date and no version in them."""
    first, second = (figures.png(draw(lambda ax: ax.plot(X, Y))) for _ in range(2))

    assert first == second
    assert b"Software" not in first


def test_show_emits_picture_and_digest_and_closes(draw, monkeypatch):
    """The stored output is the PNG and the digest; the figure is not drawn a second time."""
    shown = []
    monkeypatch.setattr(figures, "display", lambda data, raw: shown.append(data))
    fig = draw(lambda ax: ax.plot(X, Y))
    expected = figures.digest(fig)

    figures.show(fig)

    assert [set(data) for data in shown] == [{"image/png", "text/plain"}]
    assert shown[0]["text/plain"] == expected
    assert not plt.fignum_exists(fig.number)
