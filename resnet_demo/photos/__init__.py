"""What goes in: decoding pictures."""
