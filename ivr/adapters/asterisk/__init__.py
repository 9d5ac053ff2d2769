"""Asterisk itself: the manager interface and sound by AudioSocket."""
