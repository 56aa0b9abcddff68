"""Gatekeeper: no judge trains before it has passed its probes."""

import json
import os
import re
from collections.abc import Sequence
from hashlib import blake2b
from pathlib import Path
from typing import Any

from envgym.rewards.probe.examinee import Examinee, JudgeProbe
from envgym.rewards.probe.report import Report
from envgym.types.errors import ConfigError, EpisodeFileError, InfraError


class Gatekeeper:
    """Lets a judge train if it passes every probe, and refuses it in one sentence otherwise.

    Source: cookbook section 12: refuses a judge that fails H3 or H6 (ours)

    A pass is remembered by the judge's name and version and by the probes and their limits: a
    new version of either is examined again. A refusal is never remembered.

    Args:
        probes: what a judge must pass, usually ``OneToken`` and ``JudgeConsistency``.
        file: a JSON file of passes; made when the first judge passes. None: in memory only.

    Raises:
        EpisodeFileError: the file of passes cannot be read.

    >>> from envgym.rewards.probe.one_token import OneToken
    >>> from envgym.types.compare import Candidate
    >>> question = Candidate(id="q", records=({},), instruction="What is 2 + 3?", text="5")
    >>> keeper = Gatekeeper([OneToken((question,))])
    >>> strict = Examinee(name="strict", score=lambda asked: [float(c.text == "5") for c in asked])
    >>> keeper.admit(strict)[0].passed
    True
    """

    def __init__(self, probes: Sequence[JudgeProbe], *, file: str | Path | None = None) -> None:
        if not probes:
            raise ConfigError("a Gatekeeper needs at least one probe, got none.")
        self.probes = tuple(probes)
        self.file = None if file is None else Path(file)
        self._passes: dict[str, Any] = {} if self.file is None else _read(self.file)

    def knows(self, judge: Examinee) -> bool:
        """Return whether this judge has passed all of these probes before."""
        held = self._passes.get(judge.digest, {})
        return all(_limit(probe) in held.get("passed", ()) for probe in self.probes)

    def admit(self, judge: Examinee) -> tuple[Report, ...]:
        """Return the reports of the probes that had to be run; () for a judge that is known.

        Raises:
            ConfigError: the judge fails; names the probe, the metric and the limit.
        """
        reports, refusal = self.examine(judge)
        if refusal is not None:
            raise ConfigError(f"judge '{judge.name}' may not train: {refusal}")
        return reports

    def examine(self, judge: Examinee) -> tuple[tuple[Report, ...], str | None]:
        """Return the reports and, where a probe failed, the sentence that refuses the judge."""
        if self.knows(judge):
            return (), None
        reports: list[Report] = []
        for probe in self.probes:
            reports.append(probe.run(judge))
            if not reports[-1].passed:
                return tuple(reports), _refusal(probe, reports[-1])
        self._passes[judge.digest] = {
            "judge": judge.name,
            "version": judge.version,
            "passed": sorted({*map(_limit, self.probes), *self._held(judge)}),
            "metrics": {p.name: r.metric for p, r in zip(self.probes, reports, strict=True)},
        }
        if self.file is not None:
            _write(self.file, self._passes)
        return tuple(reports), None

    def _held(self, judge: Examinee) -> list[str]:
        return list(self._passes.get(judge.digest, {}).get("passed", ()))


def _refusal(probe: JudgeProbe, report: Report) -> str:
    why = f" ({'; '.join(report.notes)})" if report.notes else ""
    return (
        f"probe '{probe.name}' measured {report.metric:g} ({report.measures}), the limit is "
        f"{report.threshold:g}{why}."
    )


def _limit(probe: JudgeProbe) -> str:
    """Return a name of the probe and everything it asks, so that a changed probe asks again."""
    asked = re.sub(r" at 0x[0-9a-fA-F]+", "", repr(probe))  # where a function lies in memory
    digest = blake2b(asked.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()
    return f"{probe.name}:{digest}"


_VERSION = 1


def _read(file: Path) -> dict[str, Any]:
    if not file.exists():
        return {}
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise EpisodeFileError(f"{file}: no file of judges' passes: {error}.") from None
    if not isinstance(found, dict) or not isinstance(found.get("passes"), dict):
        raise EpisodeFileError(f"{file}: no file of judges' passes: the field 'passes' is missing.")
    if found.get("version") != _VERSION:
        raise EpisodeFileError(
            f"{file}: version {found.get('version')!r} of judges' passes; this release reads "
            f"version {_VERSION}."
        )
    return dict(found["passes"])


def _write(file: Path, passes: dict[str, Any]) -> None:
    """Replace the file in one step: a killed run leaves the old one."""
    text = json.dumps({"version": _VERSION, "passes": passes}, ensure_ascii=False, indent=1)
    part = file.with_name(f"{file.name}.{os.getpid()}.part")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        part.write_text(text + "\n", encoding="utf-8")
        part.replace(file)
    except OSError as error:
        raise InfraError("disk", f"cannot write {file}: {error.strerror}") from error
