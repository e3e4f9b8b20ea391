"""What each step of the walk claims, checked: one file a step, each with `compute`."""
