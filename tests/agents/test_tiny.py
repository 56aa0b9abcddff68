"""Small models made on the spot."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from transformers import AutoModelForCausalLM, AutoTokenizer

from envgym.agents.tiny import save, tiny_qwen, tiny_tokenizer
from envgym.types import ConfigError

WORDS = ("north", "south", "wardrobe", "unlock")
TOKENIZER = tiny_tokenizer(["you are in the kitchen; exits: north, south"] * 9, whole_words=WORDS)


@settings(max_examples=60, deadline=None)
@given(st.text(st.characters(codec="utf-8", exclude_categories=("Cs",)), max_size=40))
def test_any_text_round_trips(text):
    normal = __import__("unicodedata").normalize("NFC", text)
    assert TOKENIZER.decode(TOKENIZER.encode(text)) == normal


def test_words_are_whole_and_digits_single():
    for word in WORDS:
        assert len(TOKENIZER.encode(word)) == len(TOKENIZER.encode(f" {word}")) == 1
    assert len(TOKENIZER.encode("1234")) == 4
    assert len(TOKENIZER.encode("unlock wardrobe")) == 2


def test_vocabulary_is_deterministic_and_bounded():
    again = tiny_tokenizer(["you are in the kitchen; exits: north, south"] * 9, whole_words=WORDS)
    assert again.get_vocab() == TOKENIZER.get_vocab()
    assert len(TOKENIZER) <= 512


def test_weights_follow_the_seed_and_no_global_generator_moves():
    before = torch.get_rng_state()
    one, same, other = (tiny_qwen(TOKENIZER, layers=1, seed=s) for s in (1, 1, 2))
    assert torch.equal(before, torch.get_rng_state())
    weights = [model.model.layers[0].mlp.up_proj.weight for model in (one, same, other)]
    assert torch.equal(weights[0], weights[1])
    assert not torch.equal(weights[0], weights[2])


def test_default_size():
    assert 0.7e6 < sum(p.numel() for p in tiny_qwen(TOKENIZER).parameters()) < 1e6


def test_saved_folder_is_an_ordinary_one(tmp_path):
    """AutoTokenizer rebuilds Qwen2 splitting by itself; ids must not change by that."""
    model = tiny_qwen(TOKENIZER, layers=1)
    folder = save(tmp_path / "model", model, TOKENIZER)
    tokenizer = AutoTokenizer.from_pretrained(folder)
    loaded = AutoModelForCausalLM.from_pretrained(folder)
    for text in ("go north 12\n\n  (it's x_y) éa漢 <|im_end|>", "a\tb  c-d \r\n 99 "):
        assert tokenizer.encode(text) == TOKENIZER.encode(text)
    assert len(tokenizer) == len(TOKENIZER)
    assert tokenizer.chat_template == TOKENIZER.chat_template
    ids = torch.tensor([TOKENIZER.encode("go north")])
    assert torch.equal(loaded(ids).logits, model(ids).logits)


def test_bad_arguments():
    with pytest.raises(ConfigError, match="vocab_size must be at least 300"):
        tiny_tokenizer([], vocab_size=10)
    with pytest.raises(ConfigError, match="'two words' is not one word"):
        tiny_tokenizer([], whole_words=("two words",))
    with pytest.raises(ConfigError, match="has no room for 44 whole words"):
        tiny_tokenizer(
            [], vocab_size=300, whole_words=[f"{a}{b}zzz" for a in "abcdefgh" for b in "klmno"]
        )
    with pytest.raises(ConfigError, match="hidden=100 must be a multiple of heads=3"):
        tiny_qwen(TOKENIZER, hidden=100, heads=3)
