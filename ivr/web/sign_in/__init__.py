"""Signing in: by password and by OpenID Connect."""
