"""Recorded calls through the whole path, in audio time or live."""
