"""Small language models made on the spot: a tokenizer from texts and a Qwen2 from a seed.

Nothing is downloaded and no global generator moves. ``save`` writes an ordinary Hugging Face
folder, so ``hf:PATH`` and ``AutoModelForCausalLM.from_pretrained`` read it like any other.
"""

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import torch
from tokenizers import Tokenizer, models, pre_tokenizers, trainers
from transformers import Qwen2Config, Qwen2ForCausalLM, Qwen2Tokenizer

from envgym.types import ConfigError

PAD, START, END = "<|endoftext|>", "<|im_start|>", "<|im_end|>"

CHAT_TEMPLATE = (
    "{% for message in messages %}"
    "{{ '<|im_start|>' + message['role'] + '\n' }}"
    "{% if message['role'] == 'assistant' %}"
    "{% generation %}{{ message['content'] + '<|im_end|>' }}{% endgeneration %}{{ '\n' }}"
    "{% else %}{{ message['content'] + '<|im_end|>\n' }}{% endif %}"
    "{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}"
)
"""ChatML. Tool schemas are left out: a tiny model reads the tools' help in the system text."""

_ROLES = ("system", "user", "assistant", "tool")


def tiny_tokenizer(
    texts: Iterable[str], *, vocab_size: int = 512, whole_words: Sequence[str] = ()
) -> Qwen2Tokenizer:
    """Return a Qwen2 byte-level BPE tokenizer with a chat template, trained in memory.

    Digits are always single tokens. Every whole word is one token, with and without a space
    before it, so that a two-word command is two tokens; all 256 bytes are in the alphabet,
    so any text (in Unicode's composed form, NFC) is encoded and decoded again unchanged.

    Args:
        texts: What the environment and its expert say; read once. May be few: merges are
            learned by frequency until ``vocab_size`` is reached.
        vocab_size: Upper bound on the number of tokens, at least 300. 512 suits a small quest.
        whole_words: Words without spaces or digits that must be one token each.

    Raises:
        ConfigError: ``vocab_size`` has no room for a whole word, or a word cannot be whole.

    >>> tokenizer = tiny_tokenizer(["go north"] * 3, whole_words=("north",))
    >>> len(tokenizer.encode(" north"))
    1
    """
    if vocab_size < 300:
        raise ConfigError(
            f"vocab_size must be at least 300 (256 bytes, 3 marks, roles), got {vocab_size}"
        )
    # Qwen2's own splitting: AutoTokenizer builds it anew for every Qwen2 folder, whatever the
    # folder's files say, so any other splitting would change ids after saving and loading.
    splitter = Qwen2Tokenizer().backend_tokenizer.pre_tokenizer
    words = tuple(dict.fromkeys((*_ROLES, *whole_words)))
    for word in words:
        if len(splitter.pre_tokenize_str(f" {word}")) != 1:
            raise ConfigError(
                f"whole_words: '{word}' is not one word of letters or one of punctuation"
            )
    counts: Counter[str] = Counter()
    for text in texts:
        counts.update(piece for piece, _ in splitter.pre_tokenize_str(text))
    # A word is whole once all merges on its way are learned. Merges are learned most frequent
    # first, so each word is repeated more often than everything in the texts together.
    weight = 1 + sum(counts.values())
    for word in words:
        for text in (word, f" {word}"):
            counts[splitter.pre_tokenize_str(text)[0][0]] += weight

    # Training reads pieces that are split already, so whitespace between them is enough.
    bpe = Tokenizer(models.BPE())
    bpe.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    trainer = trainers.BpeTrainer(
        vocab_size=vocab_size,
        special_tokens=[PAD, START, END],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    bpe.train_from_iterator(_lines(_scaled(counts)), trainer)
    learned: Any = json.loads(bpe.to_str())["model"]
    learned["merges"] = [tuple(merge) for merge in learned["merges"]]
    tokenizer = Qwen2Tokenizer(
        vocab=learned["vocab"],
        merges=learned["merges"],
        unk_token=PAD,
        eos_token=END,
        pad_token=PAD,
        extra_special_tokens=[START],
        chat_template=CHAT_TEMPLATE,
        clean_up_tokenization_spaces=False,
        padding_side="left",
    )
    for word in words:
        for text in (word, f" {word}"):
            if len(tokenizer.encode(text)) != 1:
                raise ConfigError(
                    f"vocab_size={vocab_size} has no room for {len(words)} whole words "
                    f"('{word}' was split); raise vocab_size or name fewer words"
                )
    return tokenizer


def _scaled(counts: Counter[str], most: int = 200_000) -> Counter[str]:
    """Return counts with a sum near ``most``, order kept and nothing lost."""
    factor = max(1, sum(counts.values()) // most)
    return Counter({piece: max(1, count // factor) for piece, count in sorted(counts.items())})


def _lines(counts: Counter[str], chunk: int = 512) -> Iterable[str]:
    for piece, count in counts.items():
        for start in range(0, count, chunk):
            yield " ".join([piece] * min(chunk, count - start))


def tiny_qwen(
    tokenizer: Qwen2Tokenizer,
    *,
    hidden: int = 128,
    layers: int = 4,
    heads: int = 4,
    kv_heads: int = 2,
    context: int = 4096,
    seed: int = 0,
) -> Qwen2ForCausalLM:
    """Return a randomly initialised Qwen2 in float32 on the CPU; 0.9 M parameters by default.

    Args:
        tokenizer: Decides the size of the tied embedding and the special ids.
        hidden: Width of the residual stream; a multiple of ``heads``.
        layers: Number of decoder layers.
        heads: Query heads; a multiple of ``kv_heads``.
        kv_heads: Key and value heads.
        context: Longest conversation in tokens.
        seed: Same seed, same weights; torch's global generator is put back afterwards.
    """
    if hidden % heads or heads % kv_heads:
        raise ConfigError(
            f"hidden={hidden} must be a multiple of heads={heads}, and heads of kv_heads={kv_heads}"
        )
    config = Qwen2Config(
        vocab_size=len(tokenizer),
        hidden_size=hidden,
        intermediate_size=3 * hidden,
        num_hidden_layers=layers,
        num_attention_heads=heads,
        num_key_value_heads=kv_heads,
        max_position_embeddings=context,
        tie_word_embeddings=True,
        pad_token_id=tokenizer.pad_token_id,
        bos_token_id=None,
        eos_token_id=tokenizer.eos_token_id,
    )
    # Only the CPU generator is used, so only it is saved: fork_rng would start CUDA.
    before = torch.default_generator.get_state()
    torch.default_generator.manual_seed(seed)
    try:
        model = Qwen2ForCausalLM(config)
    finally:
        torch.default_generator.set_state(before)
    model.eval()
    return model


def save(folder: str | Path, model: Any, tokenizer: Qwen2Tokenizer) -> Path:
    """Write model and tokenizer as an ordinary Hugging Face folder; return its path."""
    path = Path(folder)
    path.mkdir(parents=True, exist_ok=True)
    model.save_pretrained(path)
    tokenizer.save_pretrained(path)
    return path
