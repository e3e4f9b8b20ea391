"""How tensors are stored: one format a file."""
