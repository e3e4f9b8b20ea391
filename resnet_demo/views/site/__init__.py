"""A static web site of many photos: an index, a page a photo, a block and a class; and what its host wants to know."""
