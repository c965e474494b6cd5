"""Which apps live in the public schema and which in every tenant's."""

_TENANT_ROOMS = [
    "apps.audit",
    "apps.vault",
    "apps.workspaces",
    "apps.connectors",
    "apps.workflows",
    "apps.executions",
    "apps.schedules",
    "apps.notifications",
]

# Operators live in the public schema, people in their tenant's: sign-in stands in both.
_SIGN_IN = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.admin",
    "guardian",
    "axes",
    "simple_history",
    "apps.accounts",
]

SHARED_APPS = [
    "apps.tenants",  # before django_tenants, whose create_tenant it replaces
    "django_tenants",
    "apps.kernel",
    "apps.vault",
    "unfold",
    "unfold.contrib.simple_history",
    *_SIGN_IN,
    "django.contrib.postgres",
    "django.contrib.staticfiles",
    "channels",
    "rest_framework",
    "django_filters",
    "drf_spectacular",
    "apps.realtime",
    "apps.studio",
    "uzo",
]
TENANT_APPS = ["apps.kernel", *_SIGN_IN, *_TENANT_ROOMS]
INSTALLED_APPS = list(dict.fromkeys([*SHARED_APPS, *TENANT_APPS]))

# Otherwise the search path is sent before every single statement.
TENANT_LIMIT_SET_CALLS = True
TENANT_MODEL = "tenants.Subscription"
TENANT_DOMAIN_MODEL = "tenants.Domain"
DATABASE_ROUTERS = ["django_tenants.routers.TenantSyncRouter"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
