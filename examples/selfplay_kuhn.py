"""Learn Kuhn poker by self-play and measure exactly how far the policy is from equilibrium."""

import envgym
from envgym.agents.selfplay import SelfPlay, self_play

game = envgym.make_game("kuhn")
config = SelfPlay(updates=1_000, games=128)
learnt = self_play(game, config, seed=0, every=200)

print("games sampled   NashConv of the average   of the last policy")
for updates, average, current in learnt.curve:
    print(f"{updates * config.games:13,}   {average:23.4f}   {current:18.4f}")

print("\nPlayer 0 bets first with")
for (player, infostate), row in learnt.average.rows.items():
    if player == 0 and infostate.endswith(":"):  # nobody has moved yet
        print(f"  {infostate!r}: {row[1]:.2f}")
