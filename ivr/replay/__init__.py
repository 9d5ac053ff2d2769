"""Recorded calls replayed through the whole path: audio, recognition, intent, dialogue, route, card."""
