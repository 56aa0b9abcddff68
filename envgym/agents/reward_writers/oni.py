"""F7: labels that arrive later than the events they are about, and wear off with repetition."""

import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from hashlib import blake2b
from os import PathLike
from pathlib import Path
from threading import Lock
from typing import Any

from envgym.agents.reward_writers.prompt import load_prompt
from envgym.agents.reward_writers.text_model import TextModel
from envgym.agents.reward_writers.writer import Writer
from envgym.rewards.signal import Evidenced
from envgym.types import ConfigError, InfraError, Policy, Stream

LABEL, VISITS = "oni.label", "oni.visits"
_MOST_PENDING = 10_000


class LabelStore:
    """A hash table of event texts and their labels, filled while training runs.

    Environments note events without waiting; a labeller takes what is pending and puts labels
    back, from another thread or process step. Nothing here asks anybody.

    Source:  cookbook F7, ONI (inferred: asynchronous labels in a hash table; limits are ours)
    Laws:    an event that has no label yet is unknown, never 0; the first label of an event
             stands, so rewards do not drift; ``frozen`` gives a group one version

    >>> store = LabelStore()
    >>> store.note(["You see a key.", "You see a key."])
    >>> store.pending(9)
    ('You see a key.',)
    >>> store.put({"You see a key.": 1.0})
    >>> store.label("You see a key."), store.label("A wall.")
    (1.0, None)
    """

    def __init__(self, labels: Mapping[str, float] | None = None) -> None:
        self._labels: dict[str, float] = {}
        self._pending: dict[str, None] = {}
        self._lock = Lock()
        self.put(labels or {})

    def __len__(self) -> int:
        return len(self._labels)

    def note(self, texts: Iterable[str]) -> None:
        """Remember the events that have no label; beyond 10,000 the newest are left out."""
        with self._lock:
            for text in texts:
                if text not in self._labels and len(self._pending) < _MOST_PENDING:
                    self._pending.setdefault(text)

    def pending(self, most: int) -> tuple[str, ...]:
        """Return up to ``most`` events that wait for a label, oldest first."""
        with self._lock:
            return tuple(text for text, _ in zip(self._pending, range(most), strict=False))

    def put(self, labels: Mapping[str, float | None]) -> None:
        """Store labels from 0 to 1; None: no answer came, and the event is not asked again.

        Raises:
            ConfigError: a label is out of range.
        """
        for text, label in labels.items():
            if label is not None and not 0.0 <= label <= 1.0:
                raise ConfigError(f"the label of {text!r:.60} must be 0 to 1, got {label}.")
        with self._lock:
            for text, label in labels.items():
                self._pending.pop(text, None)
                if label is not None:
                    self._labels.setdefault(text, float(label))

    def label(self, text: str) -> float | None:
        """Return the label of an event; None if there is none yet."""
        return self._labels.get(text)

    def frozen(self) -> "LabelStore":
        """Return a copy that stays as it is, for the group that is scored now."""
        with self._lock:
            return LabelStore(dict(self._labels))

    @property
    def version(self) -> str:
        """Twelve hexadecimal digits over the labels, in any order of arrival."""
        with self._lock:
            text = json.dumps(sorted(self._labels.items()))
        return blake2b(text.encode(), digest_size=6, person=b"envgym-oni-v1").hexdigest()

    def model(self, **options: Any) -> TextModel:
        """Return a classifier of the labelled events, for those that nobody labelled."""
        with self._lock:
            items = sorted(self._labels.items())
        return TextModel.fit_labels([t for t, _ in items], [v for _, v in items], **options)

    def save(self, path: str | PathLike[str]) -> None:
        """Write the labels as JSON, whole or not at all."""
        target = Path(path)
        part = target.with_name(target.name + ".part")
        with self._lock:
            text = json.dumps({"v": 1, "labels": self._labels}, ensure_ascii=True)
        try:
            part.write_text(text, encoding="utf-8")
            part.replace(target)
        except OSError as error:
            raise InfraError("disk", f"{target} cannot be written: {error.strerror}") from error

    @classmethod
    def load(cls, path: str | PathLike[str]) -> "LabelStore":
        """Return the store in a file.

        Raises:
            ConfigError: there is none, or it is damaged.
        """
        try:
            data = json.loads(Path(path).read_text(encoding="utf-8"))
            if data["v"] != 1:
                raise ConfigError(f"{path} is of version {data['v']}; this envgym reads 1.")
            return cls({str(k): float(v) for k, v in data["labels"].items()})
        except (
            OSError,
            ArithmeticError,
            ValueError,
            LookupError,
            TypeError,
            AttributeError,
        ) as error:
            if isinstance(error, ConfigError):
                raise
            raise ConfigError(f"{path} holds no labels: {error!r}") from error


def label_pending(
    policy: Policy, store: LabelStore, task: str, *, most: int = 64, seed: int = 0
) -> int:
    """Ask the policy about up to ``most`` pending events; return how many got a label.

    The label is 1 for yes and 0 for no; an answer that cannot be read gives none.
    """
    events = store.pending(most)
    prompt = load_prompt("oni_label")
    writer = Writer(policy, seed=seed)
    answers = writer.ask(
        [(f"label {event}", prompt.fill(task=task, event=event)) for event in events]
    )
    words = [_word(answer.text, ("yes", "no")) for answer in answers]
    labels = {"yes": 1.0, "no": 0.0}
    found = {e: None if w is None else labels[w] for e, w in zip(events, words, strict=True)}
    store.put(found)
    return sum(value is not None for value in found.values())


def rank_events(
    policy: Policy,
    events: Sequence[str],
    task: str,
    *,
    pairs: int,
    seed: int = 0,
    **options: Any,
) -> TextModel:
    """Return a ranking model of events from ``pairs`` comparisons by the policy.

    Pairs are drawn from the seed; which of the two is shown first is drawn too.

    Raises:
        ConfigError: fewer than two different events, or no answer could be read.
    """
    distinct = sorted(set(events))
    if len(distinct) < 2 or pairs < 1:
        raise ConfigError(
            f"rank_events needs two events and a pair, got {len(distinct)} and {pairs}."
        )
    stream = Stream(seed, "oni", "pairs")
    drawn = []
    for _ in range(pairs):
        i, j = stream.sample(range(len(distinct)), 2)
        drawn.append((distinct[i], distinct[j]))
    prompt = load_prompt("oni_pair")
    answers = Writer(policy, seed=seed).ask(
        [(f"pair {k}", prompt.fill(task=task, first=a, second=b)) for k, (a, b) in enumerate(drawn)]
    )
    values = {"a": 1.0, "b": 0.0, "none": 0.5}
    words = [_word(answer.text, tuple(values)) for answer in answers]
    known = [(pair, values[w]) for pair, w in zip(drawn, words, strict=True) if w is not None]
    if not known:
        raise ConfigError("rank_events: none of the answers could be read.")
    return TextModel.fit_pairs([pair for pair, _ in known], [v for _, v in known], **options)


def oni_evidence(
    records: Sequence[Evidenced],
    labels: Callable[[str], float | None],
    *,
    key: str = "observation",
    unlabelled: float | None = None,
) -> list[dict[str, Any]]:
    """Return the records with ``oni.label`` and ``oni.visits``, for ``count_bonus``.

    ``visits`` counts how often this episode has shown the event, this time included; reset's
    observation counts.

    Args:
        records: reset's first.
        labels: ``store.frozen().label``, or a model's ``probability``.
        key: evidence that holds the event's text.
        unlabelled: what an event without a label is worth; None: unknown, which makes the score
            invalid; ONI itself pays 0 until the label arrives.
    """
    visits: Counter[str] = Counter()
    told = []
    for record in records:
        event = record.get(key)
        if not isinstance(event, str):
            raise ConfigError(f"evidence '{key}' must hold the event's text, got {event!r:.60}.")
        visits[event] += 1
        label = labels(event)
        told.append(
            {**record, LABEL: unlabelled if label is None else label, VISITS: visits[event]}
        )
    return told


def _word(text: str | None, allowed: tuple[str, ...]) -> str | None:
    """Return the word after the last ``ANSWER:`` line if it is allowed."""
    for line in reversed((text or "").splitlines()):
        head, colon, word = line.strip(" *_#>`").partition(":")
        if colon and head.strip().lower() == "answer":
            chosen = word.strip(" .*_`").lower()
            return chosen if chosen in allowed else None
    return None
