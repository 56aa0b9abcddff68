"""A judge that computes: deterministic, with noise, biases, cycles and failures as asked."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from math import log2
from statistics import NormalDist

from envgym.agents.judges.template import Question
from envgym.agents.judges.verdict import Values, Verdict
from envgym.types import ConfigError, Stream

_STANDARD = NormalDist()


@dataclass(frozen=True, kw_only=True)
class FakeJudge:
    """Judge by a quality from 0 to 1 per transcript; every answer follows from content and seed.

    Grid and pairwise scores are the perceived quality spread over the grid and rounded; yes_no
    and rubric say yes from 0.5 on; choice and pairwise see the same biases. Neither batch nor
    order of questions matters. Meant for tests, simulations and trying a pipeline out.

    >>> from envgym.agents.judges.template import load_template
    >>> judge = FakeJudge(quality=lambda text: len(text) / 10)
    >>> ask = load_template("pointwise").ask(instruction="Count.", transcript="one two")
    >>> judge.judge([ask])[0].value
    7.0
    """

    quality: Callable[[str], float] | None = None
    """Quality of a transcript; None: a number drawn from its content and the seed."""
    noise: float = 0.0
    """Standard deviation of what is added per transcript and question, in units of quality."""
    bias: float = 0.0
    """Added to the attempt that is shown first."""
    length: float = 0.0
    """Added per doubling of the transcript's length, counted from 1,000 characters on."""
    cycles: float = 0.0
    """Share of pairs decided like rock, paper and scissors: by place on a circle, not quality."""
    failures: float = 0.0
    """Share of questions that get no answer."""
    seed: int = 0
    label: str = ""
    """Replaces the quality function's name in ``name``."""
    name: str = field(init=False, default="")
    """All settings, such as ``fake:noise=0.2,seed=1``."""

    def __post_init__(self) -> None:
        for name in ("cycles", "failures"):
            if not 0.0 <= (share := getattr(self, name)) <= 1.0:
                raise ConfigError(f"{name} must be from 0 to 1, got {share}")
        if not 0.0 <= self.noise < float("inf"):
            raise ConfigError(f"noise must be 0 or more, got {self.noise}")
        for name in ("bias", "length"):
            if not abs(value := getattr(self, name)) < float("inf"):
                raise ConfigError(f"{name} must be finite, got {value}")
        settings = [
            f"{name}={getattr(self, name):g}"
            for name in ("noise", "bias", "length", "cycles", "failures", "seed")
            if getattr(self, name)
        ]
        if self.quality is not None:
            known = getattr(self.quality, "__qualname__", type(self.quality).__name__)
            settings.append(f"quality={self.label or known}")
        object.__setattr__(self, "name", f"fake:{','.join(settings)}" if settings else "fake")

    def judge(self, questions: Sequence[Question]) -> list[Verdict]:
        """Return one verdict per question, in order."""
        return [self._answer(question) for question in questions]

    def _answer(self, question: Question) -> Verdict:
        draws = Stream(self.seed, "fake judge", question.digest)
        if draws.child("failure").uniform() < self.failures:
            return Verdict(reason="policy", text="made to fail", calls=1)
        template = question.template
        texts = [_text(question, name) for name in template.subject]
        seen = [self._quality(text) for text in texts]
        if len(texts) == 2:
            seen = self._cycled(texts, seen)
            seen[0] += self.bias
        seen = [
            value + self.length * log2(max(1.0, len(text) / 1000))
            for value, text in zip(seen, texts, strict=True)
        ]
        match template.kind:
            case "grid" | "pairwise":
                rounds = 1 if template.kind == "grid" else 2
                values: Values = tuple(
                    self._on_grid(question, self._noisy(value, draws))
                    for _ in range(rounds)
                    for value in seen
                )
            case "choice":
                a, b = (self._noisy(value, draws) for value in seen)
                values = (1.0 if a > b else 0.0 if a < b else float(draws.below(2)),)
            case "yes_no":
                values = (float(self._noisy(seen[0], draws) >= 0.5),)
            case "rubric":
                values = tuple(
                    float(self._noisy(self._criterion(texts[0], item, seen[0]), draws) >= 0.5)
                    for item in question["criteria"]
                )
        return Verdict(values=values, text=worded(question, values), calls=1)

    def _quality(self, text: str) -> float:
        if self.quality is not None:
            return float(self.quality(text))
        return Stream(self.seed, "fake quality", _bytes(text)).uniform()

    def _criterion(self, text: str, item: str, overall: float) -> float:
        """Given a quality function, every criterion has it; else each is a draw of its own."""
        if self.quality is not None:
            return overall
        return Stream(self.seed, "fake criterion", _bytes(text), _bytes(item)).uniform()

    def _cycled(self, texts: Sequence[str], seen: list[float]) -> list[float]:
        """Replace both qualities where the pair, in whichever order, belongs to the cyclic ones."""
        if not self.cycles or texts[0] == texts[1]:
            return seen
        data = [_bytes(text) for text in texts]
        if Stream(self.seed, "fake cycles", *sorted(data)).uniform() >= self.cycles:
            return seen
        first, second = (Stream(self.seed, "fake circle", part).uniform() for part in data)
        ahead = (second - first) % 1.0 < 0.5
        return [0.75, 0.25] if ahead else [0.25, 0.75]

    def _noisy(self, value: float, draws: Stream) -> float:
        if not self.noise:
            return value
        # Half a step above 0, because the normal quantile of 0 is infinite.
        return value + self.noise * _STANDARD.inv_cdf(draws.uniform() + 2.0**-54)

    def _on_grid(self, question: Question, value: float) -> float:
        lo, hi = question.template.lo, question.template.hi
        return float(round(lo + (hi - lo) * min(1.0, max(0.0, value))))


def worded(question: Question, values: Values) -> str:
    """Return ``values`` as the reply that a judge would write."""
    words = {1.0: "yes", 0.0: "no", None: "unknown"}
    match question.template.kind:
        case "grid":
            return f"SCORE: {values[0]:g}"
        case "yes_no":
            return f"ANSWER: {words[values[0]]}"
        case "choice":
            return f"BETTER: {'A' if values[0] else 'B'}"
        case "rubric":
            lines = (f"CRITERION {n}: {words[value]}" for n, value in enumerate(values, 1))
            return "\n".join(lines)
        case "pairwise":
            names = ("PATH A", "PATH B", "ANSWER A", "ANSWER B")
            return "\n".join(f"{n}: {value:g}" for n, value in zip(names, values, strict=True))


def _text(question: Question, name: str) -> str:
    content = question[name]
    return content if isinstance(content, str) else "\n".join(content)


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")
