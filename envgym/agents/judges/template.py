"""Prompt templates: versioned files, and the questions that are made from them."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from hashlib import blake2b
from importlib.resources import files
from pathlib import Path
from typing import Any, Literal, get_args

from envgym.agents.judges.fence import fenced, mark_for
from envgym.types import ConfigError, Message
from envgym.types.errors import near_file, unknown

Kind = Literal["grid", "yes_no", "rubric", "pairwise", "choice"]
"""grid: one whole number; yes_no: one word; rubric: a word per criterion; pairwise: path and
answer scores of two attempts; choice: A or B."""

Content = str | tuple[str, ...]
"""What fills a field; a tuple becomes a numbered list."""

_HEADERS = ("id", "version", "kind", "lo", "hi", "needs", "may", "subject")
_PARTS = ("system", "user", "again")
_SECTION = re.compile(r"\{\{\?(\w+)\}\}(.*?)\{\{/\1\}\}", re.DOTALL)
_PLACE = re.compile(r"\{\{(\w+)\}\}")
_SCORED = ("grid", "pairwise")
_MOST = 1000


@dataclass(frozen=True, kw_only=True)
class Template:
    """One version of one prompt, as its file says it."""

    id: str
    """What it asks for: letters, digits and underscores."""
    version: int
    """Raised whenever a word of the prompt changes."""
    kind: Kind
    """The form of its answer."""
    needs: tuple[str, ...]
    """Fields that every question fills."""
    may: tuple[str, ...] = ()
    """Fields that a question may leave out."""
    subject: tuple[str, ...] = ()
    """The fields that are judged: one, or the two attempts of a comparison."""
    lo: int = 0
    """Lowest score, inclusive; read by the kinds grid and pairwise."""
    hi: int = 10
    """Highest score, inclusive."""
    system: str
    user: str
    again: str = ""
    """Added to the prompt after an answer that could not be read."""
    digest: str = ""
    """Twelve hexadecimal digits over the whole file."""

    @property
    def tag(self) -> str:
        """Id, version and digest: ``pointwise-v1-3f0c92ab17de``."""
        return f"{self.id}-v{self.version}-{self.digest}"

    def ask(self, **fields: Content | Sequence[str] | None) -> "Question":
        """Return a question with these fields filled; None leaves one out.

        Args:
            **fields: text, or a sequence of texts for a numbered list.

        Raises:
            ConfigError: a field is missing, unknown, or no text.
        """
        given = {name: value for name, value in fields.items() if value is not None}
        for name in given:
            if name not in (*self.needs, *self.may):
                raise ConfigError(
                    unknown(f"field of prompt '{self.id}'", name, (*self.needs, *self.may))
                )
        for name in self.needs:
            if name not in given:
                raise ConfigError(f"prompt '{self.id}' needs the field '{name}', which is missing")
        filled = tuple((name, _content(self.id, name, given[name])) for name in sorted(given))
        if self.kind == "rubric" and not dict(filled)["criteria"]:
            raise ConfigError(f"prompt '{self.id}' needs at least one criterion, got none")
        return Question(template=self, fields=filled)

    @classmethod
    def parse(cls, text: str, source: str = "the prompt") -> "Template":
        """Return the template in ``text``.

        Raises:
            ConfigError: one sentence naming ``source`` and what is wrong.
        """
        text = text.replace("\r\n", "\n")
        top, *rest = re.split(rf"^\[({'|'.join(_PARTS)})\][ \t]*$", text, flags=re.MULTILINE)
        parts = {name: body.strip("\n") for name, body in zip(rest[::2], rest[1::2], strict=True)}
        head: dict[str, str] = {}
        for line in filter(str.strip, top.splitlines()):
            name, colon, value = (part.strip() for part in line.partition(":"))
            if not colon or name not in _HEADERS:
                raise ConfigError(f"{source}: {unknown('header', name, _HEADERS)}")
            head[name] = value
        for name in ("id", "version", "kind", "needs", "subject"):
            if not head.get(name):
                raise ConfigError(f"{source}: the header '{name}' is missing")
        for name in ("system", "user"):
            if not parts.get(name):
                raise ConfigError(f"{source}: the part [{name}] is missing")
        if not re.fullmatch(r"\w+", head["id"], re.ASCII):
            raise ConfigError(f"{source}: id must be letters, digits and _, got '{head['id']}'")
        if head["kind"] not in get_args(Kind):
            raise ConfigError(f"{source}: {unknown('kind', head['kind'], get_args(Kind))}")
        made = cls(
            id=head["id"],
            version=_whole(source, "version", head["version"]),
            kind=head["kind"],  # type: ignore[arg-type]  # one of Kind's, as was just checked
            needs=_names(head["needs"]),
            may=_names(head.get("may", "")),
            subject=_names(head["subject"]),
            lo=_whole(source, "lo", head.get("lo", "0")),
            hi=_whole(source, "hi", head.get("hi", "10")),
            system=parts["system"],
            user=parts["user"],
            again=parts.get("again", ""),
            digest=blake2b(text.encode("utf-8", "surrogatepass"), digest_size=6).hexdigest(),
        )
        made._check(source)
        return made

    def _check(self, source: str) -> None:
        fields = (*self.needs, *self.may)
        if self.kind in _SCORED and not 0 <= self.lo < self.hi <= _MOST:
            raise ConfigError(
                f"{source}: lo and hi must be whole numbers with 0 <= lo < hi <= {_MOST}, "
                f"got {self.lo} and {self.hi}"
            )
        wanted = 2 if self.kind in ("pairwise", "choice") else 1
        if len(self.subject) != wanted or not set(self.subject) <= set(self.needs):
            raise ConfigError(
                f"{source}: subject must name {wanted} of the needed fields for the kind "
                f"'{self.kind}', got {', '.join(self.subject)}"
            )
        if self.kind == "rubric" and "criteria" not in self.needs:
            raise ConfigError(f"{source}: the kind 'rubric' needs the field 'criteria'")
        allowed = (*fields, "lo", "hi", "mark")
        body = f"{self.system}\n{self.user}\n{self.again}"
        used = {*_PLACE.findall(body), *(name for name, _ in _SECTION.findall(body))}
        for name in sorted(used):
            if name not in allowed:
                raise ConfigError(f"{source}: {unknown('place', name, allowed)}")
        if re.search(r"\{\{|\}\}", _fill(body, dict.fromkeys(allowed, ""))):
            raise ConfigError(
                f"{source}: places are {{{{name}}}} and {{{{?name}}}}...{{{{/name}}}}, one of the "
                "latter never inside another; something else with double braces was left over"
            )
        for name in fields:
            if name not in _PLACE.findall(self.user):
                raise ConfigError(f"{source}: the part [user] never shows the field '{name}'")


@dataclass(frozen=True, kw_only=True)
class Question:
    """One filled prompt; equal contents, equal digests. Made by ``Template.ask``."""

    template: Template
    fields: tuple[tuple[str, Content], ...]
    """Name and content, sorted by name."""
    sample: int = 0
    """Which of several independent answers is wanted, from 0."""

    def __getitem__(self, name: str) -> Content:
        """Return the content of a field."""
        return dict(self.fields)[name]

    @cached_property
    def digest(self) -> str:
        """32 hexadecimal digits over prompt digest, contents and sample."""
        hashed = blake2b(digest_size=16, person=b"envgym-judge-v1")
        parts: list[str] = [self.template.tag, str(self.sample)]
        for name, content in self.fields:
            items = (content,) if isinstance(content, str) else content
            parts += [name, "text" if isinstance(content, str) else f"list {len(items)}", *items]
        for part in parts:
            data = part.encode("utf-8", "surrogatepass")
            hashed.update(len(data).to_bytes(8, "little") + data)
        return hashed.hexdigest()

    @property
    def count(self) -> int:
        """Number of criteria; 0 where the field is absent or one text."""
        content = dict(self.fields).get("criteria", ())
        return 0 if isinstance(content, str) else len(content)

    def messages(self, *, again: bool = False) -> tuple[Message, Message]:
        """Return the system and the user message; every field stands in a fence of its own.

        Args:
            again: whether an earlier answer could not be read, which adds a reminder.
        """
        shown = {name: _shown(content) for name, content in self.fields}
        mark = mark_for(list(shown.values()))
        values = {name: fenced(name, text, mark) for name, text in shown.items()}
        values |= {"lo": str(self.template.lo), "hi": str(self.template.hi), "mark": mark}
        user = self.template.user
        if again and self.template.again:
            user = f"{user}\n\n{self.template.again}"
        return (
            Message("system", _fill(self.template.system, values)),
            Message("user", _fill(user, values)),
        )


def load_template(name: str) -> Template:
    """Return a packaged template by id (its newest version) or by id and version.

    Args:
        name: ``pointwise``, ``pointwise-v1``, or the path of a template file, which has a slash
            or ends in ``.txt``.

    Raises:
        ConfigError: there is none, or the file is wrong.

    >>> load_template("pointwise").kind
    'grid'
    """
    if "/" in name or name.endswith(".txt"):
        path = Path(name)
        try:
            return Template.parse(path.read_text(encoding="utf-8"), str(path))
        except (OSError, UnicodeDecodeError) as error:
            reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
            raise ConfigError(
                f"prompt file {path} cannot be read: {reason}.{near_file(path)}"
            ) from None
    found = _packaged()
    if name not in found:
        raise ConfigError(unknown("prompt", name, found))
    return found[name]


@cache
def _packaged() -> dict[str, Template]:
    """Return the packaged templates by id and version, and each newest one by its id alone."""
    found: dict[str, Template] = {}
    newest: dict[str, Template] = {}
    for file in files("envgym.agents.judges").joinpath("prompts").iterdir():
        if file.name.endswith(".txt"):
            made = Template.parse(file.read_text(encoding="utf-8"), file.name)
            found[f"{made.id}-v{made.version}"] = made
            if made.id not in newest or newest[made.id].version < made.version:
                newest[made.id] = made
    return found | newest


def _fill(text: str, values: Mapping[str, str]) -> str:
    """Fill each place once; what a value holds is never read as a place."""
    text = _SECTION.sub(lambda m: m[2] if m[1] in values else "", text)
    return _PLACE.sub(lambda m: values[m[1]], text)


def _shown(content: Content) -> str:
    if isinstance(content, str):
        return content
    return "\n".join(f"{number}. {item}" for number, item in enumerate(content, 1))


def _content(prompt: str, name: str, value: Any) -> Content:
    if isinstance(value, str):
        if name == "criteria":
            return (value,)
        return value
    if isinstance(value, Sequence) and all(isinstance(item, str) for item in value):
        return tuple(value)
    raise ConfigError(
        f"prompt '{prompt}': field '{name}' must be text or a list of texts, "
        f"got {type(value).__name__}"
    )


def _names(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())


def _whole(source: str, name: str, text: str) -> int:
    if not re.fullmatch(r"[0-9]{1,6}", text):
        raise ConfigError(f"{source}: {name} must be a whole number, got '{text}'")
    return int(text)
