"""Policies: what was observed, against what was declared, and whether one question had one answer everywhere."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations

from softmax_ref.conformance.failures import Failure, one_of, policy_failure
from softmax_ref.conformance.judge import Verdict

__all__ = ["agreeing", "answer_failures", "empty_axis_failures"]


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
        if question in declared:
            said = declared[question]
            failures += [
                policy_failure(v.case.id, f"declared {said}, observed {one_of(v.outcomes)}", v.case.flags)
                for v in answers
                if said not in v.outcomes
            ]
        elif not frozenset.intersection(*(v.outcomes for v in answers)):
            failures.append(policy_failure(f"policy/{question}", _differing(answers), answers[0].case.flags))
    return failures


def _differing(answers: Sequence[Verdict]) -> str:
    """Name cases that no one outcome agrees with: two of one format if there are such, else of two formats."""
    apart = [pair for pair in combinations(answers, 2) if not pair[0].outcomes & pair[1].outcomes]
    named = min(apart, key=lambda pair: pair[0].case.format != pair[1].case.format, default=answers)
    told = {v.outcomes: f"{one_of(v.outcomes)} for {v.case.id}" for v in reversed(named)}
    return ", but ".join(reversed(told.values()))


def empty_axis_failures(answers: Mapping[str, str], declared: str | None) -> list[Failure]:
    """Return the failure of the policy of empty axes, from the answer in each format."""
    seen = set(answers.values())
    if len(seen) < 2 and "other" not in seen and (declared is None or seen <= {declared}):
        return []
    first = {answer: fmt for fmt, answer in reversed(answers.items())}
    text = ", but ".join(f"{answer} in {fmt}" for answer, fmt in sorted(first.items()))
    return [
        policy_failure(
            "policy/empty_axis", text if declared is None else f"declared {declared}, observed {text}", ("empty-array",)
        )
    ]
