"""Questions to which right implementations give different answers.

An implementation may declare its answers, for all formats or for one, as hardware may flush binary32 alone; undeclared
means any listed answer, the same one everywhere.
"""

from collections.abc import Mapping

from softmax_ref.corpus.offered import CORPUS_FORMATS

__all__ = ["POLICIES", "check_policies", "declared_answer"]

POLICIES = {
    "all_neg_inf": {
        "question": "what is the result for a slice of only -inf?",
        "outcomes": ("nan", "zero", "uniform"),
    },
    "all_masked": {
        "question": "what is the result for a slice of which the mask keeps nothing?",
        "outcomes": ("nan", "zero", "uniform"),
    },
    "gradient_all_neg_inf": {
        "question": "what is the gradient at a slice of only -inf?",
        "outcomes": ("nan", "zero"),
    },
    "pos_inf": {
        "question": "what is the result for a slice that holds +inf?",
        "outcomes": ("nan", "limit", "slot"),
    },
    "empty_axis": {
        "question": "what is the result along an axis without entries?",
        "outcomes": ("error", "empty"),
    },
    "subnormal": {
        "question": "are results below the smallest normal number kept?",
        "outcomes": ("gradual", "flushed"),
    },
    "overflow": {
        "question": "what is a result past the largest number of a format without infinities?",
        "outcomes": ("nan", "saturate"),
    },
}
"""For log_softmax, "zero" is the logarithm of it, -inf. "slot" is nan at the infinite logits only."""


def check_policies(declared: dict[str, str]) -> dict[str, str]:
    """Return the declared policies, or say which name or answer is unknown.

    Parameters
    ----------
    declared : dict of str to str
        Answers by question, or by ``format/question`` where they are for one format.

    Raises
    ------
    TypeError
        The policies are no dict.
    ValueError
        An unknown policy, format or outcome; the message lists the known ones.
    """
    if not isinstance(declared, dict):
        raise TypeError(f"check: policies needs a dict of names to answers, got {declared!r}")
    for name, outcome in declared.items():
        fmt, _, question = str(name).rpartition("/")
        if question not in POLICIES:
            raise ValueError(f"check: policies needs names among {', '.join(POLICIES)}, got {name!r}")
        if fmt and fmt not in CORPUS_FORMATS:
            raise ValueError(f"check: policies needs formats among {', '.join(CORPUS_FORMATS)}, got {name!r}")
        if outcome not in POLICIES[question]["outcomes"]:
            known = ", ".join(POLICIES[question]["outcomes"])
            raise ValueError(f"check: policy {name} needs one of {known}, got {outcome!r}")
    return dict(declared)


def declared_answer(declared: Mapping[str, str], question: str, fmt: str) -> str | None:
    """Return what is declared of a question in a format: for that format, or for all.

    Examples
    --------
    >>> declared = {"subnormal": "gradual", "binary32/subnormal": "flushed"}
    >>> declared_answer(declared, "subnormal", "binary32"), declared_answer(declared, "subnormal", "binary16")
    ('flushed', 'gradual')
    """
    return declared.get(f"{fmt}/{question}", declared.get(question))
