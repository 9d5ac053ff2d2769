"""A private Asterisk with phones and callers of its own, for the demo, the tests and the bench."""
