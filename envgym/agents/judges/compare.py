"""A judge as a comparator: which of two rollouts is better, asked in both orders."""

from collections.abc import Sequence
from hashlib import blake2b

from envgym.agents.judges.template import Question, Template, load_template
from envgym.agents.judges.verdict import Judge, Verdict
from envgym.rewards.judging.pairwise import process_score
from envgym.rewards.tournament.orders import Scores, match_of
from envgym.types import Candidate, ConfigError, Match, Pair


class JudgeComparator:
    """Ask a judge about each pair twice, once in each order, and add the scores up.

    Formula: s_i = s_AB(i) + s_BA(i); an order's score is 0.6 path + 0.4 answer (pairwise), or
             P(better) (choice)
    Source:  cookbook A10 [32], ArenaRL, arXiv 2601.06487 (seen: Alibaba-NLP/qqr)
    Laws:    p_ij + p_ji = 1; a judge that looks only at positions always ties; an order without
             an answer makes the match invalid

    A match counts two calls, one per order, whatever was retried or cached: budgets and ledgers
    of a tournament must not depend on a cache. What was really spent is in the verdicts.

    Args:
        judge: Answers the questions, all of a batch of pairs at once.
        template: A prompt of the kind pairwise (default) or choice.
        swap: False asks one order only, which leaves the judge's position bias in.
        strict: Whether a winner must win in both orders; if not, larger sums win.
        path_weight: Weight of how an attempt worked, against what it delivered; 0 to 1.
        reference: A right result, shown to the judge.
        criteria: Points to weigh.

    Raises:
        ConfigError: Another kind of prompt; from ``compare``, a candidate without a transcript.
    """

    def __init__(
        self,
        judge: Judge,
        *,
        template: Template | None = None,
        swap: bool = True,
        strict: bool = False,
        path_weight: float = 0.6,
        reference: str | None = None,
        criteria: Sequence[str] = (),
    ) -> None:
        self.template = template or load_template("pairwise")
        if self.template.kind not in ("pairwise", "choice"):
            raise ConfigError(
                f"a comparator needs a prompt of the kind pairwise or choice; '{self.template.id}' "
                f"is of the kind {self.template.kind}"
            )
        process_score(0.0, 0.0, path_weight)  # refuses a weight outside 0 to 1
        self.inner, self.swap, self.strict = judge, swap, strict
        self.path_weight = path_weight
        self._more: dict[str, str | Sequence[str] | None] = {"reference": reference}
        if criteria:
            self._more["criteria"] = tuple(criteria)
        options = [
            *(["one_order"] if not swap else []),
            *(["strict"] if strict else []),
            *([f"path={path_weight:g}"] if path_weight != 0.6 else []),
            *([f"given={_digest(reference, criteria)}"] if reference or criteria else []),
        ]
        self.name = "/".join([judge.name, self.template.tag, *options])

    def compare(self, pairs: Sequence[Pair]) -> list[Match]:
        """Return one match per pair, in order."""
        questions = [self._ask(first, second) for first, second in pairs]
        if self.swap:
            questions += [self._ask(second, first) for first, second in pairs]
        verdicts = self.inner.judge(questions)
        firsts, seconds = verdicts[: len(pairs)], verdicts[len(pairs) :]
        if not self.swap:
            return [self._one_order(verdict) for verdict in firsts]
        return [
            match_of(
                self._scores(there),
                self._scores(back),
                strict=self.strict,
                calls=2,
                note=_note(there, back),
            )
            for there, back in zip(firsts, seconds, strict=True)
        ]

    def _ask(self, first: Candidate, second: Candidate) -> Question:
        for candidate in (first, second):
            if not candidate.text:
                raise ConfigError(
                    f"candidate '{candidate.id}' has no transcript for judge "
                    f"'{self.inner.name}' to read; give Candidates with their text"
                )
        return self.template.ask(
            instruction=first.instruction, first=first.text, second=second.text, **self._more
        )

    def _scores(self, verdict: Verdict) -> Scores | None:
        if verdict.values is None or None in verdict.values:
            return None
        if self.template.kind == "choice":
            better = float(verdict.values[0] or 0.0)
            return better, 1.0 - better
        path_a, path_b, answer_a, answer_b = (float(value or 0.0) for value in verdict.values)
        return (
            process_score(path_a, answer_a, self.path_weight),
            process_score(path_b, answer_b, self.path_weight),
        )

    def _one_order(self, verdict: Verdict) -> Match:
        scores = self._scores(verdict)
        if scores is None:
            return Match(p=None, calls=1, note=_note(verdict))
        ahead = (scores[0] > scores[1]) - (scores[0] < scores[1])
        return Match(p=0.5 + 0.5 * ahead, scores=scores, calls=1, note=_note(verdict))


def _note(*verdicts: Verdict) -> dict[str, list[str | None]]:
    """Return why an order has no answer, or only a stand-in; empty where all is well."""
    reasons = [verdict.reason for verdict in verdicts]
    return {"reasons": list(reasons)} if any(reasons) else {}


def _digest(reference: str | None, criteria: Sequence[str]) -> str:
    hashed = blake2b(digest_size=6)
    for part in (reference or "", *criteria):
        data = part.encode("utf-8", "surrogatepass")
        hashed.update(len(data).to_bytes(8, "little") + data)
    return hashed.hexdigest()
