"""Games of several players: numeric PettingZoo forms, the text view, matches, trees."""
