"""What comes out: records of what was measured, their one JSON form, and the facts of the sentences about them."""
