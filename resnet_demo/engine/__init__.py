"""How it runs: compiled passes, forwards and backwards."""
