"""Many photos: evaluation and atlas, on one machine or many."""
