"""The demo's configuration: what issue and docs promise of it, without training."""

from pathlib import Path

import envgym.cli
from envgym import make
from envgym.agents.tiny import tiny_qwen, tiny_tokenizer
from envgym.agents.train import toml
from envgym.agents.train.tasks import TaskSampler, exam_tasks
from envgym.envs.quest.world import world_digest
from envgym.runtime.tasks import task_digest

CONFIG = toml.load(Path(envgym.cli.__file__).with_name("demo.toml"))


def test_no_world_of_the_exam_occurs_in_training() -> None:
    rl = CONFIG.rl
    tasks = make(CONFIG.env.id, **CONFIG.env.kwargs).unwrapped.tasks
    exam = exam_tasks(tasks, CONFIG.env.test_split, CONFIG.eval.worlds)
    assert len(exam) == 256
    barred = {task_digest(task) for task in exam}
    sampler = TaskSampler(tasks, CONFIG.env.train_split, CONFIG.run.seed, barred)
    draws = CONFIG.sft.episodes + rl.probe_groups + rl.steps * rl.groups
    trained = {world_digest(sampler.draw()) for _ in range(draws)}
    assert not trained & {world_digest(task) for task in exam}


def test_the_model_has_about_a_million_parameters() -> None:
    assert CONFIG.model.path == "tiny"
    tokenizer = tiny_tokenizer(["go"], vocab_size=480)
    model = tiny_qwen(tokenizer, hidden=CONFIG.model.hidden, layers=CONFIG.model.layers)
    assert 0.8e6 < sum(p.numel() for p in model.parameters()) < 1.2e6


def test_the_observations_are_relational() -> None:
    assert CONFIG.env.kwargs["observation"] == "relational"
