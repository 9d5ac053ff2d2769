"""``[oidc]`` of config.toml to the parts that let people in from a provider."""

from __future__ import annotations

import os
from collections.abc import Mapping

from ivr.adapters.oidc import OidcProvider
from ivr.calls.people.accounts import People
from ivr.calls.people.single_sign_on import SsoAdmission, SsoRules
from ivr.config.connected import Oidc


def single_sign_on(
    wanted: Oidc, people: People, environment: Mapping[str, str] = os.environ
) -> tuple[OidcProvider, SsoAdmission] | None:
    """The provider, and who of its people may come in; None: passwords only. The secret comes from IVR_OIDC_SECRET."""
    if not wanted.issuer:
        return None
    secret = environment.get("IVR_OIDC_SECRET", "")
    needed = [
        wanted.login_claim,
        *([wanted.role_claim] if wanted.role_claim else []),
        *(["name"] if wanted.create else []),
    ]
    if wanted.domains or wanted.login_claim == "email":
        needed += ["email", "email_verified"]
    provider = OidcProvider(
        wanted.issuer, wanted.client_id, secret, wanted.redirect_uri, wanted.scopes, wanted=tuple(needed)
    )
    rules = SsoRules(wanted.login_claim, wanted.domains, wanted.role_claim, wanted.roles, wanted.create)
    return provider, SsoAdmission(people, rules)
