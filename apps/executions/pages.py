"""The page that a mailed link opens. It asks, and only its form decides: a mail program that follows links
ahead of people decides nothing."""

from __future__ import annotations

import secrets
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.decorators import method_decorator
from django.views import View
from django.views.decorators.csrf import csrf_exempt

from apps.accounts.models import User
from apps.executions import approval_links, approvals
from apps.executions.models import Approval
from apps.executions.services.approvals import DECISIONS, decide
from apps.kernel.errors import Conflict, Forbidden, NotFound

_MAX_COMMENT = 2000


# The form carries the signed token itself, which nobody else can know: there is no cookie to ride on.
@method_decorator(csrf_exempt, name="dispatch")
class DecidePage(View):
    http_method_names = ["get", "head", "post", "options"]

    def get(self, request: HttpRequest) -> HttpResponse:
        text = request.GET.get("token", "")
        found = _asked(text)
        if found is None:
            return _page(request, {"problem": "This link is not good, or no longer."}, status=404)
        approval, person = found
        return _page(request, {"approval": approval, "person": person, "token": text})

    def post(self, request: HttpRequest) -> HttpResponse:
        found = _asked(request.POST.get("token", ""))
        decision = request.POST.get("decision", "")
        if found is None:
            return _page(request, {"problem": "This link is not good, or no longer."}, status=404)
        if decision not in DECISIONS:
            return _page(request, {"problem": "Choose to approve or to reject."}, status=400)
        approval, person = found
        comment = request.POST.get("comment", "").replace("\0", "")[:_MAX_COMMENT]
        try:
            decided = decide(viewer=person, approval_id=approval.pk, decision=decision, comment=comment)
        except Conflict as error:
            return _page(request, {"problem": error.message}, status=409)
        except (Forbidden, NotFound):
            return _page(request, {"problem": "You are no longer among those who may decide this."}, status=403)
        return _page(request, {"approval": decided, "person": person, "done": True})


def _asked(text: str) -> tuple[Approval, User] | None:
    """Whom the link asks what, as long as they may be asked."""
    ticket = approval_links.read(text)
    if ticket is None:
        return None
    person = User.objects.living().filter(pk=ticket.user_id, is_active=True).first()
    if person is None:
        return None
    try:
        return approvals.get_approval(person, ticket.approval_id), person
    except NotFound:
        return None


def _page(request: HttpRequest, context: dict[str, Any], *, status: int = 200) -> HttpResponse:
    nonce = secrets.token_urlsafe(16)
    response = render(request, "executions/approval.html", {**context, "nonce": nonce}, status=status)
    response["Content-Security-Policy"] = (
        f"default-src 'none'; style-src 'nonce-{nonce}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )
    response["Referrer-Policy"] = "no-referrer"
    response["Cache-Control"] = "no-store"
    return response
