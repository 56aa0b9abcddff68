"""A judge made of any policy: an endpoint, a local model, a person, a script."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from envgym.agents.judges.answers import read_answer
from envgym.agents.judges.template import Question
from envgym.agents.judges.verdict import Reason, Values, Verdict
from envgym.types import ConfigError, InfraError, Policy, Reply, Request, derive

_SEED = (1 << 63) - 1


@dataclass(slots=True)
class _Case:
    """One question while it is being asked."""

    place: int
    question: Question
    values: Values | None = None
    reason: Reason | None = None
    texts: list[str] = field(default_factory=list)
    calls: int = 0
    seconds: float = 0.0
    over: bool = False

    def close(self, reason: Reason, text: str) -> None:
        self.reason, self.over = reason, True
        self.texts.append(text)

    def take(self, reply: Reply) -> None:
        """Read a reply: an answer, a failure that ends it, or one more try."""
        tries = reply.info.get("tries")  # of an endpoint, which asks again on its own
        self.calls += tries if isinstance(tries, int) and tries > 0 else 1
        if reply.finish == "error":
            self.close("timeout" if "Timeout" in reply.text else "policy", reply.text)
        elif reply.info.get("context_full"):
            self.close("context", reply.text)
        elif reply.finish == "length":
            # A cut reply may quote an answer that it was going to reject.
            self.reason = "cut"
            self.texts.append(reply.text)
        else:
            self.texts.append(reply.text)
            self.values = read_answer(self.question, reply.text)
            self.over = self.values is not None
            self.reason = None if self.over else "parse"


class PolicyJudge:
    """Ask a policy each question in a conversation of its own; read its reply strictly.

    A reply without a well-formed answer, or cut at the policy's length limit, is asked again
    with another seed and a reminder. After the last try, and after an error of the policy, the
    verdict is invalid. The sampling seed follows from (seed, question, try), so neither order nor
    batch matters to a policy that honours it.

    Args:
        policy: Any policy; its own timeouts and retries stay in force.
        name: Identifies the judge in evidence, caches and ledgers; default: the policy's name.
            Policies do not name their sampling settings: name judges that differ in them apart.
        tries: Most replies asked for per question, 1 or more (cookbook A10: 10).
        tie_on_failure: After ``tries`` unreadable replies to a pairwise question answer the
            middle of the grid for both, 5 to 5, as ArenaRL does, with the reason beside it. Off: invalid, since a judge's failure
            must not look like an even match.
        seed: Decides the sampling seeds.
        batch: Most requests handed to the policy at a time.
        timeout: Seconds for one call of ``judge``; what has not been asked by then is invalid.
            None: as long as it takes. A request that is under way is left to the policy.
        clock: Returns seconds; for tests.

    Raises:
        ConfigError: An argument is out of range; from ``judge``, as the policy raises it.
    """

    def __init__(
        self,
        policy: Policy,
        *,
        name: str | None = None,
        tries: int = 10,
        tie_on_failure: bool = False,
        seed: int = 0,
        batch: int = 64,
        timeout: float | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        for argument, value in (("tries", tries), ("batch", batch)):
            if value < 1:
                raise ConfigError(f"{argument} must be at least 1, got {value}")
        if timeout is not None and not timeout > 0:
            raise ConfigError(f"timeout must be above 0 seconds or None, got {timeout}")
        self.policy = policy
        self.name = name or (f"{policy.name}#seed={seed}" if seed else policy.name)
        self.tries, self.batch, self.timeout = tries, batch, timeout
        self.tie_on_failure = tie_on_failure
        self.seed = seed
        self._clock = clock

    def judge(self, questions: Sequence[Question]) -> list[Verdict]:
        """Return one verdict per question, in order."""
        started = self._clock()
        cases = [_Case(place, question) for place, question in enumerate(questions)]
        for attempt in range(self.tries):
            waiting = [case for case in cases if not case.over]
            for first in range(0, len(waiting), self.batch):
                portion = waiting[first : first + self.batch]
                if self.timeout is not None and self._clock() - started >= self.timeout:
                    for case in portion:
                        case.close("timeout", f"no time left of {self.timeout:g} seconds")
                else:
                    self._ask(portion, attempt)
        return [self._verdict(case) for case in cases]

    def _ask(self, cases: Sequence[_Case], attempt: int) -> None:
        requests = [
            Request(
                session=f"judge/{case.question.digest}/{case.place}/{attempt}",
                messages=case.question.messages(again=attempt > 0),
                agent="judge",
                seed=derive(self.seed, "judge", case.question.digest, attempt) & _SEED,
            )
            for case in cases
        ]
        began = self._clock()
        try:
            replies = self.policy.act(requests)
        except InfraError as error:
            for case in cases:
                case.calls += 1
                case.close("policy", str(error))
            return
        finally:
            self.policy.close([request.session for request in requests])
        if len(replies) != len(cases):
            raise ConfigError(
                f"policy '{self.policy.name}' returned {len(replies)} replies to "
                f"{len(cases)} requests"
            )
        share = (self._clock() - began) / len(cases)
        for case, reply in zip(cases, replies, strict=True):
            spent = reply.info.get("seconds")
            case.seconds += float(spent) if isinstance(spent, int | float) else share
            case.take(reply)

    def _verdict(self, case: _Case) -> Verdict:
        values = case.values
        stand_in = self.tie_on_failure and case.question.template.kind == "pairwise"
        if values is None and stand_in and case.reason in ("parse", "cut"):
            template = case.question.template
            values = ((template.lo + template.hi) / 2,) * 4
        return Verdict(
            values=values,
            reason=case.reason,
            text=case.texts[-1] if case.texts else "",
            calls=case.calls,
            seconds=case.seconds,
        )
