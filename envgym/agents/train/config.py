"""What a training run is told: frozen dataclasses, one per table of the TOML file."""

import dataclasses
from dataclasses import dataclass, field
from typing import Any, Literal


def _range(default: Any, lo: float, hi: float) -> Any:
    """Return a field with an inclusive range, checked by ``toml.parse``."""
    return field(default=default, metadata={"range": (lo, hi)})


@dataclass(frozen=True, kw_only=True)
class EnvConfig:
    """Where the tasks come from."""

    id: str = "envgym/Quest-v0"
    """Id given to ``gym.make``; every text environment works."""
    kwargs: dict[str, Any] = field(default_factory=dict)
    """Keyword arguments of ``gym.make``: knobs, ``reward``, ``max_turns``, ``tasks``."""
    train_split: str = "train"
    """Split that demonstrations and rollouts draw from."""
    test_split: str = "test"
    """Split that only evaluation sees."""


@dataclass(frozen=True, kw_only=True)
class ModelConfig:
    """Which model learns."""

    path: str = "tiny"
    """"tiny": a random Qwen2 of ``hidden`` and ``layers`` with a tokenizer trained on the
    environment's own text. Otherwise a folder or hub id for transformers."""
    hidden: int = _range(192, 16, 4096)
    """Width of "tiny", in units; a multiple of 32. Other models ignore it."""
    layers: int = _range(2, 1, 64)
    """Layers of "tiny". Other models ignore it."""
    vocab: int = _range(640, 300, 32000)
    """Largest vocabulary of "tiny", in tokens; command words are added whole."""
    lora_rank: int = _range(0, 0, 512)
    """Rank of LoRA adapters on every linear layer; 0 trains all weights."""
    lora_alpha: float = _range(16.0, 0.0, 4096.0)
    """Scale of the adapters: they are multiplied by alpha / rank."""
    device: str = "auto"
    """torch device; "auto": the GPU where there is one, else the CPU."""
    dtype: Literal["float32", "bfloat16"] = "float32"
    """Type of the weights."""


@dataclass(frozen=True, kw_only=True)
class SftConfig:
    """The warm start: imitate an expert that errs."""

    steps: int = _range(240, 0, 1_000_000)
    """Optimizer steps; 0 starts reinforcement from the model as it is."""
    episodes: int = _range(1920, 1, 10_000_000)
    """Demonstrations recorded before the first step, one task each."""
    batch: int = _range(8, 1, 4096)
    """Demonstrations per step."""
    lr: float = _range(2e-3, 0.0, 1.0)
    """Peak learning rate of AdamW; linear warm-up over a tenth, then linear decay to 0."""
    noise: float = _range(0.0, 0.0, 1.0)
    """Probability per turn that the expert's message is replaced by one drawn from what the
    expert says elsewhere; 0 imitates the expert itself."""
    only_successes: bool = False
    """True drops demonstrations that did not succeed."""


@dataclass(frozen=True, kw_only=True)
class RlConfig:
    """Policy gradients on grouped rollouts."""

    steps: int = _range(24, 0, 1_000_000)
    """Updates: each collects fresh rollouts, then trains on them."""
    groups: int = _range(8, 1, 65536)
    """Tasks per update."""
    members: int = _range(8, 2, 4096)
    """Rollouts per task; they share task and seed."""
    estimator: Literal["rloo", "grpo", "dr_grpo"] = "rloo"
    """How a member's return is compared with its group's."""
    credit: Literal["episode", "turn"] = "episode"
    """"episode": one advantage for every token of a rollout. "turn": reward-to-go per turn."""
    gamma: float = _range(1.0, 0.0, 1.0)
    """Discount per turn over the settled step rewards; below 1 a faster success is better."""
    loss: Literal["ppo_clip", "logprob"] = "ppo_clip"
    """"logprob" is the plain policy gradient; use it with ``epochs`` and ``minibatches`` 1."""
    clip_low: float = _range(0.2, 0.0, 1.0)
    """Largest relative fall of a token's probability that still earns a gradient."""
    clip_high: float = _range(0.28, 0.0, 10.0)
    """Largest relative rise; above ``clip_low`` keeps exploration alive."""
    aggregation: Literal["token_global", "sequence_mean", "constant"] = "token_global"
    """How sequences of unlike length share the gradient."""
    constant: float = _range(64.0, 1.0, 1e9)
    """Model tokens per sequence that "constant" divides by."""
    lr: float = _range(6e-4, 0.0, 1.0)
    """Learning rate of AdamW."""
    warmup: int = _range(4, 0, 100_000)
    """Updates over which the learning rate rises linearly: AdamW's first steps are long ones."""
    schedule: Literal["constant", "linear"] = "constant"
    """After the warm-up; "linear" falls to 0 at ``steps``."""
    epochs: int = _range(1, 1, 64)
    """Passes over each batch of rollouts."""
    minibatches: int = _range(1, 1, 4096)
    """Optimizer steps per pass; whole groups stay together."""
    kl: float = _range(0.0, 0.0, 100.0)
    """Weight of the KL to the policy before reinforcement; 0 keeps no second copy."""
    entropy: float = _range(0.0, 0.0, 10.0)
    """Weight of an entropy bonus."""
    temperature: float = _range(1.0, 0.01, 10.0)
    """Of sampling while collecting; losses use the same tempered distribution."""
    probe_groups: int = _range(8, 1, 4096)
    """Groups sampled before the first update to see whether there is anything to learn."""
    max_degenerate: float = _range(0.9, 0.0, 1.0)
    """Refuse to start when at least this share of probe groups has equal returns."""


@dataclass(frozen=True, kw_only=True)
class JudgeConfig:
    """Who compares rollouts, for a reward that asks a comparator."""

    spec: str = ""
    """Judge string: "hf:PATH", "openai:MODEL@URL", "cassette:FILE", "fake:..."; empty: none."""
    gate: bool = True
    """Refuse a judge that fails the one-token or the consistency probe; False trusts it."""
    cache: str = ""
    """Database that keeps its answers; empty: none are kept."""


@dataclass(frozen=True, kw_only=True)
class OptimConfig:
    """AdamW and memory."""

    weight_decay: float = _range(0.0, 0.0, 1.0)
    """Decoupled weight decay."""
    beta2: float = _range(0.99, 0.0, 1.0)
    """Decay of the second moment; short runs want less than 0.999."""
    clip_norm: float = _range(1.0, 0.0, 1e9)
    """Largest gradient norm; 0 does not clip."""
    micro_tokens: int = _range(16384, 64, 100_000_000)
    """Padded tokens per forward pass; smaller needs less memory, the gradient is the same."""


@dataclass(frozen=True, kw_only=True)
class EvalConfig:
    """The exam: fixed tasks of the test split that training never meets."""

    worlds: int = _range(256, 1, 1_000_000)
    """Tasks, the first of the test split; one episode each."""
    every: int = _range(0, 0, 1_000_000)
    """Updates between exams; 0: only before and after reinforcement."""
    temperature: float = _range(1.0, 0.0, 10.0)
    """Of sampling in exams; 0 takes the likeliest token."""


@dataclass(frozen=True, kw_only=True)
class RunConfig:
    """Seed, places, safety."""

    out: str = "runs/train"
    """Folder of metrics, checkpoints and recorded exams; relative to the working directory."""
    seed: int = _range(0, 0, 2**63 - 1)
    """Decides weights, tasks, episodes and sampling."""
    max_new_tokens: int = _range(32, 1, 65536)
    """Longest message of the model, in tokens."""
    batch: int = _range(64, 1, 65536)
    """Episodes that run at the same time."""
    threads: int = _range(0, 0, 1024)
    """Threads that step environments; 0 steps them in this one. For containers and browsers."""
    torch_threads: int = _range(0, 0, 1024)
    """Threads of torch on the CPU. 0: one for a model of less than ten million parameters, whose
    threads would wait for each other more than they compute; torch's own choice for others."""
    checkpoint_every: int = _range(10, 0, 1_000_000)
    """Updates between checkpoints; 0: only at the end. The last and the best are kept."""
    record_exams: bool = True
    """Write the exams' episodes, for ``envgym replay``."""
    entropy_floor: float = _range(0.0, 0.0, 100.0)
    """Alarm when the mean entropy per model token, in nats, stays below it; 0: no alarm."""
    crash_drop: float = _range(0.3, 0.0, 1.0)
    """Alarm when the moving success rate falls this far below its best; 0: no alarm."""
    patience: int = _range(3, 1, 100_000)
    """Updates in a row that an alarm needs."""
    on_alarm: Literal["stop", "rollback", "warn"] = "stop"
    """"rollback" returns to the best checkpoint, once, and stops at the second alarm."""
    live: bool = True
    """Show a live table in a terminal; elsewhere one line per update."""


@dataclass(frozen=True, kw_only=True)
class TrainConfig:
    """A whole run. Every field of every table has a default."""

    env: EnvConfig = EnvConfig()
    """Where the tasks come from."""
    model: ModelConfig = ModelConfig()
    """Which model learns."""
    sft: SftConfig = SftConfig()
    """The warm start."""
    rl: RlConfig = RlConfig()
    """Policy gradients."""
    judge: JudgeConfig = JudgeConfig()
    """Who compares rollouts."""
    optim: OptimConfig = OptimConfig()
    """AdamW and memory."""
    eval: EvalConfig = EvalConfig()
    """The exam."""
    run: RunConfig = RunConfig()
    """Seed, places, safety."""

    def to_dict(self) -> dict[str, Any]:
        """Return plain nested dicts, as ``toml.parse`` takes them."""
        return dataclasses.asdict(self)
