"""Signing in where another server of the office asks for the password (OpenID Connect): we believe one issuer by name."""

from __future__ import annotations

import logging
from typing import Any

from flask import abort, current_app, redirect, request, session, url_for
from flask_appbuilder import expose
from flask_login import login_user

from app.features.accounts.sign_in_view import SignInView
from app.kit import redirects

log = logging.getLogger(__name__)
_NEXT = "oidc_next"


class OidcSignInView(SignInView):
    """Sends the browser to the server of the office and takes back only what its own issuer signed."""

    login_template = "accounts/templates/login_oidc.html"

    @expose("/login/")
    @expose("/login/<provider>")
    def login(self, provider: str | None = None) -> Any:
        wanted = redirects.local(request.args.get("next"))
        if provider is None:
            names = [one["name"] for one in current_app.config["OAUTH_PROVIDERS"]]
            links = [(name, url_for(f"{self.endpoint}.login", provider=name, next=wanted or None)) for name in names]
            return self.render_template(self.login_template, title=self.title, links=links)
        session[_NEXT] = wanted
        back = url_for(f"{self.endpoint}.oauth_authorized", provider=provider, _external=True)
        return self._remote(provider).authorize_redirect(redirect_uri=back)

    @expose("/oauth-authorized/<provider>")
    def oauth_authorized(self, provider: str) -> Any:
        remote, wanted = self._remote(provider), session.pop(_NEXT, "")
        try:
            token = remote.authorize_access_token()  # checks state, nonce and signature
        except Exception as error:  # of whatever library the server's answer went through
            log.warning("sign-in through %s failed: %s", provider, type(error).__name__)
            return self._refuse(wanted)
        user = self.appbuilder.sm.auth_user_oauth(_believed(provider, (token or {}).get("userinfo") or {}))
        if user is None:
            return self._refuse(wanted)
        login_user(user, remember=False)
        return redirect(wanted or self.appbuilder.get_url_for_index)

    def _remote(self, provider: str) -> Any:
        return self.appbuilder.sm.oauth_remotes.get(provider) or abort(404)


def _believed(provider: str, claims: dict[str, Any]) -> dict[str, Any]:
    """The user name out of the claims; nothing when another issuer made them than the one the settings name."""
    settings = next(one for one in current_app.config["OAUTH_PROVIDERS"] if one["name"] == provider)
    if claims.get("iss") != settings["issuer"]:
        log.warning("sign-in through %s: claims of an issuer that is not ours", provider)
        return {}
    return {"username": claims.get(settings.get("username_claim", "preferred_username"))}
