"""Spaces, infos, evidence and books: what comes back is what was promised."""

import math
import pickle
import warnings
from collections.abc import Mapping
from typing import Any

import gymnasium
from gymnasium.utils.env_checker import check_env

from envgym.testing.subject import Requires, Subject
from envgym.testing.trace import STYLES, Trace, play
from envgym.types import Entry, Evidence, Record

RESET_KEYS = {"task_id", "tools", "system", "seed", "env_version", "evidence"}
STEP_KEYS = {"calls", "error", "evidence", "reward_parts", "turn", "valid"}
END_KEYS = STEP_KEYS | {"end", "invalid_reason", "success", "step_rewards", "ledger"}
_KINDS: Mapping[str, tuple[type, ...]] = {
    "bool": (bool,),
    "int": (int,),
    "float": (int, float),
    "str": (str,),
    "tuple": (tuple, list),
}
_NEAR = 1e-9


def gymnasium_check(subject: Subject) -> None:
    """Gymnasium's ``check_env`` and its checking wrapper pass without a warning."""
    env = subject.make(render_mode="ansi")
    watched = subject.make(disable_env_checker=False)
    try:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            check_env(env.unwrapped)
            play(watched, 1, "random", turns=3)
        told = [str(item.message) for item in caught]
        subject.require(not told, f"Gymnasium's checker warns: {told[0] if told else ''}")
    finally:
        env.close()
        watched.close()


def spaces_and_infos(subject: Subject) -> None:
    """Observations lie in their space, infos follow the contract, evidence its declaration."""
    for seed, style in enumerate(STYLES):
        env = subject.make(render_mode="ansi")
        try:
            trace = play(env, seed, style)
            _rendered(subject, env)
            check_trace(subject, env, trace)
            if trace.over:
                _closed(subject, env)
        finally:
            env.close()
            env.close()


def books_balance(subject: Subject) -> None:
    """Under every preset: floats, parts, settled rewards and ledger tell one story."""
    for preset in subject.cls.presets():
        env = subject.make(reward=preset)
        try:
            for seed, style in enumerate(("oracle", "mixed", "null")):
                trace = play(env, seed, style)
                where = f"reward={preset}, {style} with seed {seed}"
                subject.require(trace.over, f"{where}: no end after {len(trace.messages)} turns")
                _balanced(subject, where, trace)
        finally:
            env.close()


def check_trace(subject: Subject, env: Any, trace: Trace) -> None:
    """Check every line of a trace against the contract."""
    declared: Mapping[str, Evidence] = env.unwrapped.declared
    last = len(trace.infos) - 1
    for number, (line, info) in enumerate(zip(trace.lines, trace.infos, strict=True)):
        where = "reset" if number == 0 else f"event {number - 1}"
        shown = trace.observations[number]
        subject.require(
            env.observation_space.contains(shown),
            f"{where}: the observation {shown!r:.60} is outside {env.observation_space}",
        )
        ended = number == last and trace.over
        keys = RESET_KEYS if number == 0 else END_KEYS if ended else STEP_KEYS
        differing = (set(info) ^ keys) - set(subject.metadata.get("info", ()))
        subject.require(not differing, f"{where}: info keys differ by {sorted(differing)}")
        for key, value in info.items():
            check_value(subject, f"{where}: info['{key}']", value)
        for key in ("evidence", "reward_parts"):
            if key in info:
                subject.require(
                    isinstance(info[key], Record), f"{where}: info['{key}'] is not a Record"
                )
        subject.require(
            pickle.loads(pickle.dumps(info)) == info, f"{where}: info changes when pickled"
        )
        check_evidence(subject, where, declared, info["evidence"], ended=ended)
        if number == 0:
            _reset_info(subject, info)
        else:
            _step_info(subject, where, number, line, info)
        if ended:
            _end_info(subject, where, line, info)


def _rendered(subject: Subject, env: Any) -> None:
    subject.require(isinstance(env.render(), str), "render() of mode 'ansi' returns no text")


def _closed(subject: Subject, env: Any) -> None:
    """Stepping after the end raises ResetNeeded."""
    try:
        env.step("")
    except gymnasium.error.ResetNeeded:
        return
    subject.require(False, "step() after the end does not raise ResetNeeded")


def _reset_info(subject: Subject, info: Mapping[str, Any]) -> None:
    subject.require(
        type(info["seed"]) is int and 0 <= info["seed"] < 1 << 63, "seed is not in 0..2^63-1"
    )
    subject.require(isinstance(info["task_id"], str), "task_id is not a string")
    told = isinstance(info["system"], str) and (bool(info["system"]) or not info["tools"])
    subject.require(told, "info['system'] has no text")
    names = [tool["function"]["name"] for tool in info["tools"]]
    subject.require(len(names) == len(set(names)), "two tools have one name")
    missing = [name for name in names if name not in info["system"]]
    if len(names) > 1 or subject.metadata.get("command_tool") is None:
        command = subject.metadata.get("command_tool")
        missing = [name for name in missing if name != command]
        subject.require(not missing, f"the system prompt does not name {missing}")


def _step_info(
    subject: Subject, where: str, number: int, line: Mapping[str, Any], info: Mapping[str, Any]
) -> None:
    reward = line["reward"]
    subject.require(
        type(reward) is float and math.isfinite(reward), f"{where}: reward is {reward!r}"
    )
    subject.require(
        type(line["terminated"]) is bool and type(line["truncated"]) is bool,
        f"{where}: the end flags are not bools",
    )
    subject.require(
        not (line["terminated"] and line["truncated"]), f"{where}: terminated and truncated"
    )
    subject.require(info["turn"] == number, f"{where}: turn is {info['turn']}")
    subject.require(
        info["error"] is None or isinstance(info["error"], str), f"{where}: error is no sentence"
    )
    subject.require(
        all(isinstance(call, Record) and set(call) == {"name", "args"} for call in info["calls"]),
        f"{where}: a call is not a Record of name and args",
    )
    subject.require(
        abs(math.fsum(info["reward_parts"].values()) - reward) <= _NEAR,
        f"{where}: reward_parts sum to {math.fsum(info['reward_parts'].values())}, not {reward}",
    )


def _end_info(
    subject: Subject, where: str, line: Mapping[str, Any], info: Mapping[str, Any]
) -> None:
    end = info["end"]
    subject.require(end in ("task", "budget", "invalid"), f"{where}: end is {end!r}")
    subject.require((end == "task") == line["terminated"], f"{where}: {end} has the wrong flag")
    subject.require(
        info["valid"] == (end != "invalid") == (info["invalid_reason"] is None),
        f"{where}: valid, end and invalid_reason disagree",
    )
    subject.require(
        info["success"] in ("yes", "no", None), f"{where}: success is {info['success']!r}"
    )
    subject.require(
        all(isinstance(entry, Entry) for entry in info["ledger"]), f"{where}: the ledger's entries"
    )


def check_value(subject: Requires, where: str, value: Any) -> None:
    """Check an info value: only scalars, Records, tuples and lists survive Gymnasium's vectors (contract 1)."""
    plain = type(value) in (bool, int, float, str) or value is None
    subject.require(
        plain or isinstance(value, Record | tuple | list), f"{where} is a {type(value).__name__}"
    )


def check_evidence(
    subject: Requires,
    where: str,
    declared: Mapping[str, Evidence],
    evidence: Record,
    *,
    ended: bool,
) -> None:
    """Check that a record holds what is due, and only what is declared: keys, types, bounds."""
    due = {
        item.key
        for item in declared.values()
        if item.cost == "cheap" and (item.scope == "step" or ended)
    }
    missing = due - set(evidence)
    subject.require(not missing, f"{where}: evidence lacks {sorted(missing)}")
    for key, value in evidence.items():
        subject.require(key in declared, f"{where}: evidence '{key}' is not declared")
        item = declared[key]
        subject.require(
            item.scope == "step" or ended, f"{where}: '{key}' is reported before the end"
        )
        if value is None:
            continue
        fits = isinstance(value, _KINDS[item.type]) and (
            item.type == "bool" or not isinstance(value, bool)
        )
        subject.require(fits, f"{where}: '{key}' is {value!r}, declared {item.type}")
        if item.type in ("int", "float"):
            subject.require(
                item.lo <= value <= item.hi,
                f"{where}: '{key}' is {value!r}, declared {item.lo} to {item.hi}",
            )
    if not ended:
        subject.require(evidence["end"] is None, f"{where}: 'end' is set before the end")


def _balanced(subject: Subject, where: str, trace: Trace) -> None:
    info = trace.infos[-1]
    ledger, settled = info["ledger"], info["step_rewards"]
    turns = len(trace.messages)
    subject.require(len(settled) == turns, f"{where}: {len(settled)} settled, {turns} turns")
    unpaid = math.fsum(entry.value for entry in ledger if entry.paid is None)
    gap = math.fsum(settled) - math.fsum(trace.floats) - unpaid
    subject.require(abs(gap) <= _NEAR * turns, f"{where}: settled and paid differ by {gap}")
    for event in range(turns):
        paid = math.fsum(entry.value for entry in ledger if entry.paid == event)
        earned = math.fsum(entry.value for entry in ledger if entry.earned == event)
        subject.require(
            abs(paid - trace.floats[event]) <= _NEAR,
            f"{where}: event {event} paid {trace.floats[event]}, its entries {paid}",
        )
        subject.require(
            abs(earned - settled[event]) <= _NEAR,
            f"{where}: event {event} settled {settled[event]}, its entries {earned}",
        )
