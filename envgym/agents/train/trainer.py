"""The reference trainer: imitate, check that there is something to learn, reinforce."""

import shutil
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch

from envgym.agents.policies.transformers import TransformersPolicy
from envgym.agents.sampling import Sampling
from envgym.agents.train import demonstrations, exam, learner, toml
from envgym.agents.train.alarms import Alarms
from envgym.agents.train.batch import imitation_batch, minibatches, reinforce_batch
from envgym.agents.train.checkpoint import Checkpoints
from envgym.agents.train.collect import Collected, gather, grouped_jobs, make_envs, play
from envgym.agents.train.config import TrainConfig
from envgym.agents.train.display import Display
from envgym.agents.train.errors import NothingToLearnError, TrainingStoppedError
from envgym.agents.train.interrupt import Interrupt
from envgym.agents.train.judging import admitted
from envgym.agents.train.metrics import Clock, MetricsLog
from envgym.agents.train.progress import Progress
from envgym.agents.train.tasks import TaskSampler, exam_tasks
from envgym.agents.train.trajectory import Trajectory
from envgym.agents.train.update import Loss, Tally, take_step
from envgym.runtime.groups import member_arguments
from envgym.runtime.rollout import Job, Rollout
from envgym.types import ConfigError, Policy, Stream, Task


class Trainer:
    """One run. ``warm_start``, ``probe``, ``reinforce`` and ``examine`` may be called singly.

    Everything random is derived from ``run.seed`` and a step's number, so a resumed run on a
    CPU makes the same next step bit for bit. Dropout is off: sampler and trainer are one model.

    Args:
        config: checked configuration.
        out: folder of the run; None takes ``run.out``.
        resume: continue from the last checkpoint of ``out``.
        display: where to report; None prints plain lines.
        interrupt: asked at safe points whether to stop.
    """

    def __init__(
        self,
        config: TrainConfig,
        *,
        out: str | Path | None = None,
        resume: bool = False,
        display: Display | None = None,
        interrupt: Interrupt | None = None,
    ) -> None:
        self.config = config
        self.out = Path(out if out is not None else config.run.out)
        self.display = display or Display(live=False)
        self.interrupt = interrupt or Interrupt()
        self.checkpoints = Checkpoints(self.out / "checkpoints")
        self.progress = Progress()
        rl, run = config.rl, config.run
        # Groups start and end together: one wave of environments per update.
        self.envs = make_envs(
            config.env.id, config.env.kwargs, min(run.batch, rl.groups * rl.members)
        )
        self.program, _ = member_arguments(config.env.id, config.env.kwargs)
        self.comparator = admitted(config.judge, self.out)
        tasks = self.envs[0].unwrapped.tasks
        self.name_world = self.envs[0].unwrapped.world_digest
        self.exam_tasks = exam_tasks(
            tasks, config.env.test_split, config.eval.worlds, self.name_world
        )
        barred = {self.name_world(task) for task in self.exam_tasks}
        self.sampler = TaskSampler(tasks, config.env.train_split, run.seed, barred, self.name_world)
        self.alarms = Alarms(
            entropy_floor=run.entropy_floor, crash_drop=run.crash_drop, patience=run.patience
        )
        last = self.checkpoints.path() if resume else None
        if resume and last is None:
            raise ConfigError(f"{self.out} holds no checkpoint to resume from; run without resume")
        if last is not None and (other := toml.changed(self.checkpoints.config(last), config)):
            raise ConfigError(f"{other}; a resumed run keeps it, a new one needs another folder")
        # Past imitation the demonstrations have done their work, the tokenizer's included.
        imitated = last is not None and last.name.startswith("rl-")
        self.demos = [] if imitated else self._record_demonstrations()
        self.learner = learner.build(
            config.model,
            seed=run.seed,
            demonstrations=self.demos,
            tokenizer_from=last,
        )
        self.learner.model.eval()
        self._threads = torch.get_num_threads()
        torch.set_num_threads(run.torch_threads or self.learner.threads(self._threads))
        self.policy = self._policy(rl.temperature)
        self.reference: learner.Reference | None = None
        self.optimizer = learner.adamw(self.learner, config.sft.lr, config.optim)
        upto: int | None = None
        if resume:
            upto = self._restore("last")["metrics"]
        self.log = MetricsLog(self.out / "metrics.jsonl", upto=upto)
        self._kept = self._state()

    # -- The phases -----------------------------------------------------------------------

    def run(self) -> exam.Exam:
        """Do what is left of the run and return the final exam.

        Raises:
            NothingToLearnError: the gate refused reinforcement.
            TrainingStoppedError: an alarm.
            Stopped: somebody wished to stop; call ``save`` and leave.
        """
        config, progress = self.config, self.progress
        if progress.phase == "sft":
            self.warm_start()
            self.begin_reinforcement()
        if progress.before is None and config.rl.steps > 0:
            result = self.examine("before")
            progress.before = result.event()
            self._kept = self._state()
        if config.rl.steps > 0:
            if not progress.probed:
                self.probe()
            while progress.step < config.rl.steps:
                self.reinforce()
                done, every = progress.step, config.eval.every
                if every and done % every == 0 and done < config.rl.steps:
                    self.examine(f"update-{done:06d}")
                every = config.run.checkpoint_every
                if every and done % every == 0 and done < config.rl.steps:
                    self.save()
        self.save()
        return self.examine("after")

    def warm_start(self) -> None:
        """Imitate the demonstrations until ``sft.steps``; loss on assistant tokens only."""
        sft = self.config.sft
        if self.progress.step >= sft.steps:
            return
        corpus = self._corpus()
        tally, clock = Tally(), Clock()
        every = max(1, sft.steps // 10)
        while self.progress.step < sft.steps:
            self.interrupt.check()
            step = self.progress.step
            stream = Stream(self.config.run.seed, "train", "sft", step)
            rows = stream.sample(range(len(corpus)), min(sft.batch, len(corpus)))
            self._set_lr(sft.lr * _warm_then_down(step, sft.steps))
            with clock.phase("update"):
                self._step([corpus[i] for i in rows], tally)
            self.progress.step += 1
            if self.progress.step % every == 0 or self.progress.step == sft.steps:
                report = tally.report()
                event = {
                    "phase": "sft",
                    "step": self.progress.step,
                    "nll": report["nll"],
                    "entropy": report["entropy"],
                    "grad_norm": report["grad_norm"],
                    "tokens_per_s": {"update": clock.rate("update", tally.padded)},
                }
                self.log.write(event)
                self.display.status(
                    f"imitating: step {self.progress.step} of {sft.steps}, "
                    f"{report['nll']:.3f} nats per token"
                )
                tally, clock = Tally(), Clock()
            self._kept = self._state()
        self.policy.sync()

    def begin_reinforcement(self) -> None:
        """Enter the second phase: fresh optimizer, reference policy frozen, checkpoint."""
        config = self.config
        self.progress.phase, self.progress.step = "rl", 0
        self.optimizer = learner.adamw(self.learner, config.rl.lr, config.optim)
        if config.rl.kl > 0:
            self.reference = learner.Reference(self.learner)
        self._kept = self._state()
        self.save()

    def probe(self) -> Collected:
        """Sample a few groups and refuse to go on where nearly all have equal returns.

        Raises:
            NothingToLearnError: with what to do about it.
        """
        rl = self.config.rl
        self.display.status("probing: is there anything to learn from?")
        tasks = [self.sampler.draw() for _ in range(rl.probe_groups)]
        got = self._collect(tasks, "probe")
        summary = got.summary(rl.gamma)
        self.log.write({"phase": "probe", **summary})
        flat, success = summary["degenerate"], summary["success"]
        if flat >= rl.max_degenerate:
            many = f"{flat:.0%} of {rl.probe_groups} probe groups have equal returns"
            advice = (
                "the tasks are solved already: make them harder ([env] kwargs)"
                if success > 0.5
                else "warm-start longer ([sft] steps, episodes), make the tasks easier ([env] "
                "kwargs), pay for partial progress (reward = 'dense') or raise [rl] members"
            )
            raise NothingToLearnError(
                f"reinforcement would learn nothing: {many} (success {success:.0%}, limit "
                f"{rl.max_degenerate:.0%}); {advice}"
            )
        self.progress.probed = True
        self._kept = self._state()
        return got

    def reinforce(self) -> dict[str, Any]:
        """Collect one batch of groups, update on it and return the metrics line.

        Raises:
            TrainingStoppedError: an alarm that ends the run.
        """
        self.interrupt.check()
        rl, number = self.config.rl, self.progress.step
        clock, tally = Clock(), Tally()
        tasks = [self.sampler.draw() for _ in range(rl.groups)]
        with clock.phase("rollout"):
            got = self._collect(tasks, number)
        with clock.phase("update"):
            self._learn(got.trajectories, tally, number)
        self.progress.step += 1
        summary, report = got.summary(rl.gamma), tally.report()
        sampled = sum(int(t.model.sum()) for t in got.trajectories)
        event: dict[str, Any] = {
            "phase": "rl",
            "update": self.progress.step,
            **summary,
            **report,
            "lr": self.optimizer.param_groups[0]["lr"],
            "seconds": sum(clock.seconds.values()),
            "seconds_by_phase": dict(clock.seconds),
            "tokens_per_s": {
                "rollout": clock.rate("rollout", sampled),
                "update": clock.rate("update", tally.padded),
            },
        }
        self.log.write(event)
        self.display.update(event)
        wrong = self._watch(report.get("entropy"), summary)
        self._kept = self._state()
        if wrong:
            self._alarm(wrong)
        return event

    def examine(self, name: str) -> exam.Exam:
        """Hold the exam; record its episodes under ``exams/NAME`` where the run wants that."""
        config = self.config
        folder = self.out / "exams" / name if config.run.record_exams else None
        if folder is not None and folder.exists():
            # A resumed run repeats an exam that was cut; its former episodes are worthless.
            shutil.rmtree(folder)
        count = len(self.exam_tasks)
        policy = self._policy(config.eval.temperature)
        result = exam.hold(
            config, policy, self.exam_tasks, record=folder,
            on_end=lambda done: self._tell(f"exam '{name}': {done} of {count} worlds"),
        )  # fmt: skip
        self.log.write({"phase": "exam", "exam": name, **result.event()})
        return result

    def save(self) -> Path:
        """Write a checkpoint of the last safe point: the state before what was cut short."""
        state = {**self._kept, "progress": dict(self._kept["progress"])}
        moving = self.alarms.moving
        best = moving is not None and moving > self.progress.best
        if best and moving is not None:
            self.progress.best = state["progress"]["best"] = moving
        name = f"{state['progress']['phase']}-{state['progress']['step']:06d}"
        return self.checkpoints.save(
            name,
            model=self.learner.model,
            tokenizer=self.learner.tokenizer,
            optimizer=self.optimizer,
            reference=None if self.reference is None else self.reference.tensors(),
            state={**state, "metrics": self.log.lines},
            config=self.config,
            best=best,
        )

    def close(self) -> None:
        """Close the environments and give torch its threads back; idempotent."""
        torch.set_num_threads(self._threads)
        for env in self.envs:
            env.close()

    # -- Parts ----------------------------------------------------------------------------

    def _policy(self, temperature: float) -> TransformersPolicy:
        return TransformersPolicy(
            self.learner.model,
            self.learner.tokenizer,
            name="learner",
            max_new_tokens=self.config.run.max_new_tokens,
            sampling=Sampling(temperature=temperature),
            codec=self.learner.codec,
        )

    def _record_demonstrations(self) -> list[Rollout]:
        """Play the noisy expert; always the same episodes for one configuration."""
        config = self.config
        wanted = config.sft.steps > 0 or config.model.path == "tiny"
        if not wanted:
            return []
        tasks = [self.sampler.draw() for _ in range(config.sft.episodes)]
        self.envs[0].reset(seed=0, options={"task": tasks[0]})
        demonstrations.check_expert(self.envs[0], config.env.id)
        jobs = grouped_jobs(tasks, 1, config.run.seed, "demo")
        expert = demonstrations.NoisyExpert(config.sft.noise)
        played = self._play(expert, jobs, "demonstrations")
        return [one for one in played if one.valid]

    def _corpus(self) -> list[Trajectory]:
        chosen = [d for d in self.demos if d.success or not self.config.sft.only_successes]
        if not chosen:
            raise ConfigError(
                f"none of the {len(self.demos)} demonstrations succeeded; lower [sft] noise or "
                "set only_successes = false"
            )
        return [demonstrations.encode(one, self.learner.codec) for one in chosen]

    def _collect(self, tasks: Sequence[Task], where: int | str) -> Collected:
        members = self.config.rl.members
        jobs = grouped_jobs(tasks, members, self.config.run.seed, "rl", where)
        what = f"update {where + 1}" if isinstance(where, int) else where
        return gather(self._play(self.policy, jobs, f"{what}: episodes"), members)

    def _learn(self, trajectories: Sequence[Trajectory], tally: Tally, number: int) -> None:
        rl = self.config.rl
        whole = reinforce_batch(
            trajectories,
            estimator=rl.estimator,
            credit=rl.credit,
            gamma=rl.gamma,
            aggregation=rl.aggregation,
            constant=rl.constant,
        )
        share = min(1.0, (number + 1) / max(rl.warmup, 1))
        if rl.schedule == "linear":
            share = min(share, (rl.steps - number) / max(1, rl.steps - rl.warmup))
        self._set_lr(rl.lr * share)
        loss = Loss(
            kind=rl.loss, clip_low=rl.clip_low, clip_high=rl.clip_high, kl=rl.kl,
            entropy=rl.entropy, temperature=rl.temperature,
        )  # fmt: skip
        groups = len({t.group for t in trajectories})
        for epoch in range(rl.epochs):
            order = list(range(groups))
            Stream(self.config.run.seed, "train", "order", number, epoch).shuffle(order)
            for piece in minibatches(whole, rl.minibatches, order):
                if any(a.any() for a in piece.advantages):
                    self._take(piece, loss, tally)
        self.policy.sync()

    def _step(self, trajectories: Sequence[Trajectory], tally: Tally) -> None:
        self._take(imitation_batch(trajectories), Loss(), tally)

    def _take(self, batch: Any, loss: Loss, tally: Tally) -> None:
        optim = self.config.optim
        take_step(
            self.learner.model, self.optimizer, batch, loss, tally,
            micro_tokens=optim.micro_tokens, clip_norm=optim.clip_norm, reference=self.reference,
        )  # fmt: skip

    def _set_lr(self, lr: float) -> None:
        for group in self.optimizer.param_groups:
            group["lr"] = lr

    def _watch(self, entropy: float | None, summary: dict[str, Any]) -> str | None:
        if entropy is None or not summary["episodes"]:
            return None
        return self.alarms.watch(entropy=entropy, success=summary["success"])

    def _alarm(self, wrong: str) -> None:
        what = self.config.run.on_alarm
        self.log.write({"phase": "alarm", "update": self.progress.step, "reason": wrong})
        if what == "warn":
            self.display.say(f"warning: {wrong}")
            return
        if what == "rollback" and not self.progress.rolled_back:
            self._restore("best")
            self.progress.rolled_back = True
            self.policy.sync()
            self._kept = self._state()
            self.display.say(f"{wrong}; went back to update {self.progress.step}")
            return
        raise TrainingStoppedError(
            f"{wrong}; the best checkpoint is {self.checkpoints.path('best')}"
        )

    def _state(self) -> dict[str, Any]:
        return {
            "progress": asdict(self.progress),
            "sampler": self.sampler.state(),
            "alarms": self.alarms.state(),
        }

    def _restore(self, which: str) -> dict[str, Any]:
        """Return the state of a checkpoint after putting it everywhere."""
        found = self.checkpoints.load(self.learner.model, which)
        self.progress = Progress(**found.state["progress"])
        self.sampler.load(found.state["sampler"])
        self.alarms.load(found.state["alarms"])
        lr = self.config.sft.lr if self.progress.phase == "sft" else self.config.rl.lr
        self.optimizer = learner.adamw(self.learner, lr, self.config.optim)
        if found.optimizer is not None:
            self.optimizer.load_state_dict(found.optimizer)
        if found.reference is not None:
            self.reference = learner.Reference(self.learner)
            self.reference.load(found.reference)
        torch.set_rng_state(found.rng)
        return found.state

    def _play(self, policy: Policy, jobs: Sequence[Job], what: str) -> list[Rollout]:
        return play(
            self.envs, policy, jobs, threads=self.config.run.threads,
            program=self.program, comparator=self.comparator, seed=self.config.run.seed,
            on_end=lambda done: self._tell(f"{what}: {done} of {len(jobs)}"),
        )  # fmt: skip

    def _tell(self, text: str) -> None:
        self.interrupt.check()
        self.display.status(text)


def _warm_then_down(step: int, steps: int) -> float:
    """Return the share of the peak learning rate: up over a tenth, then down to 0."""
    warm = max(1, steps // 10)
    return min((step + 1) / warm, (steps - step) / max(1, steps - warm))
