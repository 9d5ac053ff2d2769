"""Customers as other systems write them."""
