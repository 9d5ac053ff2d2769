"""Dialogue files: read, checked, measured."""
