"""One version per group: what a group was opened with is what it is closed with."""

from collections.abc import Sequence
from dataclasses import dataclass

from envgym.rewards.generated.evaluate import Episode, records_of
from envgym.rewards.generated.value import PREFIX, GeneratedReward
from envgym.types.errors import ConfigError


@dataclass(frozen=True, slots=True)
class GroupPin:
    """Says which version a group of rollouts is scored with; keep it beside the group.

    Source:  cookbook section 7, "versions never change inside a group" (ours)
    Laws:    a group's members are compared under one version or not at all
    """

    group: str
    """Name of the group."""
    version: str
    """The version that was current when the group was opened."""

    def allow(self, reward: GeneratedReward) -> GeneratedReward:
        """Return ``reward`` if it is the pinned version.

        Raises:
            ConfigError: it is another one: the writer went on while the group was running.
        """
        if reward.version != self.version:
            raise ConfigError(
                f"group '{self.group}' is pinned to the generated reward {self.version}; version "
                f"{reward.version} may score the next group, not this one."
            )
        return reward

    def check(self, episodes: Sequence[Episode]) -> None:
        """Check that the records hold late evidence of the pinned version and of no other.

        Raises:
            ConfigError: naming the member and the version.
        """
        for i, episode in enumerate(episodes):
            records = records_of(episode)
            for record in records:
                held = {key.split(".")[1] for key in record if key.startswith(f"{PREFIX}.")}
                if held != {self.version}:
                    found = ", ".join(sorted(held)) or "none"
                    raise ConfigError(
                        f"member {i} of group '{self.group}' holds values of generated reward "
                        f"{found}; the group is pinned to {self.version}."
                    )


def pin_for_group(group: str, reward: GeneratedReward) -> GroupPin:
    """Return the pin of a group that opens now.

    Raises:
        ConfigError: the reward was not checked or failed a blocking check.

    >>> from envgym.rewards.generated.value import Check, Component
    >>> one = GeneratedReward("code", "a", (Component("p", 0, 1),)).examined((Check("runs", True),))
    >>> pin = pin_for_group("g7", one)
    >>> pin.allow(one) is one
    True
    >>> pin.allow(one.edited("b"))
    Traceback (most recent call last):
    envgym.types.errors.ConfigError: group 'g7' is pinned to the generated reward 720537377f7f; \
version 533a2720a42d may score the next group, not this one.
    """
    if not reward.sound:
        why = "; ".join(reward.complaints) or "it was not checked"
        raise ConfigError(f"generated reward {reward.version} cannot be pinned: {why}.")
    return GroupPin(group, reward.version)
