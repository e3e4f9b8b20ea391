"""What the page says: a catalogue of words in each language."""
