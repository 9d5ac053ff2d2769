"""A private Asterisk with callers and phones."""
