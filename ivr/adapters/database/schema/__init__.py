"""The tables, what their columns keep, and what is known of each column."""
