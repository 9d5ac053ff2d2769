"""Calls that we place: asked for, promised, or requested by another system."""
