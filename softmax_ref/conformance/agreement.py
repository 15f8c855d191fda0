"""Policies: what was observed, against what was declared, and whether one question had one answer everywhere."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from itertools import combinations

from softmax_ref.conformance.failures import Failure, one_of, policy_failure
from softmax_ref.conformance.judge import Verdict
from softmax_ref.corpus.policies import POLICIES, declared_answer

__all__ = ["agreeing", "answer_failures", "empty_axis_failures", "subnormal_failures"]


def agreeing(verdicts: Iterable[Verdict]) -> dict[str, set[str]]:
    """Return, for each question, the outcomes that agree with every answer; all that were seen if none does."""
    common: dict[str, frozenset[str]] = {}
    seen: dict[str, frozenset[str]] = {}
    for verdict in verdicts:
        question = verdict.case.policy
        if question and verdict.outcomes:
            common[question] = common.get(question, verdict.outcomes) & verdict.outcomes
            seen[question] = seen.get(question, frozenset()) | verdict.outcomes
    return {question: set(names or seen[question]) for question, names in common.items()}


def answer_failures(verdicts: Sequence[Verdict], declared: Mapping[str, str]) -> list[Failure]:
    """Return a failure for each answer that contradicts a declaration, or for a question with several answers."""
    failures = []
    for question in agreeing(verdicts):
        answers = [v for v in verdicts if v.case.policy == question and v.outcomes]
        said = [declared_answer(declared, question, v.case.format.name) for v in answers]
        failures += [
            policy_failure(v.case.id, f"declared {name}, observed {one_of(v.outcomes)}", v.case.flags)
            for v, name in zip(answers, said, strict=True)
            if name is not None and name not in v.outcomes
        ]
        free = [v for v, name in zip(answers, said, strict=True) if name is None]
        if free and not frozenset.intersection(*(v.outcomes for v in free)):
            failures.append(policy_failure(f"policy/{question}", _differing(free), free[0].case.flags))
    return failures


def _differing(answers: Sequence[Verdict]) -> str:
    """Name cases that no one outcome agrees with: two of one format if there are such, else of two formats."""
    apart = [pair for pair in combinations(answers, 2) if not pair[0].outcomes & pair[1].outcomes]
    named = min(apart, key=lambda pair: pair[0].case.format != pair[1].case.format, default=answers)
    told = {v.outcomes: f"{one_of(v.outcomes)} for {v.case.id}" for v in reversed(named)}
    return ", but ".join(reversed(told.values()))


def empty_axis_failures(answers: Mapping[str, str], declared: Mapping[str, str]) -> list[Failure]:
    """Return the failures of the policy of empty axes, from the answer in each format."""
    return list(_by_format("empty_axis", answers, declared, "empty-array"))


def subnormal_failures(answers: Mapping[str, Set[str]], declared: Mapping[str, str]) -> list[Failure]:
    """Return the failures of the policy of subnormal results, from the answers in each format.

    Where a format has both answers, or is declared gradual and flushes, it is the cases with 0 that fail.
    """
    told = {fmt: "".join(seen) for fmt, seen in answers.items() if len(seen) == 1}
    gradual = [fmt for fmt in told if declared_answer(declared, "subnormal", fmt) == "gradual"]
    rest = {fmt: answer for fmt, answer in told.items() if answer != "flushed" or fmt not in gradual}
    return list(_by_format("subnormal", rest, declared, "subnormal-result"))


def _by_format(question: str, answers: Mapping[str, str], declared: Mapping[str, str], flag: str) -> Iterator[Failure]:
    """Yield a failure for each format with another answer than declared, and one if the other formats differ."""
    known, free = POLICIES[question]["outcomes"], {}
    for fmt, answer in answers.items():
        said = declared_answer(declared, question, fmt)
        if said is None:
            free.setdefault(answer, fmt)
        if answer not in (known if said is None else (said,)):
            against = f"declared {said}" if said else f"none of {', '.join(known)}"
            yield policy_failure(f"policy/{fmt}/{question}", f"observed {answer}, {against}", (flag,))
    if len(free) > 1:
        told = sorted(free.items())
        text = ", but ".join(f"{answer} in {fmt}" for answer, fmt in told)
        hint = f"an answer for one format is declared as {told[0][1]}/{question}"
        yield policy_failure(f"policy/{question}", f"{text}; {hint}", (flag,))
