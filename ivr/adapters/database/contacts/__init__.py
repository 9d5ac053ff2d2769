"""Contacts: what was recorded of them, and how it is read."""
