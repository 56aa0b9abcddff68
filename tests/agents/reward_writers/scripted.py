"""A scripted writer, its answers, and episodes by an environment's oracle and by chance."""

import gymnasium as gym

import envgym
from envgym.types import Reply, Stream

assert envgym.__version__  # registers the ids
GUESS = "envgym/GuessNumber-v0"
TASK = "Find the hidden number with few guesses."


class Script:
    """Answers from a list in turn, or by a function of the whole question."""

    name = "script"

    def __init__(self, answers):
        self.answers = answers
        self.asked, self.closed = [], []

    def act(self, requests):
        replies = []
        for request in requests:
            self.asked.append(request)
            text = (
                self.answers("\n".join(m.content for m in request.messages))
                if callable(self.answers)
                else self.answers[len(self.asked) - 1]
            )
            replies.append(text if isinstance(text, Reply) else Reply(text=text))
        return replies

    def close(self, sessions):
        self.closed += sessions


def code(expression, lo=-1.0, hi=1.0, name="a"):
    """Return an answer with a reward of one component."""
    return f"Let me see.\n```python\nCOMPONENTS = {{'{name}': ({lo}, {hi})}}\ndef reward(record):\n    return {{'{name}': {expression}}}\n```\nDone."


def play(env_id, count, expert, **options):
    """Return the records of ``count`` episodes by the oracle or by chance."""
    env = gym.make(env_id, **options)
    episodes = []
    for seed in range(count):
        stream = Stream(seed, "test", "writers")
        _, info = env.reset(seed=seed)
        records, done = [dict(info["evidence"])], False
        while not done:
            inner = env.unwrapped
            action = inner.oracle() if expert else inner.random_action(stream)
            _, _, terminated, truncated, info = env.step(action)
            records.append(dict(info["evidence"]))
            done = terminated or truncated
        episodes.append(records)
    env.close()
    return episodes
