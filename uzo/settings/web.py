"""Requests, pages, static files, cookies."""

from uzo.settings.database import REDIS_URL
from uzo.settings.env import ENV, ROOT
from uzo.settings.paths import DATA_DIR, secret_file

SECRET_KEY = ENV.uzo_secret_key.get_secret_value() if ENV.uzo_secret_key else secret_file(DATA_DIR / "secret_key")
DEBUG = ENV.uzo_debug
WEB_THREADS = ENV.uzo_web_threads
# Hosts are resolved, and unknown ones refused, by the tenant middleware: the list is in the database.
ALLOWED_HOSTS = ["*"]
OPERATOR_HOST = ENV.uzo_operator_host
ROOT_URLCONF = "uzo.urls"
PUBLIC_SCHEMA_URLCONF = "uzo.urls_operator"
ASGI_APPLICATION = "uzo.asgi.application"
APPEND_SLASH = False
USE_TZ = True
TIME_ZONE = "UTC"
LANGUAGE_CODE = "en"
USE_I18N = True

MIDDLEWARE = [
    "apps.kernel.headers.SecurityHeadersMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "apps.tenants.middleware.TenantMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "simple_history.middleware.HistoryRequestMiddleware",
    "axes.middleware.AxesMiddleware",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [ROOT / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]
STATIC_URL = "/static/"
STATICFILES_DIRS = [ROOT / "static"]
STATIC_ROOT = ROOT / "staticfiles"
WHITENOISE_USE_FINDERS = True
# Vite puts a hash of the content into these names: a browser never needs to ask again.
WHITENOISE_IMMUTABLE_FILE_TEST = r"^/static/studio/assets/"

SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = not ENV.uzo_insecure_http
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SECURE_HSTS_SECONDS = 0 if ENV.uzo_insecure_http else 31_536_000
CSRF_FAILURE_VIEW = "apps.kernel.api.handlers.csrf_failure"
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"

DATA_UPLOAD_MAX_MEMORY_SIZE = 10 * 2**20
UPLOAD_MAX_BYTES = 2**30

CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": REDIS_URL,
        # A cache key without the tenant is a leak (THREATS 3): the schema's name is part of every key.
        "KEY_FUNCTION": "django_tenants.cache.make_key",
        "REVERSE_KEY_FUNCTION": "django_tenants.cache.reverse_key",
    }
}
