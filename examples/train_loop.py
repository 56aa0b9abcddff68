"""The whole loop between an environment and anything that learns from it."""

import gymnasium as gym

import envgym  # registers the ids

env = gym.make("envgym/Quest-v0", reward="process", max_turns=30)
stream = envgym.Stream(0, "example")  # stands for your model's sampling


def act(conversation: list[dict[str, str]]) -> str:
    """Return the assistant's next message. Put your model here; this is half an expert."""
    knows = stream.chance(1, 2)
    return env.unwrapped.oracle() if knows else env.unwrapped.random_action(stream)


for episode in range(5):
    observation, info = env.reset(seed=episode)
    conversation = [{"role": "system", "content": info["system"]}]
    done = False
    while not done:
        conversation.append({"role": "user", "content": observation})
        conversation.append({"role": "assistant", "content": act(conversation)})
        observation, reward, terminated, truncated, info = env.step(conversation[-1]["content"])
        done = terminated or truncated
    if info["valid"]:  # our failures are no zeros: leave invalid episodes out
        turns = [round(r, 2) for r in info["step_rewards"]]  # one per assistant message
        print(f"episode {episode}: success {info['success']}, {len(turns)} turns, {turns}")
