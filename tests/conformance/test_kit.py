"""The kit catches what it is there to catch: each law is seen failing on a broken environment."""

from dataclasses import dataclass, field
from typing import Annotated, Any, ClassVar

import gymnasium
import pytest
from pydantic import Field

from envgym import ConfigError, Evidence, ListTasks, Task, TaskEnv, register, tool
from envgym.testing import HOSTILE, LAWS, LawError, Subject, conformance, env_tables
from envgym.testing.docs import sections
from envgym.testing.page import tabled_ids, with_block, with_tables

COUNTER = 0
"""Shared between instances on purpose: one broken environment below leaks through it."""


@dataclass
class Steps:
    taken: int = 0
    path: list[str] = field(default_factory=list)


class StairsEnv(TaskEnv):
    """Climb three steps of a stair, one at a time.

    Observation: str, at most 8,192 characters. The step you stand on.
    Action: str, the whole message. Tools: climb, rest.
    Rewards and evidence: outcome pays 1.0 at the top, dense adds progress, gated and process
        as everywhere. Evidence: taken, progress, outcome.
    Starting state: the foot of the stair.
    End of episode: terminated at the top; truncated at max_turns (6).
    Arguments: those of every text environment.
    Version history: v0, first release.
    """

    metadata: ClassVar[dict[str, Any]] = {**TaskEnv.metadata, "stream": "stairs", "max_turns": 6}
    declares: ClassVar[tuple[Evidence, ...]] = (
        Evidence(key="taken", type="int", unit="steps", lo=0, hi=3, help="steps climbed"),
        Evidence(key="progress", type="float", lo=0, hi=1, help="share climbed"),
        Evidence(key="outcome", type="float", scope="episode", lo=0, hi=1, help="at the top"),
    )
    top = 3

    def builtin_tasks(self):
        return ListTasks([Task(id="a"), Task(id="b"), Task(id="c", split="test")])

    def begin(self, task, stream):
        self.state = Steps()
        return f"Stair {task.id}."

    @tool
    def climb(self, steps: Annotated[int, Field(ge=1, le=1), "how many"]) -> str:
        """Climb."""
        self.state.taken += steps
        if self.state.taken == self.top:
            self.finish(True)
        return f"Step {self.state.taken}."

    @tool
    def rest(self) -> str:
        """Rest a while."""
        return "You rest."

    def facts(self):
        return {"taken": self.state.taken, "progress": self.state.taken / 3}

    def final_facts(self):
        return {"outcome": float(self.state.taken == 3)}

    def oracle(self):
        return "climb(1)"

    def near_misses(self):
        return {"two steps": ["climb(1)"] * 2}

    def exploits(self):
        return {"claims": ["I am at the top"] * 6}


class GlobalEnv(StairsEnv):
    def begin(self, task, stream):
        global COUNTER  # noqa: PLW0603
        COUNTER += 1
        return super().begin(task, stream) + " " * (COUNTER % 7)


class HashEnv(StairsEnv):
    def begin(self, task, stream):
        return super().begin(task, stream) + f" {hash('stairs')}"


class RaisingEnv(StairsEnv):
    @tool
    def rest(self, minutes: str = "1") -> str:
        """Rest a while."""
        return f"You rest {float(minutes)} minutes."


class GenerousEnv(StairsEnv):
    def final_facts(self):
        return {"outcome": 1.0 if self.state.taken == 3 else 0.4}


class EasyEnv(StairsEnv):
    @tool
    def rest(self) -> str:
        """Rest a while, and be carried up."""
        self.state.taken = 3
        self.finish(True)
        return "You wake at the top."


class WeakEnv(StairsEnv):
    def oracle(self):
        return "climb(1)" if self.state.taken < 2 else None


class MuteEnv(StairsEnv):
    def oracle(self):
        return None


class ThoughtfulEnv(StairsEnv):
    """Acts on what is only thought."""

    def step(self, action):
        return super().step(action.replace("<think>", "").replace("</think>", ""))


class WrongMissEnv(StairsEnv):
    def near_misses(self):
        return {"all steps": ["climb(1)"] * 3}


class RichExploitEnv(StairsEnv):
    def exploits(self):
        return {"simply climbs": ["climb(1)"] * 3}


class HiddenStateEnv(StairsEnv):
    def begin(self, task, stream):
        self.rests = 0
        return super().begin(task, stream)

    @tool
    def rest(self) -> str:
        """Rest a while."""
        self.rests += 1
        return f"Rest {self.rests}."

    def random_action(self, stream):
        return "rest()"


class LyingEnv(StairsEnv):
    def facts(self):
        return {"taken": float(self.state.taken), "progress": self.state.taken / 3}


class TooFarEnv(StairsEnv):
    top = 5

    def final_facts(self):
        return {"outcome": 1.0}


class WaveringEnv(StairsEnv):
    def oracle(self):
        self.state.path.append("asked")
        return "climb(1)" if len(self.state.path) % 2 else "rest()"


class SilentEnv(StairsEnv):
    """Climb.

    Observation: str, at most 8,192 characters.
    Action: Tools: climb.
    Rewards and evidence: outcome, dense, gated, process; taken, progress.
    Starting state: the foot.
    End of episode: the top.
    Arguments: none.
    Version history: v0.
    """


class DiceEnv(StairsEnv):
    def begin(self, task, stream):
        import random

        return super().begin(task, stream) + f" {random.random()}"


class EndlessEnv(StairsEnv):
    def finish(self, success):
        """Never end."""


class TwinEnv(StairsEnv):
    def begin(self, task, stream):
        super().begin(task, stream)
        return f"Stair {task.id} of {len(self.tasks)}."


BROKEN = [
    (TwinEnv, "tasks_are_data", "a plays otherwise from a set of its own"),
    (EndlessEnv, "oracle_wins", "the oracle ends by budget"),
    (StairsEnv, "splits_are_apart", "every sampled task of .'test'. occurs in another"),
    (GlobalEnv, "same_seed_same_bytes", "seed 0, played again: reset differs"),
    (GlobalEnv, "any_interleaving", "among 16: reset differs"),
    (HashEnv, "other_processes", "plays otherwise in a process with PYTHONHASHSEED"),
    (DiceEnv, "no_global_randomness", "draws from a global random generator"),
    (RaisingEnv, "hostile_arguments", "raises ValueError"),
    (GenerousEnv, "inaction_fails", r"empty messages: returns 0\.4, more than 0\.1"),
    (EasyEnv, "inaction_fails", "an early exit by rest: success"),
    (WeakEnv, "oracle_wins", "the oracle's episode|the oracle ends by budget"),
    (MuteEnv, "oracle_wins", "there is neither an oracle nor a solution"),
    (ThoughtfulEnv, "exploits_gain_nothing", "only in thoughts': success"),
    (WrongMissEnv, "near_misses_fail", "near miss 'all steps': success"),
    (RichExploitEnv, "exploits_gain_nothing", "exploit 'simply climbs': success"),
    (HiddenStateEnv, "snapshot_restore", "differs in obs"),
    (LyingEnv, "spaces_and_infos", r"'taken' is 0\.0, declared int"),
    (TooFarEnv, "spaces_and_infos", r"'(progress|taken)' is .*, declared"),
    (WaveringEnv, "oracle_only_looks", "the oracle wavers"),
    (SilentEnv, "docstring", "section 'Action' does not name the tool 'rest'"),
]


@pytest.fixture
def registered():
    """Register a class for one test."""
    made = []

    def add(cls: type) -> str:
        env_id = f"kit/{cls.__name__}-v0"
        register(env_id, f"{cls.__module__}:{cls.__qualname__}")
        made.append(env_id)
        return env_id

    yield add
    for env_id in made:
        gymnasium.registry.pop(env_id)


@pytest.mark.parametrize(
    "law", [name for name in LAWS if name not in ("other_processes", "splits_are_apart")]
)
def test_a_sound_environment_keeps_the_law(registered, law):
    conformance(registered(StairsEnv), laws=[law])


@pytest.mark.parametrize(
    ("cls", "law", "sentence"), BROKEN, ids=[f"{cls.__name__}-{law}" for cls, law, _ in BROKEN]
)
def test_a_broken_environment_breaks_the_law(registered, cls, law, sentence):
    with pytest.raises(LawError, match=sentence) as caught:
        conformance(registered(cls), laws=[law])
    assert str(caught.value).startswith(f"kit/{cls.__name__}-v0: ")


def test_unknown_laws_and_ids_are_told():
    with pytest.raises(ConfigError, match="unknown law 'oracle_win'.*Did you mean 'oracle_wins'"):
        conformance("envgym/GuessNumber-v0", laws=["oracle_win"])
    with pytest.raises(ConfigError, match="unknown environment 'envgym/GuesNumber-v0'"):
        conformance("envgym/GuesNumber-v0")


def test_unknown_costs_are_told(registered, monkeypatch):
    monkeypatch.setitem(StairsEnv.metadata, "cost", "cheep")
    with pytest.raises(ConfigError, match="unknown cost in metadata 'cheep'.*cheap"):
        _ = Subject(registered(StairsEnv)).effort


def test_the_corpus_has_no_doubles():
    assert len(HOSTILE) == len(set(HOSTILE)) >= 100


def test_tables_come_from_the_code():
    tables = env_tables(StairsEnv)
    assert "| `climb` |  |  |  | Climb. |" in tables
    assert "|  | `steps` | an integer from 1 to 1 | required | how many |" in tables
    assert "| `taken` | int | steps | 0 to 3 | always | steps climbed |" in tables
    assert "| `outcome` | float |  | 0 to 1 | at the end | at the top |" in tables


def test_pages_are_rewritten_between_the_marks(registered):
    env_id = registered(StairsEnv)
    page = f"# Stairs\n<!-- tables: {env_id} -->\nold\n<!-- end of tables -->\nmore\n"
    written = with_tables(page)
    assert env_tables(StairsEnv) in written
    assert "old" not in written
    assert with_tables(written) == written


def test_a_page_without_a_block_gets_one():
    written = with_block("# Guess\n\n`envgym/GuessNumber-v0` is it.\n")
    assert tabled_ids(written) == ["envgym/GuessNumber-v0"]
    assert with_block(written) == written
    assert with_block("# Nothing\n") == "# Nothing\n"


def test_sections_of_a_docstring():
    assert sections(StairsEnv)["Arguments"] == "those of every text environment."
