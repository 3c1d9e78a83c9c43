"""Settings, read from the environment and checked at start (cellops/checks.py).

Without DATABASE_URL the addresses come from `var/run/environment`, which `manage.py up` writes while it runs.
"""

from pathlib import Path

import environ
import pghistory
from csp.constants import NONE, SELF

from cellops.connections import patient
from cellops.logs import configure_logging
from supplychain.sign_in.grants import CLIENT_CREDENTIALS_ONLY
from supplychain.systems.statuses import SCOPES

BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = BASE_DIR / "var"

env = environ.Env()
if "DATABASE_URL" not in env.ENVIRON:
    environ.Env.read_env(VAR_DIR / "run" / "environment")

# Demo mode: one machine, demo logins, generated secret. Never set it where real patients are.
DEMO = env.bool("CELLOPS_DEMO", default=False)
# `make run ARGS=--no-demo`: the same machine, without invented patients.
HAS_DEMO_DATA = DEMO and env.bool("CELLOPS_DEMO_DATA", default=True)
DEBUG = env.bool("DEBUG", default=False)
SECRET_KEY = env.str("SECRET_KEY", default="")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"] if DEMO else [])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
# Port of the live stream where no reverse proxy joins it to the pages' address; 0: same address.
STREAM_PORT = env.int("CELLOPS_STREAM_PORT", default=0)

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django_htmx",
    "django_filters",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "oauth2_provider",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "allauth.usersessions",
    "csp",
    "pgtrigger",
    "pghistory",
    "supplychain",
    "batches",
    "dashboards",
    "cellops",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "supplychain.pages.readable.ReadableMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "supplychain.sign_in.sessions.SessionLifeMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "pghistory.middleware.HistoryMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "supplychain.pages.time_zones.TimeZoneMiddleware",
    "supplychain.sign_in.second_factor.SecondFactorMiddleware",
    "supplychain.pages.errors.UnavailableMiddleware",
]

ROOT_URLCONF, WSGI_APPLICATION = "cellops.urls", "cellops.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "dashboards.context.page",
                "dashboards.context.closed_lists",
            ],
        },
    },
]

DATABASES = {"default": patient(env.db_url("DATABASE_URL", default="postgresql://cellops@127.0.0.1:5432/cellops"))}
REDIS_URL = env.str("REDIS_URL", default="redis://127.0.0.1:6379/0")
# What was deleted is kept too: who took a right away from whom is part of the trail.
PGHISTORY_DEFAULT_TRACKERS = (pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent())
PGHISTORY_OBJ_FIELD = pghistory.ObjForeignKey(related_name="history", related_query_name="history")
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "supplychain.User"
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "start"
LOGOUT_REDIRECT_URL = "login"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.ScryptPasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in ("UserAttributeSimilarityValidator", "MinimumLengthValidator", "CommonPasswordValidator")
]
SESSION_COOKIE_AGE = env.int("SESSION_COOKIE_AGE", default=12 * 3600)  # seconds; one shift
SESSION_IDLE_SECONDS = env.int("SESSION_IDLE_SECONDS", default=3600)  # without a touch of the page; 0: no limit
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = env.bool("SECURE_COOKIES", default=not DEMO)
BEHIND_PROXY = env.bool("BEHIND_PROXY", default=False)
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if BEHIND_PROXY else None
SECURE_HSTS_SECONDS = env.int("SECURE_HSTS_SECONDS", default=0 if DEMO else 31_536_000)
SECURE_SSL_REDIRECT = env.bool("SECURE_SSL_REDIRECT", default=False)
SECURE_REFERRER_POLICY, X_FRAME_OPTIONS = "same-origin", "DENY"

# Limits of sign-in are counted here; while Valkey is away each process counts for itself.
CACHES = {
    "default": {
        "BACKEND": "supplychain.sign_in.cache.SteadyCache",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": "cellops",
        "OPTIONS": {"socket_timeout": 0.5, "socket_connect_timeout": 0.5},
    }
}
AUTHENTICATION_BACKENDS = ["supplychain.sign_in.passwords.PasswordBackend"]
PASSWORD_RESET_TIMEOUT = 3600  # seconds that a link of a password mail works
# Each proxy of ours adds one address; what stands before them is what the caller claims.
ALLAUTH_TRUSTED_PROXY_COUNT = env.int("PROXY_COUNT", default=1) if BEHIND_PROXY else 0
ACCOUNT_ADAPTER = "supplychain.sign_in.accounts.AccountAdapter"
_FORMS = "supplychain.sign_in.forms."  # allauth's own say of a field left empty that "This field is required."
ACCOUNT_FORMS = {
    "login": f"{_FORMS}LoginForm", "reauthenticate": f"{_FORMS}ConfirmForm",
    "reset_password": f"{_FORMS}ForgottenPasswordForm", "reset_password_from_key": f"{_FORMS}NewPasswordForm",
    "change_password": f"{_FORMS}ChangePasswordForm",
}  # fmt: skip
MFA_FORMS = {
    "authenticate": f"{_FORMS}CodeForm", "reauthenticate": f"{_FORMS}ConfirmCodeForm",
    "activate_totp": f"{_FORMS}AppForm",
}  # fmt: skip
ACCOUNT_LOGIN_METHODS = {"username", "email"}
ACCOUNT_EMAIL_VERIFICATION = "none"  # administrators write addresses down, nobody adds their own
# allauth's own writes an unverified address beside the person's, which bars second factors and outlives a correction.
ACCOUNT_PASSWORD_RESET_TOKEN_GENERATOR = "django.contrib.auth.tokens.PasswordResetTokenGenerator"
ACCOUNT_EMAIL_SUBJECT_PREFIX = "CellOps: "
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_SESSION_REMEMBER = True  # as long as the session lasts, not until the browser is closed: phones close it often
ACCOUNT_REAUTHENTICATION_TIMEOUT = 300  # seconds in which a second factor may be changed without signing in again
ACCOUNT_RATE_LIMITS = {
    "login": "60/m/ip",  # a ward or a whole hospital may share one address
    "login_failed": "20/m/ip,5/5m/key",
    "reset_password": "20/m/ip,3/10m/key",
    "token_failed_of_client": "10/m/key",
    "token_failed_of_address": "60/m/key",
}
MFA_ADAPTER = "supplychain.sign_in.accounts.SecondFactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_ALLOW_UNVERIFIED_EMAIL = True  # there is no verification: see ACCOUNT_EMAIL_VERIFICATION
MFA_TOTP_ISSUER, MFA_TOTP_TOLERANCE = "CellOps", 1  # steps of 30 s that a phone's clock may be wrong
# Roles whose people must have a second factor.
SECOND_FACTOR_ROLES = env.list("CELLOPS_SECOND_FACTOR_ROLES", default=[])
# Single sign-on: one OpenID Connect provider.
OIDC_ISSUER = env.str("OIDC_ISSUER", default="").rstrip("/")
OIDC_NAME = env.str("OIDC_NAME", default="") or "single sign-on"
OIDC_TRUSTS_EMAIL = env.bool("OIDC_TRUSTS_EMAIL", default=False)
OIDC_HAS_SECOND_FACTOR = env.bool("OIDC_HAS_SECOND_FACTOR", default=False)
SOCIALACCOUNT_ADAPTER = "supplychain.sign_in.provider.SingleSignOnAdapter"
SOCIALACCOUNT_LOGIN_ON_GET = True
SOCIALACCOUNT_PROVIDERS = {
    "openid_connect": {
        "OAUTH_PKCE_ENABLED": True,
        "APPS": [
            {
                "provider_id": "sso",
                "name": OIDC_NAME,
                "client_id": env.str("OIDC_CLIENT_ID", default=""),
                "secret": env.str("OIDC_CLIENT_SECRET", default=""),
                "settings": {"server_url": OIDC_ISSUER},
            }
        ],
    }
}

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        # The live stream of the one-machine mode answers on a port of its own.
        "connect-src": [SELF] + ([f"http://*:{STREAM_PORT}"] if STREAM_PORT else []),
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
    },
}

LANGUAGE_CODE, TIME_ZONE = "en-gb", "UTC"
USE_TZ = USE_I18N = True

STATIC_URL, STATIC_ROOT = "/static/", VAR_DIR / "static"
NODE_MODULES = BASE_DIR / "node_modules"
STATICFILES_DIRS = [
    (name, NODE_MODULES / package)
    for name, package in (
        ("tabler/css", "@tabler/core/dist/css"),
        ("tabler/img", "@tabler/core/dist/img"),  # its stylesheets name them
        ("idiomorph", "idiomorph/dist"),
        ("echarts", "echarts/dist"),
        ("zxing", "zxing-wasm/dist/iife/reader"),
        ("zxing-wasm", "zxing-wasm/dist/reader"),
    )
    if (NODE_MODULES / package).is_dir()
]
STATICFILES_FINDERS = [
    "django.contrib.staticfiles.finders.FileSystemFinder",
    "django.contrib.staticfiles.finders.AppDirectoriesFinder",
    "dashboards.icons.IconFinder",
]
WHITENOISE_USE_FINDERS = WHITENOISE_AUTOREFRESH = env.bool("STATIC_FROM_SOURCE", default=DEMO)
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if WHITENOISE_USE_FINDERS
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}

# E-mails: files in var/mail unless a mail server is named, for example smtp+tls://user:password@mail.example.org:587
MAIL_DIR = VAR_DIR / "mail"
EMAIL_URL = env.str("EMAIL_URL", default="")
_MAIL = environ.Env.email_url_config(EMAIL_URL or "filemail://")
EMAIL_BACKEND = _MAIL["EMAIL_BACKEND"] if EMAIL_URL else "cellops.mail_files.PrivateMailFiles"
EMAIL_FILE_PATH = _MAIL["EMAIL_FILE_PATH"] or str(MAIL_DIR)
EMAIL_HOST, EMAIL_PORT = _MAIL["EMAIL_HOST"] or "localhost", _MAIL["EMAIL_PORT"] or 25
EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = _MAIL["EMAIL_HOST_USER"] or "", _MAIL["EMAIL_HOST_PASSWORD"] or ""
EMAIL_USE_TLS, EMAIL_USE_SSL = _MAIL.get("EMAIL_USE_TLS", False), _MAIL.get("EMAIL_USE_SSL", False)
EMAIL_TIMEOUT = 10  # seconds
DEFAULT_FROM_EMAIL = SERVER_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="CellOps <cellops@localhost>")
# What the links in e-mails begin with.
WEB_PORT = env.int("CELLOPS_WEB_PORT", default=8000)
CELLOPS_PUBLIC_URL = env.str("CELLOPS_PUBLIC_URL", default="") or (
    f"http://localhost:{WEB_PORT}" if DEMO else f"https://{(*ALLOWED_HOSTS, '')[0]}"
)

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "supplychain.rest.authentication.SourceAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["supplychain.rest.permissions.HasScope"],
    "DEFAULT_RENDERER_CLASSES": ["supplychain.rest.rendering.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["supplychain.rest.rendering.JSONParser"],
    "DEFAULT_FILTER_BACKENDS": ["supplychain.rest.filters.Filters"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "supplychain.rest.problems.problem_response",
    "DEFAULT_VERSIONING_CLASS": None,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "CellOps",
    "DESCRIPTION": "Report status events of autologous cell therapies; read orders, flags, pools and bottlenecks.",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "POSTPROCESSING_HOOKS": [],  # closed lists have names of their own (supplychain/rest/documentation.py)
    "SCHEMA_PATH_PREFIX": r"/api/v\d",
    **dict.fromkeys(("SWAGGER_UI_DIST", "SWAGGER_UI_FAVICON_HREF"), "SIDECAR"),
}
# Requests that one system or person may send in ten seconds; sizes of labels, as name|width|height|printer.
REQUEST_LIMIT = env.int("CELLOPS_REQUEST_LIMIT", default=3_000)
LABEL_LAYOUTS = env.list("CELLOPS_LABEL_LAYOUTS", default=["Bag|100|50", "Small bag|70|35", "Shipper|150|100"])
OAUTH2_PROVIDER_APPLICATION_MODEL = "oauth2_provider.Application"
OAUTH2_PROVIDER = {
    "SCOPES": SCOPES,
    "ACCESS_TOKEN_EXPIRE_SECONDS": env.int("ACCESS_TOKEN_SECONDS", default=3600),
    "SCOPES_BACKEND_CLASS": "supplychain.rest.scopes.SourceScopes",
} | CLIENT_CREDENTIALS_ONLY

CELERY_BROKER_URL = REDIS_URL
# Celery closes the connection after every task unless told to reuse it; cellops/workers.py does it for dead ones.
CELERY_DB_REUSE_MAX = 1_000_000
# A worker none of whose tasks succeeds, a beat that asks for none, is ended after so many seconds; 0: never.
WORKER_SILENT_SECONDS = {
    **dict.fromkeys(("celery", "reviewer", "beat"), env.int("WORKER_SILENT_SECONDS", default=300)),
    "simulator": env.int("SIMULATOR_SILENT_SECONDS", default=1800),
}

LOGGING_CONFIG = None
configure_logging(level=env.str("LOG_LEVEL", default="INFO"), as_json=not DEMO)
