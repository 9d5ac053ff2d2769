"""``[oidc]`` of config.toml to the parts that let people in from a provider."""

from __future__ import annotations

import os
from collections.abc import Mapping

from ivr.adapters.oidc import OidcProvider
from ivr.calls.access import People
from ivr.calls.entrance import Entrance, EntranceRules
from ivr.config_tables import Oidc


def single_sign_on(
    wanted: Oidc, people: People, environment: Mapping[str, str] = os.environ
) -> tuple[OidcProvider, Entrance] | None:
    """The provider, and who of its people may come in; None: passwords only. The secret comes from IVR_OIDC_SECRET."""
    if not wanted.issuer:
        return None
    secret = environment.get("IVR_OIDC_SECRET", "")
    provider = OidcProvider(wanted.issuer, wanted.client_id, secret, wanted.redirect_uri, wanted.scopes)
    rules = EntranceRules(wanted.login_claim, wanted.domains, wanted.role_claim, wanted.roles, wanted.create)
    return provider, Entrance(people, rules)
