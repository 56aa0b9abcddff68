"""CFR and CFR+: regret matching with and without negative regrets."""

import numpy as np

from envgym.agents.solvers.rules.rule import Rule
from envgym.agents.solvers.sequences import Floats


class Cfr(Rule):
    """Counterfactual regret minimisation.

    Formula: R += r; sigma proportional to max(0, R); every iteration counts alike
    Source:  Zinkevich et al. 2007 (recalled); equal to OpenSpiel's ``CFRSolver`` (seen)
    """

    def update(self, player: int, t: int, regret: Floats) -> Floats:
        """Return the next behaviour."""
        kept = self.regrets[player]
        kept += regret
        return self.seats[player].normalise(np.maximum(kept, 0.0))

    def average(self, player: int, t: int, regret: Floats, played: Floats) -> None:
        """Count what was played once."""
        self.totals[player] += played


class CfrPlus(Rule):
    """CFR+.

    Formula: R <- max(0, R + r); sigma proportional to R; iteration t (from 1) counts t times
    Source:  Tammelin 2014 (recalled); equal to OpenSpiel's ``CFRPlusSolver`` (seen)
    """

    def update(self, player: int, t: int, regret: Floats) -> Floats:
        """Return the next behaviour."""
        kept = self.regrets[player]
        kept += regret
        np.maximum(kept, 0.0, out=kept)
        return self.seats[player].normalise(kept)

    def average(self, player: int, t: int, regret: Floats, played: Floats) -> None:
        """Count what was played t + 1 times."""
        self.totals[player] += (t + 1) * played
