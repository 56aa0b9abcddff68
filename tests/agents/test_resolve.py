"""Agent strings."""

import subprocess
import sys

import pytest

import envgym.agents
from envgym.agents import resolve_agent
from envgym.agents.tiny import save, tiny_qwen, tiny_tokenizer
from envgym.types import ConfigError, Message, MissingExtraError, Policy, Request


@pytest.mark.parametrize("spec", ["oracle", "random", "human"])
def test_plain_names(spec):
    policy = resolve_agent(spec)
    assert isinstance(policy, Policy)
    assert policy.name == spec


@pytest.mark.parametrize(
    ("spec", "url"),
    [
        ("openai:a/b:free@http://127.0.0.1:9/v1", "http://127.0.0.1:9/v1"),
        ("openai:m@https://host/v1/", "https://host/v1"),
        ("openai:m", "https://api.openai.com/v1"),
    ],
)
def test_endpoints(spec, url):
    policy = resolve_agent(spec, retries=1)
    assert isinstance(policy, envgym.agents.OpenAIPolicy)
    assert policy.url == url
    assert policy.model == spec.removeprefix("openai:").partition("@")[0]
    assert policy.retries == 1


def test_a_saved_folder(tmp_path):
    tokenizer = tiny_tokenizer(["go north"])
    save(tmp_path, tiny_qwen(tokenizer, layers=1), tokenizer)
    policy = resolve_agent(f"hf:{tmp_path}", max_new_tokens=3, device="cpu")
    assert policy.name == f"hf:{tmp_path}"
    reply = policy.act([Request(session="a", messages=(Message("user", "go"),))])[0]
    assert 1 <= len(reply.token_ids) <= 3


def test_an_adapter_folder(tmp_path):
    peft = pytest.importorskip("peft")
    tokenizer = tiny_tokenizer(["go north"])
    model = tiny_qwen(tokenizer, layers=1)
    base = save(tmp_path / "base", model, tokenizer)
    config = peft.LoraConfig(r=2, target_modules=["q_proj"], init_lora_weights=False)
    model.name_or_path = str(base)
    adapted = peft.get_peft_model(model, config)
    adapted.save_pretrained(tmp_path / "adapter")
    policy = resolve_agent(f"hf:{tmp_path / 'adapter'}", max_new_tokens=4, device="cpu")
    request = Request(session="a", messages=(Message("user", "go"),), seed=5)
    direct = envgym.agents.TransformersPolicy(adapted, tokenizer, max_new_tokens=4)
    # Not bit for bit: products depend on how weights happen to be aligned in memory.
    expected = pytest.approx(direct.act([request])[0].logprobs, abs=1e-5)
    assert policy.act([request])[0].logprobs == expected


@pytest.mark.parametrize(
    ("spec", "complaint"),
    [
        ("orakle", r"unknown agent 'orakle'; allowed: .*Did you mean 'oracle'\?"),
        ("oracle:x", "agent 'oracle:x': expected oracle:NOISE"),
        ("oracle:2", "noise must be from 0 to 1"),
        ("gpt", "unknown agent 'gpt'"),
        ("hf:", "agent 'hf:' lacks a path"),
        ("hf", "agent 'hf' lacks a path"),
        ("openai:", "agent 'openai:' lacks a model"),
        ("openai:m@localhost:80", "must start with http:// or https://"),
        ("hf:./no/such/folder", "no model could be loaded from './no/such/folder'"),
    ],
)
def test_bad_strings_are_one_sentence(spec, complaint):
    with pytest.raises(ConfigError, match=complaint) as info:
        resolve_agent(spec)
    assert "\n" not in str(info.value)


@pytest.mark.parametrize(("spec", "extra"), [("hf:x", "train"), ("openai:m", "api")])
def test_missing_extras_name_the_command(spec, extra, monkeypatch):
    monkeypatch.setattr("envgym.agents.resolve.find_spec", lambda name: None)
    with pytest.raises(MissingExtraError, match=rf"pip install 'envgym\[{extra}\]'"):
        resolve_agent(spec)


def test_importing_agents_loads_nothing_heavy():
    code = (
        "import sys, envgym.agents, envgym.agents.resolve;"
        "print([m for m in ('torch', 'transformers', 'httpx', 'rich') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_public_names():
    for name in envgym.agents.__all__:
        assert getattr(envgym.agents, name).__name__ == name
        assert name in dir(envgym.agents)
    with pytest.raises(AttributeError, match="has no attribute 'nothing'"):
        envgym.agents.nothing  # noqa: B018


def test_a_policy_without_its_extra_names_the_command():
    script = (
        "import sys; sys.modules['torch'] = None\n"
        "import envgym.agents\n"
        "try: envgym.agents.TransformersPolicy\n"
        "except envgym.EnvgymError as error: print(error)"
    )
    shown = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert shown.stdout == (
        "envgym.agents.TransformersPolicy needs the extra 'train': pip install 'envgym[train]'\n"
    )
