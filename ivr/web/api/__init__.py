"""The JSON API: every endpoint declared once, as its models and as what it needs."""
