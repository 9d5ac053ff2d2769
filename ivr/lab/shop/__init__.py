"""The sample shop's customers, orders and people."""
