"""Sign-in, passwords, tokens, object permissions."""

from datetime import timedelta

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "/login"
LOGIN_REDIRECT_URL = "/"

ACCESS_TOKEN_LIFETIME = timedelta(minutes=15)
REFRESH_TOKEN_LIFETIME = timedelta(days=14)
PASSWORD_RESET_TIMEOUT = 3600

# guardian: rows of our own with UUID keys, nobody anonymous, nothing patched into our user.
GUARDIAN_USER_OBJ_PERMS_MODEL = "accounts.UserGrant"
GUARDIAN_GROUP_OBJ_PERMS_MODEL = "accounts.GroupGrant"
GUARDIAN_MONKEY_PATCH_USER = False
GUARDIAN_MONKEY_PATCH_GROUP = False
ANONYMOUS_USER_NAME = None
# Objects are asked about at one door, `apps.accounts.access`, not through `user.has_perm`.
# Addresses are unique among the living, by a constraint that this check does not see.
SILENCED_SYSTEM_CHECKS = ["guardian.W001", "auth.W004"]

# axes: ten wrong passwords for a person from one address close the door there for five minutes.
AXES_FAILURE_LIMIT = 10
AXES_COOLOFF_TIME = timedelta(minutes=5)
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_USERNAME_FORM_FIELD = "username"  # as `authenticate` and the admin's form call it
AXES_USERNAME_CALLABLE = "apps.accounts.lockout.person_tried"
AXES_RESET_ON_SUCCESS = True
AXES_HTTP_RESPONSE_CODE = 429
AXES_ENABLE_ACCESS_FAILURE_LOG = False
AXES_DISABLE_ACCESS_LOG = True
AXES_LOCKOUT_CALLABLE = "apps.accounts.lockout.locked_out"
AXES_CLIENT_IP_CALLABLE = "apps.accounts.lockout.client_address"
