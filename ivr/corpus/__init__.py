"""Recorded calls on disk, and how calls of the record become some."""
