"""A dialogue as data."""
