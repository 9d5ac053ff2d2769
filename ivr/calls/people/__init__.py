"""Who may do what: accounts, roles, API keys, single sign-on, the audit trail."""
