"""What the server builds to know and to keep: database, records, customers, sources, keys."""
