"""What a network is, read off its graph."""
