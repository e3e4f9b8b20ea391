"""Where networks come from: builders, checkpoints, official files, labels, preprocessing."""
