"""A few tools that the parser's and the tools' tests share."""

from typing import Annotated, Literal

from annotated_types import Ge, Le

from envgym.runtime.tools import collect, tool


class Family:
    @tool
    def guess(self, number: Annotated[int, Ge(1), Le(100), "your guess"]) -> str:
        """Guess the hidden number."""
        return f"guessed {number}"

    @tool(cost=2.5)
    def go(
        self, direction: Annotated[Literal["north", "south"], "where to"], steps: int = 1
    ) -> str:
        """Walk.

        It takes a while.

        Args:
            steps: how far
                you walk.
        """
        return f"{direction} {steps}"

    @tool(name="bash")
    def shell(self, command: str) -> str:
        """Run a command."""
        return command

    @tool
    def look(self) -> str:
        """Look around."""
        return "nothing"

    def untouched(self, x: int) -> str:
        """No tool."""
        return str(x)


TOOLS = collect(Family)
GUESS = {"guess": TOOLS["guess"]}
