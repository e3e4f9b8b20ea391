"""How fast it is, as ratios taken in one run; docs/performance.md tells how each figure comes about.

`report` measures everything; a timing is never a test's assertion.
"""
