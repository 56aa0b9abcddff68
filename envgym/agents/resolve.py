"""From an agent string, as the command line takes it, to a policy."""

from importlib.util import find_spec
from typing import Any

from envgym.types import ConfigError, MissingExtraError, Policy
from envgym.types.errors import unknown

AGENTS = (
    "oracle",
    "oracle:NOISE",
    "random",
    "human",
    "hf:PATH",
    "openai:MODEL@URL",
    "learner:NAME",
    "ALGORITHM:ITERATIONS",
    "table:PATH",
)
"""Forms of an agent string; the last two play games. Algorithms are those of ``envgym solve``."""


def resolve_agent(spec: str, **options: Any) -> Policy:
    """Return the policy that ``spec`` names.

    Args:
        spec: ``oracle`` (the environment's expert), ``oracle:0.3`` (the expert with that share
            of random calls), ``random`` (valid random calls), ``human`` (you, in the terminal),
            ``hf:PATH`` (a model folder, hub name or LoRA adapter), ``openai:MODEL@URL`` (a chat
            completions endpoint; without ``@URL`` OpenAI's), ``learner:ofs`` or
            ``learner:ofs:c=0.5`` (a learner of ``envgym.agents.learners``, for the text views of
            closed-loop environments); for games ``cfr:1000`` and the like
            (an algorithm of ``envgym solve`` and its iterations) and ``table:PATH`` (a policy
            that ``envgym solve --out`` wrote).
        **options: Passed to the policy, for example ``max_new_tokens=64`` for hf.

    Raises:
        ConfigError: An unknown name, a missing part, or nothing to load there.
        MissingExtraError: The policy's libraries are not installed.
    """
    kind, colon, rest = spec.partition(":")
    match kind, bool(colon):
        case "oracle", False:
            from envgym.agents.policies.oracle import OraclePolicy

            return OraclePolicy(**options)
        case "oracle", True:
            from envgym.agents.policies.oracle import NoisyOraclePolicy

            return NoisyOraclePolicy(_noise(spec, rest), **options)
        case "random", False:
            from envgym.agents.policies.random import RandomPolicy

            return RandomPolicy(**options)
        case "human", False:
            from envgym.agents.policies.human import HumanPolicy

            return HumanPolicy(**options)
        case "hf", _:
            return _local(spec, rest, options)
        case "openai", _:
            return _endpoint(spec, rest, options)
        case "learner", _:
            return _learner(spec, rest)
        case "table", _:
            return _table(spec, rest)
    from envgym.agents.solvers.solve import ALGORITHMS

    if kind in ALGORITHMS:
        from envgym.agents.policies.tabular import solver_policy

        return solver_policy(spec)
    raise ConfigError(unknown("agent", spec, AGENTS))


def _noise(spec: str, text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise ConfigError(f"agent '{spec}': expected oracle:NOISE, a number from 0 to 1") from None


def _table(spec: str, path: str) -> Policy:
    if not path:
        raise ConfigError(f"agent '{spec}' lacks a path: table:PATH, a file of `envgym solve`")
    from envgym.agents.policies.tabular import table_policy

    return table_policy(path)


def _learner(spec: str, rest: str) -> Policy:
    if not rest:
        raise ConfigError(f"agent '{spec}' lacks a name: learner:NAME, for example learner:ofs")
    from envgym.agents.policies.learner import LearnerPolicy

    return LearnerPolicy(rest)


def _local(spec: str, path: str, options: dict[str, Any]) -> Policy:
    if not path:
        raise ConfigError(f"agent '{spec}' lacks a path: hf:PATH, a model folder or hub name")
    _need(spec, "train", "torch", "transformers")
    from envgym.agents.policies.transformers import TransformersPolicy

    return TransformersPolicy.from_pretrained(path, **options)


def _endpoint(spec: str, rest: str, options: dict[str, Any]) -> Policy:
    model, at, url = rest.partition("@http")
    if not model:
        raise ConfigError(f"agent '{spec}' lacks a model: openai:MODEL@URL")
    if not at and "@" in model:
        raise ConfigError(f"agent '{spec}': the part after @ must start with http:// or https://")
    _need(spec, "api", "httpx")
    from envgym.agents.policies.openai import OpenAIPolicy

    if at:
        return OpenAIPolicy(model, f"http{url}", **options)
    return OpenAIPolicy(model, **options)


def _need(spec: str, extra: str, *modules: str) -> None:
    if any(find_spec(module) is None for module in modules):
        raise MissingExtraError(f"agent '{spec}'", extra)
