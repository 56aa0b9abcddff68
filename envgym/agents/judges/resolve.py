"""From a judge string, as the command line takes it, to a judge."""

import json
from collections.abc import Mapping
from dataclasses import fields
from hashlib import blake2b
from math import isfinite
from os import PathLike
from typing import Any

from envgym.agents.judges.fake import FakeJudge
from envgym.agents.judges.policy import PolicyJudge
from envgym.agents.judges.verdict import Judge
from envgym.types import ConfigError
from envgym.types.errors import unknown

JUDGES = ("fake", "fake:noise=0.2,bias=0.5,seed=1", "hf:PATH", "openai:MODEL@URL", "cassette:FILE")
"""Forms of a judge string; ``human`` is one more."""


_SAMPLING = ("temperature", "max_tokens", "extra")


def resolve_judge(
    spec: str,
    *,
    cache: str | PathLike[str] | None = None,
    record: str | PathLike[str] | None = None,
    samples: int = 1,
    **options: Any,
) -> Judge:
    """Return the judge that ``spec`` names.

    Args:
        spec: ``fake`` with settings of ``FakeJudge``; ``hf:PATH`` (a model folder, hub name or
            LoRA adapter; ``readout="parsed"`` or "expected"); ``openai:MODEL@URL`` (a chat
            completions endpoint); ``cassette:FILE`` (a recording); ``human`` (you).
        cache: Database that keeps answers.
        record: File that every answer is written to, for ``cassette:``.
        samples: Answers per question; above 1 their mean counts.
        **options: Passed to the judge or its policy, for example ``tries=3``, ``timeout=60``.

    Raises:
        ConfigError: An unknown name, a missing part, or nothing to load there.
        MissingExtraError: The judge's libraries are not installed.

    >>> resolve_judge("fake:noise=0.2,seed=1").name
    'fake:noise=0.2,seed=1'
    """
    judge = _plain(spec, options)
    if cache is not None:
        from envgym.agents.judges.cached import CachedJudge

        judge = CachedJudge(judge, cache)
    if record is not None:
        from envgym.agents.judges.cassette import RecordingJudge

        judge = RecordingJudge(judge, record)
    if samples != 1:
        from envgym.agents.judges.voting import VotingJudge

        judge = VotingJudge(judge, samples)
    return judge


def _plain(spec: str, options: dict[str, Any]) -> Judge:
    kind, colon, rest = spec.partition(":")
    match kind:
        case "fake":
            return FakeJudge(**{**_settings(spec, rest), **options})
        case "cassette" if rest:
            from envgym.agents.judges.cassette import CassetteJudge

            return CassetteJudge(rest, **options)
        case "hf" if rest:
            from envgym.agents import resolve as agents

            agents._need(spec, "train", "torch", "transformers")
            from envgym.agents.judges.local import LocalJudge

            return LocalJudge.from_pretrained(rest, **options)
        case "openai" | "human" if bool(colon) == (kind == "openai"):
            from envgym.agents.resolve import resolve_agent

            asking = {
                name: options.pop(name)
                for name in ("tries", "tie_on_failure", "seed", "batch")
                if name in options
            }
            # Policies do not name how they sample; equal names must mean equal answers.
            sampling = {key: options[key] for key in _SAMPLING if options.get(key) is not None}
            # The endpoint's own timeout is per answer, the judge's is for a whole call.
            total = {"timeout": options.pop("total_timeout", None)}
            policy = resolve_agent(spec, **options)
            if "extra" in sampling:  # may hold anything, and names end up in files
                text = json.dumps(sampling["extra"], sort_keys=True, default=str)
                sampling["extra"] = blake2b(text.encode(), digest_size=4).hexdigest()
            if asking.get("seed"):
                sampling["seed"] = asking["seed"]
            return PolicyJudge(policy, name=named(policy.name, sampling), **asking, **total)
    if kind in ("cassette", "hf"):
        raise ConfigError(f"judge '{spec}' lacks what follows the colon: {kind}:PATH")
    raise ConfigError(unknown("judge", spec, (*JUDGES, "human")))


def named(name: str, settings: Mapping[str, Any]) -> str:
    """Return ``name`` with the settings that change answers: ``openai:m@URL#temperature=0``."""
    words = ",".join(f"{key}={value}" for key, value in sorted(settings.items()))
    return f"{name}#{words}" if words else name


def _settings(spec: str, text: str) -> dict[str, Any]:
    """Return ``noise=0.2,seed=1`` as arguments of FakeJudge."""
    allowed = [
        field.name for field in fields(FakeJudge) if field.name not in ("name", "quality", "label")
    ]
    found: dict[str, Any] = {}
    for part in filter(None, text.split(",")):
        name, equals, value = (piece.strip() for piece in part.partition("="))
        if name not in allowed or not equals:
            raise ConfigError(f"judge '{spec}': {unknown('setting', name, allowed)}")
        try:
            found[name] = int(value) if name == "seed" else float(value)
        except ValueError:
            raise ConfigError(f"judge '{spec}': {name} must be a number, got '{value}'") from None
        if not isfinite(found[name]):
            raise ConfigError(f"judge '{spec}': {name} must be finite, got {value}")
    return found
