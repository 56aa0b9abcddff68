"""From a writer's answer to a reward, or to one sentence saying why it is none."""

from envgym.agents.reward_writers.writer import Answer, python_block
from envgym.rewards.generated.code import from_code
from envgym.rewards.generated.schema import ObservationSchema
from envgym.rewards.generated.value import GeneratedReward
from envgym.types import ConfigError


def draft(
    answer: Answer, schema: ObservationSchema, parent: GeneratedReward | None = None
) -> GeneratedReward | str:
    """Return the unchecked reward in an answer's last Python block, or what is wrong with it."""
    if answer.text is None:
        return answer.problem
    body = python_block(answer.text)
    if body is None:
        return answer.problem or "the answer holds no Python block between ``` lines"
    try:
        return from_code(body, schema, parent="" if parent is None else parent.version)
    except ConfigError as error:
        return str(error)
