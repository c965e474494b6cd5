"""The base of every endpoint: rules, idempotency, throttles, lists."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from django.core.exceptions import ImproperlyConfigured
from django.db import DataError
from django.db.models import QuerySet
from django.http.response import HttpResponseBase
from rest_framework.exceptions import MethodNotAllowed
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer
from rest_framework.views import APIView

from apps.kernel.api import idempotency
from apps.kernel.api.listing import Filter, narrow
from apps.kernel.api.pagination import PageNumberPagination
from apps.kernel.api.rules import Rule, require_signed_in
from apps.kernel.api.throttles import AddressThrottle, UserThrottle
from apps.kernel.errors import FieldError, Invalid, NotFound

METHODS = ("get", "post", "put", "patch", "delete")


class RuledAPIView(APIView):
    """An endpoint says who may call it: `rules` has an entry for every method that it answers.

    The order of refusals is the same everywhere: 401, 404, 403, and only then is the body looked at.
    """

    rules: ClassVar[Mapping[str, Rule]] = {}
    http_method_names = [*METHODS, "head"]
    throttle_classes = [UserThrottle, AddressThrottle]
    metadata_class = None

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        missing = [method for method in METHODS if hasattr(cls, method) and method not in cls.rules]
        if missing:
            raise ImproperlyConfigured(f"{cls.__qualname__} has no rule for {', '.join(missing)}")

    @property
    def viewer(self) -> Any:
        """The person who asks; raises NotAuthenticated for a stranger."""
        require_signed_in(self.request)
        return self.request.user

    def dispatch(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        self.args, self.kwargs = args, kwargs
        self.request = request = self.initialize_request(request, *args, **kwargs)
        self.headers = self.default_response_headers
        try:
            self.initial(request, *args, **kwargs)
            response = self._answer(request, *args, **kwargs)
        except Exception as error:
            response = self.handle_exception(error)
        self.response = self.finalize_response(request, response, *args, **kwargs)  # type: ignore[arg-type]
        return self.response

    def initialize_request(self, request: Any, *args: Any, **kwargs: Any) -> Request:
        # DRF takes a body without an announced length (sent in chunks) for no body at all.
        stream: Any = getattr(request, "_stream", None)
        if not request.META.get("CONTENT_LENGTH") and getattr(stream, "seekable", bool)():
            request.META["CONTENT_LENGTH"] = str(stream.seek(0, 2))
            stream.seek(0)
        return super().initialize_request(request, *args, **kwargs)

    def _answer(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponseBase:
        handler = getattr(self, (request.method or "").lower(), self.http_method_not_allowed)
        key = idempotency.key_of(request)
        if key is None or request.user is None:
            response: HttpResponseBase = handler(request, *args, **kwargs)
            return response
        user: Any = request.user
        return idempotency.once(request, user_id=user.pk, key=key, answer=lambda: handler(request, *args, **kwargs))

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        wrong = [name for name, values in request.query_params.lists() if "\0" in name or "\0" in "".join(values)]
        if wrong:
            raise Invalid(errors=[FieldError(wrong[0].replace("\0", ""), "null_character", "NUL is not text")])

    def perform_content_negotiation(self, request: Request, force: bool = False) -> Any:  # noqa: ARG002
        # An Accept that nobody can serve is answered with JSON rather than refused (RFC 9110, 12.4.1).
        return super().perform_content_negotiation(request, force=True)

    def check_permissions(self, request: Request) -> None:
        method = (request.method or "").lower()
        rule = self.rules.get("get" if method == "head" else method)
        if rule is None:
            if not any(each.public for each in self.rules.values()):
                require_signed_in(request)
            raise MethodNotAllowed(request.method or "")
        if any(isinstance(value, str) and "\0" in value for value in self.kwargs.values()):
            if not rule.public:
                require_signed_in(request)
            raise NotFound
        rule.check(self, request)

    def list_response(
        self,
        queryset: QuerySet[Any],
        serializer_class: type[BaseSerializer[Any]],
        *,
        filters: Mapping[str, Filter] | None = None,
        search: Sequence[str] = (),
        ordering: Sequence[str] = (),
        default_ordering: str = "pk",
        context: Mapping[str, Any] | None = None,
    ) -> Response:
        """One page of a list. `filters` maps query parameters to ORM lookups; unknown names are refused."""
        narrowed = narrow(
            self.request,
            queryset,
            filters=filters or {},
            search=search,
            ordering=ordering,
            default_ordering=default_ordering,
        )
        paginator = PageNumberPagination()
        try:
            page = paginator.paginate_queryset(narrowed, self.request, view=self)
        except DataError as error:
            # Only filters bring values of the request into this query: a time or number PostgreSQL cannot hold.
            raise Invalid("The value of a filter is out of range") from error
        items = serializer_class(page, many=True, context={"request": self.request, "view": self, **(context or {})})
        return paginator.get_paginated_response(items.data)
