"""The pages: one document each, which the built React source fills. Data comes from `/api/v1/` alone."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.decorators import method_decorator
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django.views import View
from django.views.decorators.csrf import ensure_csrf_cookie

from apps.accounts import access
from apps.studio.manifest import NotBuilt
from apps.studio.policy import new_nonce, protect


def safe_next(request: HttpRequest) -> str:
    """Where to go after signing in: a path of this site, or home."""
    wanted = request.GET.get("next", "")
    same_site = wanted.startswith("/") and url_has_allowed_host_and_scheme(
        wanted, allowed_hosts=None, require_https=request.is_secure()
    )
    return wanted if same_site else "/"


@method_decorator(ensure_csrf_cookie, name="dispatch")
class Document(View):
    """Renders the document that loads one built entry."""

    http_method_names = ["get", "head", "options"]
    entry: str
    data = ""
    """Where the page's data is, asked for before any script runs; `{id}` is the address's."""

    def document(self, request: HttpRequest, boot: dict[str, Any]) -> HttpResponse:
        nonce = new_nonce()
        context = {
            "entry": self.entry,
            "data": self.data.format(**self.kwargs),
            "boot": boot,
            "nonce": nonce,
        }
        try:
            response = render(request, "studio/page.html", context)
        except NotBuilt as error:
            response = render(request, "studio/not_built.html", {"error": error}, status=error.status)
        return protect(response, nonce)


class LoginPage(Document):
    entry = "src/login.tsx"

    def get(self, request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated:
            return HttpResponseRedirect(safe_next(request))
        tenant = getattr(request, "tenant", None)
        boot = {"page": "login", "next": safe_next(request), "subscription": getattr(tenant, "name", "")}
        return self.document(request, boot)


class ResetPasswordPage(Document):
    """Where the mailed link leads. The token stays in the address: nothing of it is looked at or written here."""

    entry = "src/login.tsx"

    def get(self, request: HttpRequest) -> HttpResponse:
        tenant = getattr(request, "tenant", None)
        response = self.document(request, {"page": "reset-password", "subscription": getattr(tenant, "name", "")})
        response["Referrer-Policy"] = "no-referrer"
        return response


class StudioPage(Document):
    """Any page behind sign-in; the browser's router reads the path, so deep links and reload work."""

    entry = "src/main.tsx"

    def get(self, request: HttpRequest, **_: Any) -> HttpResponse:
        user = request.user
        if not user.is_authenticated:
            return HttpResponseRedirect(f"/login?{urlencode({'next': request.get_full_path()})}")
        tenant = getattr(request, "tenant", None)
        capabilities = access.capabilities_now(user)
        boot = {
            "user": {
                "id": str(user.pk),
                "name": user.name,
                "email": user.email,
                "is_owner": user.is_owner,
                "may_operate": "operations.read" in capabilities,
                "capabilities": sorted(capabilities),
            },
            "subscription": getattr(tenant, "name", ""),
        }
        return self.document(request, boot)
