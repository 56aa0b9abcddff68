"""Checks of JSON against a family's pydantic model, told in one sentence."""

from collections.abc import Mapping
from typing import Any

from envgym.types import TaskError
from envgym.types.errors import unknown


def check_model(model: Any, data: Mapping[str, Any]) -> Any:
    """Return ``data`` as an instance of ``model``; raise TaskError naming the first bad field."""
    if model is None:
        return data
    from pydantic import ValidationError

    try:
        return model.model_validate(dict(data))
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        field = ".".join(["params", *map(str, first["loc"])])
        if first["type"] == "extra_forbidden":
            name = str(first["loc"][-1])
            raise TaskError(unknown("field of params", name, model.model_fields)) from None
        message = first["msg"][0].lower() + first["msg"][1:]
        raise TaskError(f"field '{field}': {message}, got {first['input']!r:.80}.") from None
