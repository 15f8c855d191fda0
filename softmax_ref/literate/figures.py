"""Pictures that a test can read: every figure is stored with a digest of the numbers it shows.

The tests compare the digest and not the pixels, so a wrong number fails and a new colour does not.
"""

from base64 import b64encode
from io import BytesIO

import matplotlib.pyplot as plt
import numpy as np
from IPython.display import display
from matplotlib.collections import Collection, PathCollection
from matplotlib.contour import ContourSet
from matplotlib.figure import Figure
from matplotlib.image import AxesImage
from matplotlib.lines import Line2D
from matplotlib.quiver import Quiver

__all__ = ["digest", "png", "show"]


def show(fig: Figure, sig: int = 9) -> None:
    """Display a figure as PNG, with the digest of its data as its plain text, and close it.

    Parameters
    ----------
    fig : Figure
    sig : int
        Significant digits of the digest. Nine survive another processor's last-bit differences.
    """
    data = {"image/png": b64encode(png(fig)).decode(), "text/plain": digest(fig, sig)}
    plt.close(fig)
    display(data, raw=True)


def png(fig: Figure) -> bytes:
    """Render to PNG without the version stamp, so that equal figures are equal bytes."""
    buffer = BytesIO()
    fig.savefig(buffer, format="png", metadata={"Software": None})
    return buffer.getvalue()


def digest(fig: Figure, sig: int = 9) -> str:
    """Describe what a figure shows: titles, labels, scales, texts, and a summary of every plotted array."""
    title = [f"figure {fig.get_suptitle()!r}"] if fig.get_suptitle() else []
    return "\n".join(title + [line for n, ax in enumerate(fig.axes) for line in _axes(n, ax, sig)])


def _axes(n, ax, sig):
    scales = {"x": ax.get_xscale(), "y": ax.get_yscale()}
    title = " ".join(filter(None, (ax.get_title(loc) for loc in ("left", "center", "right"))))
    yield f"axes {n}: {title!r}, x {ax.get_xlabel()!r} {scales['x']}, y {ax.get_ylabel()!r} {scales['y']}"
    for artist in [*ax.lines, *ax.collections, *ax.images]:
        label = "" if artist.get_label().startswith("_") else f" {artist.get_label()!r}"
        name = f"  {type(artist).__name__}{label}"
        yield from _summaries(name, _arrays(artist), scales, sig)
    if ax.patches:
        yield from _summaries(f"  {len(ax.patches)} patches", _corners(ax.patches), scales, sig)
    if ax.texts:
        yield f"  texts {[text.get_text() for text in ax.texts]}"


def _arrays(artist):
    """Name the arrays an artist was given."""
    if isinstance(artist, Line2D):
        return {"x": artist.get_xdata(), "y": artist.get_ydata()}
    if isinstance(artist, ContourSet):
        return {"levels": artist.levels}
    if isinstance(artist, Quiver):
        return {"x": artist.X, "y": artist.Y, "u": artist.U, "v": artist.V}
    arrays = {} if isinstance(artist, AxesImage) else _places(artist)
    return arrays if artist.get_array() is None else {**arrays, "value": artist.get_array()}


def _places(collection: Collection):
    """Where a collection sits: the points of a scatter, or the corners of bands, cells and segments."""
    if isinstance(collection, PathCollection):
        points = np.ma.getdata(collection.get_offsets())
    else:
        points = np.vstack([np.empty((0, 2)), *(path.vertices for path in collection.get_paths())])
    return {"x": points[:, 0], "y": points[:, 1]}


def _corners(patches):
    points = np.vstack([patch.get_patch_transform().transform(patch.get_path().vertices) for patch in patches])
    return {"x": points[:, 0], "y": points[:, 1]}


def _summaries(name, arrays, scales, sig):
    for key, values in arrays.items():
        values = np.ma.compressed(np.ma.masked_invalid(np.asarray(values, float))).ravel()
        if scales.get(key) == "log":
            key, values = f"log10 {key}", np.log10(values[values > 0])
        yield f"{name} {key}: {_summary(values, sig)}"


def _summary(values, sig):
    if not values.size:
        return "n=0"
    # The dot product with a fixed wave sees a permutation, which range and mean do not.
    wave = np.cos(np.arange(values.size))
    numbers = {"first": values[0], "last": values[-1], "min": values.min(), "max": values.max(),
               "mean": values.mean(), "dot": values @ wave}
    # Rounding is relative to the largest value: a sum that cancels leaves only noise below it.
    digits = sig - 1 - int(np.floor(np.log10(np.abs(values).max() or 1)))
    return f"n={values.size} " + " ".join(f"{k}={round(float(v), digits) + 0.0:.{sig}g}" for k, v in numbers.items())
