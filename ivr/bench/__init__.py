"""Measurements, in one run with what they are compared to: `python -m ivr.bench`."""
