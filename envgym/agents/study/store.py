"""Shards on disk: one .npz file each, named by what its numbers depend on, written at once."""

import json
import os
import re
import zipfile
from pathlib import Path
from typing import Any

import numpy as np

from envgym.agents.study.settings import Shard
from envgym.agents.study.tally import Totals
from envgym.types import ConfigError, InfraError

FOLDER = "shards"
"""Folder of the shards inside a study's folder."""
_MAPS = ("sums", "tails", "curves", "paths")
_PLAIN = ("rounds", "errors", "tail_rounds", "marks", "pulls")


def shard_path(out: Path, shard: Shard) -> Path:
    """Return where a shard lies: its agent and seeds for people, a digest of all the rest."""
    agent = re.sub(r"[^a-zA-Z0-9=.-]+", "_", shard.agent)[:60]
    first, last = shard.seeds[0], shard.seeds[-1]
    return out / FOLDER / f"{agent}-{first}-{last}-{shard.digest}.npz"


def save(path: Path, shard: Shard, totals: Totals) -> None:
    """Write a shard; a reader sees all of it or nothing.

    Raises:
        InfraError: the file cannot be written.
    """
    arrays: dict[str, Any] = {name: getattr(totals, name) for name in _PLAIN}
    arrays["seconds"] = np.array(totals.seconds)
    for name in _MAPS:
        arrays.update({f"{name}/{key}": each for key, each in getattr(totals, name).items()})
    arrays["shard"] = np.array(json.dumps(shard.to_json(), sort_keys=True))
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with beside.open("wb") as file:
            np.savez_compressed(file, **arrays)
        beside.replace(path)
    except OSError as error:
        raise InfraError("disk", f"cannot write {path}: {error.strerror}") from error


def load(path: Path, shard: Shard) -> Totals:
    """Return the totals of a shard.

    Raises:
        ConfigError: the file is damaged, or is that of another shard.
    """
    try:
        with path.open("rb") as raw, np.load(raw, allow_pickle=False) as file:
            found = {name: file[name] for name in file.files}
        settings = json.loads(str(found.pop("shard")))
        maps: dict[str, dict[str, Any]] = {name: {} for name in _MAPS}
        for name, each in found.items():
            kind, slash, key = name.partition("/")
            if slash:
                maps[kind][key] = each
        plain: dict[str, Any] = {name: found[name] for name in _PLAIN}
        seconds = float(found["seconds"])
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
        raise ConfigError(f"{path} is no shard of a study, or damaged; delete it.") from None
    if settings != shard.to_json():
        raise ConfigError(f"{path} holds another shard than its name says; delete it.")
    return Totals(seeds=shard.seeds, seconds=seconds, **{**plain, **maps})
