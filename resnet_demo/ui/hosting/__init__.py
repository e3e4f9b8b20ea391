"""What stands between the page and the world: which addresses answer, under which headers, and who may watch."""
