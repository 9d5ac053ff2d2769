"""What a replay came to: totals, comparison, pages."""
