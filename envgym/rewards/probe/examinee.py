"""A judge as probes see it: a name, a version, and what it can be asked."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Protocol

from envgym.rewards.probe.report import Report
from envgym.types.compare import Candidate, Comparator, Match, Pair
from envgym.types.errors import ConfigError

Scorer = Callable[[Sequence[Candidate]], Sequence[float | None]]
"""Scores each candidate's ``text`` as an answer to its ``instruction``; None: no answer."""


@dataclass(frozen=True, kw_only=True)
class Examinee:
    """A judge under examination; it scores, compares, or both."""

    name: str
    """What lists and refusals call it."""
    version: str = ""
    """Whatever fixes its answers: model, prompt version, sampling. Another text, another judge."""
    score: Scorer | None = None
    """Pointwise scores."""
    comparator: Comparator | None = None
    """Pairwise answers."""

    def __post_init__(self) -> None:
        if not self.name:
            raise ConfigError("Examinee.name must not be empty.")
        if self.score is None and self.comparator is None:
            raise ConfigError(f"judge '{self.name}' needs score or comparator, got neither.")

    @property
    def digest(self) -> str:
        """A short name of name and version."""
        text = f"{len(self.name)}:{self.name}{self.version}"
        return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=12).hexdigest()

    def scores(self, candidates: Sequence[Candidate]) -> list[float | None]:
        """Return one score per candidate.

        Raises:
            ConfigError: the judge only compares, or answered the wrong number of times.
        """
        if self.score is None:
            raise ConfigError(f"judge '{self.name}' only compares; this probe needs scores.")
        found = list(self.score(candidates))
        if len(found) != len(candidates):
            raise ConfigError(
                f"judge '{self.name}' gave {len(found)} scores for {len(candidates)} candidates."
            )
        return found

    def compare(self, pairs: Sequence[Pair]) -> list[Match]:
        """Return one match per pair; a judge that only scores compares its two scores."""
        if self.comparator is not None:
            found = list(self.comparator.compare(pairs))
            if len(found) != len(pairs):
                raise ConfigError(
                    f"judge '{self.name}' gave {len(found)} matches for {len(pairs)} pairs."
                )
            return found
        flat = self.scores([candidate for pair in pairs for candidate in pair])
        return [_match(a, b) for a, b in zip(flat[::2], flat[1::2], strict=True)]


class JudgeProbe(Protocol):
    """Measures a judge; asks it and changes nothing."""

    @property
    def name(self) -> str:
        """What a refusal calls it."""
        ...

    def run(self, judge: Examinee) -> Report:
        """Return the report."""
        ...


def _match(a: float | None, b: float | None) -> Match:
    if a is None or b is None:
        return Match(p=None, calls=2)
    return Match(p=0.5 if a == b else float(a > b), scores=(a, b), calls=2)
