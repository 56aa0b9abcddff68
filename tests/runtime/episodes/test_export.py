import json

import pytest

from envgym.runtime.episodes import export_chats
from envgym.types import EpisodeFileError

TEMPLATE = (
    "{% if tools %}<tools>{% for tool in tools %}{{ tool.function.name }} {% endfor %}</tools>\n"
    "{% endif %}{% for message in messages %}<|{{ message.role }}|>{% if message.role == "
    "'assistant' %}{% generation %}{{ message.content }}{% endgeneration %}{% else %}"
    "{{ message.content }}{% endif %}\n{% endfor %}"
)


def chats(path):
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_messages_are_those_of_a_rollout(record, tmp_path):
    done = export_chats(record("a stop"), tmp_path / "chats.jsonl")
    assert (done.written, done.left_out, done.problems) == (1, {}, ())
    (chat,) = chats(tmp_path / "chats.jsonl")
    roles = [message["role"] for message in chat["messages"]]
    assert roles == ["system", "user", "assistant", "user", "assistant"]
    system, first, said, seen, last = (message["content"] for message in chat["messages"])
    assert "say(" in system
    assert first.startswith("World ")
    assert '"a"' in said
    assert seen == "You said a."
    assert '"stop"' in last
    assert chat["tools"][0]["function"]["name"] == "say"
    assert chat["metadata"]["return"] == 1.0
    assert chat["metadata"]["success"] is True
    assert chat["metadata"]["task"].startswith("train/")


def test_messages_equal_what_the_policy_was_sent(record, tmp_path, tell_tale):
    import gymnasium

    from envgym.runtime.rollout import Job, rollout
    from envgym.types import Reply

    class Scripted:
        name = "scripted"

        def __init__(self):
            self.words = iter(("a", "stop"))

        def act(self, requests):
            text = '<tool_call>{{"name": "say", "arguments": {{"word": "{}"}}}}</tool_call>'
            return [Reply(text=text.format(next(self.words))) for _ in requests]

        def close(self, sessions):
            pass

    def make():
        return gymnasium.make(tell_tale, record=tmp_path / "told", disable_env_checker=True)

    ((_, played),) = rollout(make, Scripted(), [Job(seed=3)], batch=1)
    sent = []
    for turn in played.turns:
        sent += [{"role": m.role, "content": m.content} for m in turn.messages]
        sent.append({"role": "assistant", "content": turn.reply.text})
    export_chats(tmp_path / "told", tmp_path / "chats.jsonl")
    assert chats(tmp_path / "chats.jsonl")[0]["messages"] == sent


def test_filters(record, tmp_path):
    folder = record("a stop", "blush stop", "a a a a a a", "a", "crash")
    all_of_it = export_chats(folder, tmp_path / "all.jsonl")
    assert (all_of_it.written, all_of_it.left_out) == (3, {"unfinished": 1, "invalid": 1})
    wins = export_chats(folder, tmp_path / "wins.jsonl", success=True, mistakes=False)
    assert wins.written == 1
    assert wins.left_out["no success"] == 1
    assert wins.left_out["mistakes"] == 1
    rich = export_chats(folder, tmp_path / "rich.jsonl", min_return=0.5)
    assert (rich.written, rich.left_out["return below 0.5"]) == (2, 1)


def test_an_export_of_nothing_leaves_no_file(record, tmp_path):
    out = tmp_path / "chats.jsonl"
    assert export_chats(record("a stop"), out, min_return=99.0).written == 0
    assert not out.exists()


def test_nothing_is_overwritten(record, tmp_path):
    folder = record("stop")
    (tmp_path / "mine.jsonl").write_text("precious")
    with pytest.raises(EpisodeFileError, match="never overwrite"):
        export_chats(folder, tmp_path / "mine.jsonl")
    assert (tmp_path / "mine.jsonl").read_text() == "precious"


def test_an_unknown_environment_exports_without_its_system_message(recorded, tmp_path):
    path = recorded / "episodes.jsonl"
    path.write_text(path.read_text().replace("envgym/GuessNumber-v0", "gone/Away-v0"))
    done = export_chats(recorded, tmp_path / "chats.jsonl")
    assert done.written == 2
    assert "gone/Away-v0 is not installed as recorded" in done.problems[0]
    assert chats(tmp_path / "chats.jsonl")[0]["messages"][0]["role"] == "user"


def test_a_chat_template_reads_the_lines(record, tmp_path):
    transformers = pytest.importorskip("transformers")
    tokenizers = pytest.importorskip("tokenizers")
    export_chats(record("a stop"), tmp_path / "chats.jsonl")
    (chat,) = chats(tmp_path / "chats.jsonl")
    raw = tokenizers.Tokenizer(tokenizers.models.BPE(byte_fallback=False))
    raw.pre_tokenizer = tokenizers.pre_tokenizers.ByteLevel(add_prefix_space=False)
    raw.decoder = tokenizers.decoders.ByteLevel()
    alphabet = tokenizers.pre_tokenizers.ByteLevel.alphabet()
    raw.train_from_iterator(
        ["say stop"], tokenizers.trainers.BpeTrainer(vocab_size=300, initial_alphabet=alphabet)
    )
    tokenizer = transformers.PreTrainedTokenizerFast(tokenizer_object=raw)
    tokenizer.chat_template = TEMPLATE
    text = tokenizer.apply_chat_template(chat["messages"], tools=chat["tools"], tokenize=False)
    assert text.startswith("<tools>say </tools>\n<|system|>")
    encoded = tokenizer.apply_chat_template(
        chat["messages"],
        tools=chat["tools"],
        tokenize=True,
        return_dict=True,
        return_assistant_tokens_mask=True,
    )
    ids, mask = encoded["input_ids"], encoded["assistant_masks"]
    trained = tokenizer.decode([i for i, on in zip(ids, mask, strict=True) if on])
    said = [m["content"] for m in chat["messages"] if m["role"] == "assistant"]
    assert trained == "".join(said)
