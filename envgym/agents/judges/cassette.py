"""Judge traffic on file: recorded while scoring, replayed without the judge."""

import json
import os
from collections.abc import Sequence
from hashlib import blake2b
from os import PathLike
from pathlib import Path
from threading import Lock
from typing import Any

from envgym.agents.judges.template import Content, Question
from envgym.agents.judges.verdict import Judge, Verdict
from envgym.types import ConfigError, InfraError
from envgym.types.errors import near_file

_VERSION = 1


class RecordingJudge:
    """Ask a judge and write every answer, failures included, to a JSON Lines file.

    A question that the file already answers is answered from it, so that a scored run and its
    replay see the same; a recording that was stopped can be continued, and what failed in it is
    asked again. Threads may share one object, processes no file.

    Args:
        judge: Asked what the file does not hold.
        path: The file; made if missing, continued if it was recorded from the same judge.

    Raises:
        ConfigError: The file is of another judge, or no recording.
        InfraError: From ``judge``: the disk refused.
    """

    def __init__(self, judge: Judge, path: str | PathLike[str]) -> None:
        self.inner, self.name = judge, judge.name
        self.path = Path(path)
        self._lock = Lock()
        self._whole: int | None = None
        self._known: dict[str, Verdict] = {}
        if self.path.exists():
            tape = _Tape(self.path)
            for other in tape.judges:
                if other != self.name:
                    raise ConfigError(
                        f"{self.path} holds answers of judge '{other}', not of '{self.name}'; "
                        "record each judge in a file of its own"
                    )
            self._whole = tape.whole
            answers = tape.answers.get(self.name, {})
            self._known = {key: known for key, known in answers.items() if known.reason is None}

    def judge(self, questions: Sequence[Question]) -> list[Verdict]:
        """Return one verdict per question, in order."""
        with self._lock:
            unknown = {q.digest: q for q in questions if q.digest not in self._known}
            if unknown:
                answers = self.inner.judge(list(unknown.values()))
                fresh = dict(zip(unknown, answers, strict=True))
                self._write([self._line(unknown[key], fresh[key]) for key in fresh])
                self._known |= fresh
            return [self._known[question.digest] for question in questions]

    def _line(self, question: Question, verdict: Verdict) -> dict[str, Any]:
        return {
            "v": _VERSION,
            "judge": self.name,
            "template": question.template.tag,
            "key": question.digest,
            "shown": [digest_of(question[name]) for name in question.template.subject],
            "verdict": verdict.to_json(),
        }

    def _write(self, lines: Sequence[dict[str, Any]]) -> None:
        # ASCII escapes carry lone surrogates, which a reply may hold and UTF-8 may not.
        data = "".join(json.dumps(line, ensure_ascii=True) + "\n" for line in lines).encode()
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            if self._whole is not None:
                os.truncate(self.path, self._whole)
                self._whole = None
            with self.path.open("ab", buffering=0) as file:
                done = os.write(file.fileno(), data)
                while done < len(data):
                    done += os.write(file.fileno(), data[done:])
        except OSError as error:
            raise InfraError("disk", f"cannot write to {self.path}: {error.strerror}") from error


def digest_of(content: Content) -> str:
    """Return a short name of what was judged: a reader sees which attempt was shown first."""
    text = content if isinstance(content, str) else "\n".join(content)
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=4).hexdigest()


class CassetteJudge:
    """Answer from a recording; it bears the recorded judge's name, so results are equal.

    The order and batches of questions do not matter. Where a file answers one question several
    times, the last answer counts.

    Args:
        path: A file that ``RecordingJudge`` wrote.
        judge: Whose answers, for a file with several judges.

    Raises:
        ConfigError: No such file, no recording, no such judge; from ``judge``, a question that
            was never recorded.
    """

    def __init__(self, path: str | PathLike[str], *, judge: str | None = None) -> None:
        self.path = Path(path)
        tape = _Tape(self.path)
        names = sorted(tape.answers)
        if judge is None:
            if len(names) != 1:
                found = f"holds answers of {', '.join(names)}; name one" if names else "is empty"
                raise ConfigError(f"cassette {self.path} {found}")
            judge = names[0]
        if judge not in tape.answers:
            raise ConfigError(
                f"cassette {self.path} holds no answers of judge '{judge}', only of "
                f"{', '.join(names) or 'none'}"
            )
        self.name = judge
        self._answers = tape.answers[judge]
        self._templates = tape.templates[judge]

    def judge(self, questions: Sequence[Question]) -> list[Verdict]:
        """Return one verdict per question, in order."""
        missing = [q for q in questions if q.digest not in self._answers]
        if missing:
            tag = missing[0].template.tag
            hint = (
                "the prompt was recorded, this content was not"
                if tag in self._templates
                else f"prompts recorded: {', '.join(sorted(self._templates))}"
            )
            raise ConfigError(
                f"cassette {self.path} lacks {len(missing)} of {len(questions)} answers, the first "
                f"to prompt {tag} with digest {missing[0].digest} ({hint}); record it again"
            )
        return [self._answers[question.digest] for question in questions]


class _Tape:
    """What a recording holds, by judge."""

    def __init__(self, path: Path) -> None:
        self.answers: dict[str, dict[str, Verdict]] = {}
        self.templates: dict[str, set[str]] = {}
        try:
            data = path.read_bytes()
        except OSError as error:
            raise ConfigError(
                f"cassette {path} cannot be read: {error.strerror}.{near_file(path)}"
            ) from None
        *lines, rest = data.split(b"\n")
        self.whole = len(data) - len(rest) if rest else None
        """Bytes before a line that was cut off when its writer was stopped; None: no such line."""
        for number, line in enumerate(lines, 1):
            if line.strip() and not self._take(f"{path}:{number}", line):
                raise ConfigError(f"{path}:{number}: no line of a judge recording")

    @property
    def judges(self) -> list[str]:
        return sorted(self.answers)

    def _take(self, where: str, line: bytes) -> bool:
        try:
            raw = json.loads(line)
        except (ValueError, RecursionError):
            return False
        if not isinstance(raw, dict) or "v" not in raw:
            return False
        if raw["v"] != _VERSION:
            raise ConfigError(
                f"{where}: field 'v': expected version {_VERSION} of a judge recording, "
                f"got {raw['v']!r:.40}"
            )
        names = [raw.get(name) for name in ("judge", "template", "key")]
        if not all(isinstance(name, str) for name in names):
            return False
        judge, template, key = map(str, names)
        try:
            verdict = Verdict.from_json(raw.get("verdict"))
        except ConfigError as error:
            raise ConfigError(f"{where}: {error}") from None
        self.answers.setdefault(judge, {})[key] = verdict
        self.templates.setdefault(judge, set()).add(template)
        return True
