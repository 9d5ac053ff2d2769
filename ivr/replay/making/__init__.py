"""Corpora made from text, voices and public sets."""
