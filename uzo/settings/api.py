"""DRF and the OpenAPI document."""

from uzo.settings.env import ENV

REST_FRAMEWORK = {
    "EXCEPTION_HANDLER": "apps.kernel.api.problems.exception_handler",
    "DEFAULT_SCHEMA_CLASS": "apps.kernel.api.openapi.RuledSchema",
    "DEFAULT_PAGINATION_CLASS": "apps.kernel.api.pagination.PageNumberPagination",
    # Bearer first: DRF takes its 401 from the first class.
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "apps.accounts.api.authentication.BearerAuthentication",
        "apps.accounts.api.authentication.ApiKeyAuthentication",
        "apps.accounts.api.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": [],
    "DEFAULT_PARSER_CLASSES": ["apps.kernel.api.parsers.StrictJSONParser"],
    "DEFAULT_RENDERER_CLASSES": [
        "rest_framework.renderers.JSONRenderer",
        "apps.kernel.api.browsable.BrowsableRenderer",
    ],
    "DEFAULT_THROTTLE_RATES": {"user": ENV.uzo_throttle_user, "anon": ENV.uzo_throttle_anonymous, "hook": "600/min"},
    "PAGE_SIZE": 50,
    "UNAUTHENTICATED_USER": None,
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "UZO",
    "VERSION": "1",
    "OAS_VERSION": "3.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "COMPONENT_SPLIT_REQUEST": True,
    "ENUM_ADD_EXPLICIT_BLANK_NULL_CHOICE": False,
    "DESCRIPTION": "Errors are problem documents (RFC 9457) with a stable `code`.",
}
