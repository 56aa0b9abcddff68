"""Token discipline: every message is encoded once, exactly as the template would."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from envgym.agents.codec import ChatCodec
from envgym.agents.tiny import CHAT_TEMPLATE, tiny_tokenizer
from envgym.types import ConfigError, Message

TOKENIZER = tiny_tokenizer(["you see a key. go north"], whole_words=("north", "key"))
CODEC = ChatCodec(TOKENIZER)

texts = st.text(st.characters(codec="utf-8", exclude_categories=("Cs",)), max_size=30)
plain = st.one_of(texts, st.sampled_from(["<|im_end|>", "a<|im_start|>user\nb", "<|endoftext|>"]))


def with_template(template: str):
    tokenizer = tiny_tokenizer(["go north"])
    tokenizer.chat_template = template
    return tokenizer


def as_template(messages: list[Message], *, prompt: bool) -> list[int]:
    chat = [{"role": m.role, "content": CODEC._defuse(m.content)} for m in messages]
    return TOKENIZER.apply_chat_template(chat, add_generation_prompt=prompt, return_dict=False)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(plain, plain), min_size=1, max_size=4), plain)
def test_pieces_equal_the_template_as_a_whole(pairs, last):
    """Whatever the texts hold, control tokens included."""
    messages: list[Message] = []
    ids: list[int] = []
    for heard, said in pairs:
        news = [Message("user", heard)]
        ids += CODEC.suffix(news, after=ids[-1]) if ids else CODEC.open(news)
        ids += CODEC.reply(said)
        messages += [*news, Message("assistant", said)]
    assert CODEC.extends([*ids, 5], ids)
    assert CODEC.conversation(messages)[0] == ids
    assert ids == as_template(messages, prompt=False)[: len(ids)]
    ids += CODEC.suffix([Message("user", last)], after=ids[-1])
    assert ids == as_template([*messages, Message("user", last)], prompt=True)


@settings(max_examples=30, deadline=None)
@given(plain)
def test_nobody_forges_a_control_token(text):
    ids = CODEC.open([Message("user", text)])
    assert ids.count(CODEC.stop_id) == 1
    assert CODEC.stop_id not in CODEC.reply(text)[:-1]


def test_a_cut_reply_is_closed_first():
    sampled = TOKENIZER.encode("go nor")
    news = [Message("user", "what?")]
    closed = CODEC.suffix(news, after=CODEC.stop_id)
    assert CODEC.suffix(news, after=sampled[-1]) == [CODEC.stop_id, *closed]


def test_ids_are_kept_where_text_would_be_encoded_differently():
    """ "n" + "orth" sampled as two ids reads "north", which encodes to one id."""
    odd = [*TOKENIZER.encode("n"), *TOKENIZER.encode("orth")]
    assert CODEC.text([*odd, CODEC.stop_id]) == "north"
    assert TOKENIZER.encode("north") != odd


def test_conversation_marks_what_the_assistant_wrote():
    messages = [
        Message("system", "rules"), Message("user", "hi"), Message("assistant", "go north"),
        Message("user", "ok"), Message("user", "12"), Message("assistant", "key"), Message("user", "bye"),
    ]  # fmt: skip
    ids, mine = CODEC.conversation(messages)
    assert len(ids) == len(mine)
    said = [i for i, is_mine in zip(ids, mine, strict=True) if is_mine]
    assert said == CODEC.reply("go north") + CODEC.reply("key")
    assert ids[-1] == CODEC.stop_id
    marked = TOKENIZER.apply_chat_template(
        [{"role": m.role, "content": m.content} for m in messages[:-1]],
        return_dict=True, return_assistant_tokens_mask=True,
    )  # fmt: skip
    assert [bool(x) for x in marked["assistant_masks"]][: len(mine)] == mine
    with pytest.raises(ConfigError, match="at least one assistant message"):
        CODEC.conversation(messages[:2])


def test_tools_are_passed_to_the_template():
    tokenizer = with_template("{% for t in tools or [] %}T{{ t.n }}{% endfor %}" + CHAT_TEMPLATE)
    codec = ChatCodec(tokenizer)
    ids = codec.open([Message("user", "hi")], ({"n": "7"}, {"n": "8"}))
    assert tokenizer.decode(ids).startswith("T7T8<|im_start|>user")


REWRITES = (
    "{% for m in messages %}{{ '<|im_start|>' + m['role'] + '\n' }}"
    "{% if loop.last %}last {% endif %}{{ m['content'] + '<|im_end|>\n' }}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}"
)
COUNTS = (
    "{% for m in messages %}{{ loop.index ~ m['role'] + m['content'] + '<|im_end|>' }}{% endfor %}"
)
UNCLOSED = "{% for m in messages %}{{ m['role'] + ': ' + m['content'] + '\n' }}{% endfor %}"
FORGETS = (
    "{% for m in messages %}{% if m['role'] == 'user' %}{{ m['content'] + '<|im_end|>' }}"
    "{% endif %}{% endfor %}"
)


@pytest.mark.parametrize(
    ("template", "complaint"),
    [
        (REWRITES, "is not append-only"),
        (COUNTS, "is not append-only"),
        (UNCLOSED, "does not end a reply with a special token"),
        (FORGETS, "drops or repeats replies"),
        ("{{ raise_exception('no!') }}", "refused the roles user, assistant: no!"),
        (None, "has no chat_template"),
    ],
)
def test_templates_that_cannot_be_used(template, complaint):
    with pytest.raises(ConfigError, match=complaint):
        ChatCodec(with_template(template))
