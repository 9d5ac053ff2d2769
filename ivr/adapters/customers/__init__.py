"""Where customers are known: SQL and HTTP look-ups, a CRM, a CSV file."""
