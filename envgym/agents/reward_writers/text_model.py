"""A small model of texts: hashed words, logistic regression on labels or on pairs."""

import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2b
from math import isfinite
from typing import Any

import numpy as np
from numpy.typing import NDArray

from envgym.types import ConfigError

Array = NDArray[np.float64]
_WORD = re.compile(r"[^\W_]+", re.UNICODE)
_ITERATIONS = 50


@dataclass(frozen=True)
class TextModel:
    """Scores of texts, learnt from labels (a classifier) or from preferences (a ranking model).

    Formula: s(x) = w . f(x) + b, f the words and pairs of words of x hashed to ``size`` places,
             scaled to length 1; P(label) = sg(s(x)); P(x better than y) = sg(s(x) - s(y))
    Source:  cookbook F7, ONI's classifier and ranking model (inferred; features and fit are ours:
             Newton's method with a quadratic penalty, so the fit is unique)
    Shapes:  weights [size]
    Laws:    the same texts in any order give the same model to rounding; a pair and its mirror
             image say the same

    >>> model = TextModel.fit_pairs([("You see the key.", "You see a wall.")], [1.0])
    >>> model.score("the key") > model.score("a wall")
    True
    """

    weights: tuple[float, ...]
    bias: float = 0.0

    @classmethod
    def fit_labels(
        cls,
        texts: Sequence[str],
        labels: Sequence[float],
        *,
        size: int = 256,
        penalty: float = 0.1,
    ) -> "TextModel":
        """Return the classifier of texts by labels from 0 to 1."""
        _check(len(texts), labels, size, penalty)
        features = np.column_stack([_features(texts, size), np.ones(len(texts))])
        found = _fit(features, np.asarray(labels, dtype=float), penalty)
        return cls(tuple(found[:-1].tolist()), float(found[-1]))

    @classmethod
    def fit_pairs(
        cls,
        pairs: Sequence[tuple[str, str]],
        preferred: Sequence[float],
        *,
        size: int = 256,
        penalty: float = 0.1,
    ) -> "TextModel":
        """Return the ranking model of pairs; 1: the first is better, 0: the second, 0.5: neither."""
        _check(len(pairs), preferred, size, penalty)
        firsts = _features([first for first, _ in pairs], size)
        seconds = _features([second for _, second in pairs], size)
        found = _fit(firsts - seconds, np.asarray(preferred, dtype=float), penalty)
        return cls(tuple(found.tolist()))

    def score(self, text: str) -> float:
        """Return s(x); higher is better."""
        return float(_features([text], len(self.weights))[0] @ np.asarray(self.weights)) + self.bias

    def probability(self, text: str) -> float:
        """Return the classifier's P(label), 0 to 1."""
        return float(_sigmoid(np.asarray([self.score(text)]))[0])

    def to_json(self) -> dict[str, Any]:
        """Return a JSON object."""
        return {"weights": list(self.weights), "bias": self.bias}


def _check(count: int, targets: Sequence[float], size: int, penalty: float) -> None:
    if count == 0 or count != len(targets):
        raise ConfigError(f"a text model needs one target per text, got {count}, {len(targets)}.")
    for target in targets:
        if not isfinite(target) or not 0.0 <= target <= 1.0:
            raise ConfigError(f"a target must be 0 to 1, got {target}.")
    if size < 1 or not penalty > 0:
        raise ConfigError(f"size must be 1 or more, penalty above 0, got {size}, {penalty}.")


def _features(texts: Sequence[str], size: int) -> Array:
    """Return hashed counts of words and neighbouring pairs, each row of length 1 or 0."""
    rows = np.zeros((len(texts), size))
    for row, text in zip(rows, texts, strict=True):
        words = _WORD.findall(text.lower())
        for item in (*words, *(f"{a} {b}" for a, b in itertools.pairwise(words))):
            digest = int.from_bytes(
                blake2b(item.encode("utf-8", "replace"), digest_size=8).digest()
            )
            row[digest % size] += 1.0 if digest >> 63 else -1.0
        length = float(np.linalg.norm(row))
        if length:
            row /= length
    return rows


def _fit(features: Array, targets: Array, penalty: float) -> Array:
    """Return the weights of penalised logistic regression: convex, so one answer."""
    count, width = features.shape
    weights = np.zeros(width)
    for _ in range(_ITERATIONS):
        chance = _sigmoid(features @ weights)
        slope = features.T @ (chance - targets) / count + penalty / count * weights
        curve = (features.T * (chance * (1 - chance))) @ features / count
        step = np.linalg.solve(curve + penalty / count * np.eye(width), slope)
        weights = weights - step
        if float(np.max(np.abs(step))) < 1e-10:
            break
    return weights


def _sigmoid(x: Array) -> Array:
    return np.asarray(0.5 * (1.0 + np.tanh(0.5 * x)), dtype=np.float64)
