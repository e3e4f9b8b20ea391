"""What goes in: decoding, and data sets."""
