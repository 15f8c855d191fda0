"""Online kernels: a running maximum and a running sum over tiles, with mistakes in the merge."""

import numpy as np

from softmax_ref.faults.catalogue import ALL, fault
from softmax_ref.faults.parts import in_float32, last_axis


def _careless(m, s, top, total):
    """Merge without a guard: -inf - (-inf) where neither state has seen a finite logit."""
    new = np.maximum(m, top)
    return new, s * np.exp(m - new) + total * np.exp(top - new)


def _unscaled(m, s, top, total):
    """Merge without scaling the old sum down when the maximum rises."""
    new = np.maximum(m, top)
    safe = np.where(np.isneginf(new), 0, new)
    return new, s + total * np.exp(top - safe)


def _last_maximum(m, s, top, total):
    """Keep the maximum of the last tile for the maximum of all."""
    safe = np.where(np.isneginf(top), 0, top)
    return top, np.where(np.isneginf(m), 0, s * np.exp(np.where(np.isneginf(m), 0, m) - safe)) + total


def _state(z, block, merge, guarded):
    """Return the running maximum and sum over the tiles of the last axis."""
    m = np.full((*z.shape[:-1], 1), -np.inf, z.dtype)
    s = np.zeros_like(m)
    for start in range(0, z.shape[-1], block):
        tile = z[..., start : start + block]
        top = tile.max(axis=-1, keepdims=True)
        safe = np.where(np.isneginf(top), 0, top) if guarded else top
        m, s = merge(m, s, top, np.exp(tile - safe).sum(axis=-1, keepdims=True))
    return m, s


def _online(block, merge, guarded=True):
    @in_float32
    @last_axis
    def wrapped(z):
        m, s = _state(z, block, merge, guarded)
        return np.exp(z - np.where(np.isneginf(m), 0, m)) / s

    return wrapped


for _block in (4, 8, 16, 32):
    fault(
        "softmax",
        "empty-state",
        f"tiles of {_block}: a tile of only -inf at the beginning turns the running sum into nan",
        formats=ALL,
        name=f"empty-tile-of-{_block}",
        bugs={
            8: ["flaggems-online"],
            16: ["fa-triton-xent-neginf", "paddle-neginf-250080"],
            32: ["quack-online-warp"],
        }.get(_block, ()),
    )(_online(_block, _careless))

for _slug, _text, _rule in (
    ("old-sum-not-scaled", "the running sum is not scaled down when the maximum rises", _unscaled),
    ("maximum-of-the-last-tile", "the maximum of the last tile stands for the maximum of all", _last_maximum),
):
    for _block in (2, 16, 64):
        fault(
            "softmax",
            "running-maximum",
            f"tiles of {_block}: {_text}",
            formats=ALL,
            name=f"{_slug}-of-{_block}",
        )(_online(_block, _rule))


@fault(
    "log_softmax",
    "empty-state",
    "lanes that read no entry merge (-inf, 0) without a guard",
    formats=ALL,
    name="idle-lanes",
    bugs=["mojo-online-narrow"],
)
@in_float32
@last_axis
def idle_lanes(z):
    lanes = -(-z.shape[-1] // 32) * 32
    padded = np.concatenate([z, np.full((*z.shape[:-1], lanes - z.shape[-1]), -np.inf, z.dtype)], axis=-1)
    m, s = _state(padded, 1, _careless, True)
    return (z - m) - np.log(s)
