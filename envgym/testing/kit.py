"""All laws by name, and the one call that runs them."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from envgym.runtime import registry
from envgym.testing import (
    arrays,
    blocks,
    determinism,
    docs,
    endings,
    episodes,
    hostility,
    proof,
    snapshots,
    spaces,
    tasks,
    vectors,
)
from envgym.testing.subject import Subject
from envgym.types import ConfigError
from envgym.types.errors import unknown

Law = Callable[[Subject], None]

_ALL: tuple[Law, ...] = (
    spaces.gymnasium_check,
    spaces.spaces_and_infos,
    spaces.books_balance,
    endings.budgets_truncate,
    endings.order_of_calls,
    tasks.tasks_are_data,
    tasks.splits_are_apart,
    determinism.same_seed_same_bytes,
    determinism.any_interleaving,
    determinism.other_processes,
    determinism.no_global_randomness,
    proof.oracle_wins,
    proof.inaction_fails,
    proof.near_misses_fail,
    proof.exploits_gain_nothing,
    proof.oracle_only_looks,
    hostility.hostile_messages,
    hostility.hostile_arguments,
    hostility.bulky_messages,
    vectors.sync_vector,
    vectors.async_vector,
    vectors.text_vector,
    vectors.same_step_autoreset,
    snapshots.snapshot_restore,
    episodes.record_verify,
    episodes.record_rescore,
    docs.docstring,
)

LAWS: Mapping[str, Law] = {law.__name__: law for law in _ALL}
"""Every law of text environments by name, in the order in which ``conformance`` runs them."""

_NUMERIC: tuple[Law, ...] = (
    spaces.gymnasium_check,
    spaces.spaces_and_infos,
    spaces.books_balance,
    endings.order_of_calls,
    determinism.same_seed_same_bytes,
    determinism.any_interleaving,
    determinism.other_processes,
    determinism.no_global_randomness,
    proof.oracle_only_looks,
    arrays.expert_beats_random,
    hostility.hostile_messages,
    arrays.nonsense_is_paid_nothing,
    arrays.rows_equal_single,
    arrays.batch_in_distribution,
    arrays.same_vector_same_bytes,
    arrays.torch_equals_numpy,
    arrays.autoreset_modes,
    arrays.gymnasium_vector,
    snapshots.snapshot_restore,
    episodes.record_verify,
    episodes.record_rescore,
    blocks.blocks_verify,
    docs.docstring,
)

NUMERIC_LAWS: Mapping[str, Law] = {law.__name__: law for law in _NUMERIC}
"""Every law of numeric environments: the single one, its rows, batches and PyTorch."""


def numeric_subject(env_id: str, **kwargs: Any) -> Subject:
    """Return a numeric id with the small settings of its text view, which tests can afford."""
    small = registry.env_class(registry.text_id(env_id)).defaults
    return Subject(env_id, {**small, **kwargs})


def conformance(env_id: str, *, laws: Iterable[str] | None = None, **kwargs: Any) -> None:
    """Check one registered environment against the laws; return nothing if it keeps them.

    Args:
        env_id: the id, as for ``gym.make``.
        laws: names from ``LAWS``, of a numeric id from ``NUMERIC_LAWS``; None: all of them.
        kwargs: arguments for every instance, for example ``level="large"``.

    Raises:
        LawError: the first broken law, as one sentence.
        ConfigError: there is no such id or law.
    """
    numeric = registry.is_numeric(env_id)
    subject = numeric_subject(env_id, **kwargs) if numeric else Subject(env_id, kwargs)
    every = NUMERIC_LAWS if numeric else LAWS
    for name in every if laws is None else laws:
        if name not in every:
            raise ConfigError(unknown("law", name, every))
        every[name](subject)
