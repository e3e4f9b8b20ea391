"""The tutorials' claims, each checked on the spot."""
