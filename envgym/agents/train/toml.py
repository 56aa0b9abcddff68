"""TOML and nested dicts to a checked ``TrainConfig``, and back."""

import dataclasses
import json
import math
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal, get_args, get_origin, get_type_hints

from envgym.agents.train.config import TrainConfig
from envgym.types.errors import ConfigError, unknown


def load(path: str | Path) -> TrainConfig:
    """Read a configuration file.

    Raises:
        ConfigError: the file is missing, is no TOML, or holds an unknown key or a value that
            is not allowed; the sentence names file, table and field.
    """
    try:
        data = tomllib.loads(Path(path).read_text("utf-8"))
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read: {error.strerror or error}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: not a TOML file: {error}") from error
    return parse(data, where=str(path))


def parse(data: Mapping[str, Any], *, where: str = "config") -> TrainConfig:
    """Return the checked configuration of nested dicts; missing keys take their defaults.

    >>> parse({"sft": {"step": 3}})
    Traceback (most recent call last):
        ...
    envgym.types.errors.ConfigError: config: [sft]: unknown key 'step'; allowed: batch, \
episodes, lr, noise, only_successes, steps. Did you mean 'steps'?
    """
    tables = {f.name: f.default for f in dataclasses.fields(TrainConfig)}
    built: dict[str, Any] = {}
    for name, table in data.items():
        if name not in tables:
            raise ConfigError(f"{where}: {unknown('table', name, tables)}")
        if not isinstance(table, Mapping):
            raise ConfigError(f"{where}: [{name}] must be a table, got {table!r}")
        built[name] = _table(type(tables[name]), table, f"{where}: [{name}]")
    config = TrainConfig(**built)
    _check_together(config, where)
    return config


def dump(config: TrainConfig) -> str:
    """Return the TOML text that ``parse`` turns into an equal configuration."""
    lines: list[str] = []
    for name, table in config.to_dict().items():
        lines += [f"[{name}]", *(f"{key} = {_literal(value)}" for key, value in table.items()), ""]
    return "\n".join(lines)


def changed(old: TrainConfig, new: TrainConfig) -> str | None:
    """Return what keeps ``new`` from continuing a run of ``old``, or None.

    A resumed run may be longer, look elsewhere or report otherwise; what made its state stays.
    """
    free = {"rl": {"steps"}, "run": {f.name for f in dataclasses.fields(old.run)} - {"seed"}}
    before, now = old.to_dict(), new.to_dict()
    for name, table in before.items():
        for key, value in table.items():
            if key not in free.get(name, ()) and name != "eval" and now[name][key] != value:
                return f"[{name}]: {key} was {value!r}, got {now[name][key]!r}"
    return None


def _table(cls: type, given: Mapping[str, Any], where: str) -> Any:
    fields = {f.name: f for f in dataclasses.fields(cls)}
    hints = get_type_hints(cls)
    values = {}
    for key, value in given.items():
        if key not in fields:
            raise ConfigError(f"{where}: {unknown('key', key, fields)}")
        bounds = fields[key].metadata.get("range")
        values[key] = _value(hints[key], value, bounds, f"{where}: {key}")
    return cls(**values)


def _value(hint: Any, value: Any, bounds: tuple[float, float] | None, where: str) -> Any:
    if get_origin(hint) is Literal:
        if value not in get_args(hint):
            raise ConfigError(f"{where}: {unknown('value', str(value), get_args(hint))}")
        return value
    if hint is float and type(value) is int:
        value = float(value)
    wanted = dict if get_origin(hint) is dict else hint
    if type(value) is not wanted:
        kind = "a table" if wanted is dict else wanted.__name__
        raise ConfigError(f"{where} must be {kind}, got {value!r}")
    if (
        bounds is not None
        and isinstance(value, int | float)
        and not bounds[0] <= value <= bounds[1]
    ):
        lo, hi = (f"{b:g}" if isinstance(b, float) else str(b) for b in bounds)
        raise ConfigError(f"{where} must be {lo} to {hi}, got {value!r}")
    return value


def _check_together(config: TrainConfig, where: str) -> None:
    if config.model.hidden % 32:
        raise ConfigError(
            f"{where}: [model]: hidden must be a multiple of 32, got {config.model.hidden}"
        )
    for name in ("record", "append"):
        if name in config.env.kwargs:
            raise ConfigError(
                f"{where}: [env]: kwargs: {name}: exams are recorded under [run] out; drop it"
            )
    if config.model.path == "tiny" and config.model.lora_rank:
        # A checkpoint of adapters names its base; this base would be nowhere.
        raise ConfigError(
            f"{where}: [model]: lora_rank must be 0 where path is 'tiny', got "
            f"{config.model.lora_rank}: adapters need a saved model underneath"
        )
    if config.rl.minibatches > config.rl.groups:
        raise ConfigError(
            f"{where}: [rl]: minibatches must be at most groups ({config.rl.groups}), "
            f"got {config.rl.minibatches}: whole groups stay together"
        )
    if config.env.train_split == config.env.test_split:
        raise ConfigError(
            f"{where}: [env]: test_split must differ from train_split "
            f"('{config.env.train_split}'): exams on training tasks show nothing"
        )


def _literal(value: Any) -> str:
    if isinstance(value, Mapping):
        inner = ", ".join(f"{json.dumps(k)} = {_literal(v)}" for k, v in value.items())
        return f"{{ {inner} }}" if inner else "{}"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(_literal(v) for v in value) + "]"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        # TOML floats need a fraction or an exponent; repr gives one or the other.
        return repr(value) if math.isfinite(value) else str(value)
    if isinstance(value, int):
        return str(value)
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    raise ConfigError(f"a configuration holds TOML values only, got {value!r}")
