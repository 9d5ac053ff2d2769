"""Signing in at an OpenID Connect provider."""

from ivr.adapters.oidc.provider import AGAIN_S, AWAY_S, DESCRIPTION_S, SKEW_S, OidcProvider, is_safe

__all__ = ["AGAIN_S", "AWAY_S", "DESCRIPTION_S", "SKEW_S", "OidcProvider", "is_safe"]
