"""Customers: who they are, how they prove it, what may be done for them."""
