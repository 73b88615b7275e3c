"""Every setting of Paper Round, read from the environment; nothing else reads it.

With an empty environment this is a demo on one machine: SQLite, Celery's filesystem broker
and an outbox of files, all under `var/`. `deploy/env.example` lists what a real deployment
sets. A name may also be given as `NAME_FILE`, the path of a file that holds the value.
"""

import logging
from email.headerregistry import Address
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

from digest.demo_key import demo_secret_key
from digest.environment import Environment
from digest.logs import logging_for

env = Environment()

BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = Path(env.str("VAR_DIR", default=str(BASE_DIR / "var"))).resolve()

# --- Secrets and mode -------------------------------------------------------------------
SECRET_KEY = env.str("SECRET_KEY", default="")
# Without a key nobody has configured anything yet: that is the demo. Whoever sets a key
# gets production behaviour unless they ask for DEBUG by name.
DEBUG = env.bool("DEBUG", default=not SECRET_KEY)
SECRET_KEY_IS_DEMO = not SECRET_KEY
if SECRET_KEY_IS_DEMO:
    SECRET_KEY = demo_secret_key(VAR_DIR)
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])
# Suppression outlives both subscribers and rotated keys, so its hash key may be set apart.
# Whatever they were hashed with before it was set still counts.
SUPPRESSION_KEYS = [
    key for key in (env.str("SUPPRESSION_KEY", default=""), SECRET_KEY, *SECRET_KEY_FALLBACKS) if key
]

# --- The site ---------------------------------------------------------------------------
PORT = env.int("PORT", default=8000)
# The absolute base of every link in a mail; never taken from a request.
SITE_URL = env.str("SITE_URL", default=f"http://127.0.0.1:{PORT}").rstrip("/")
SITE_NAME = " ".join(env.str("SITE_NAME", default="Paper Round").split())[:100]  # a header must hold it
SITE_HOST = urlsplit(SITE_URL).hostname or "localhost"
ALLOWED_HOSTS = env.list(
    "ALLOWED_HOSTS",
    default=["127.0.0.1", "localhost", "[::1]", SITE_HOST] if DEBUG else [SITE_HOST],
)
ROOT_URLCONF = "digest.urls"
WSGI_APPLICATION = "digest.wsgi.application"

INSTALLED_APPS = [
    "digest.apps.DigestConfig",
    "subscriptions.apps.SubscriptionsConfig",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "anymail",
    "csp",
    "ninja",  # for the scripts of its documentation page, which it would else load from elsewhere
]

MIDDLEWARE = [
    "digest.site.health.AliveMiddleware",
    "subscriptions.privacy.PrivacyMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "digest.site.language.LanguageMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

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
                "digest.site.context.site",
            ],
        },
    },
]

# --- Database, broker, cache ------------------------------------------------------------
DATABASES = {"default": env.db_url("DATABASE_URL", default=f"sqlite:///{VAR_DIR}/paper-round.sqlite3")}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    VAR_DIR.mkdir(parents=True, exist_ok=True)
    DATABASES["default"].setdefault("OPTIONS", {}).update(
        # Writers queue at BEGIN instead of failing in mid-transaction when they upgrade a lock.
        transaction_mode="IMMEDIATE",
        timeout=30,
        # What is deleted is overwritten: an erased address must not stay in the file's free pages.
        init_command="PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA busy_timeout=30000; "
        "PRAGMA secure_delete=ON;",
    )
else:
    DATABASES["default"].setdefault("CONN_MAX_AGE", 60)
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = True

REDIS_URL = env.str("REDIS_URL", default="")
if REDIS_URL:
    CACHES = {
        "default": {
            "BACKEND": "django.core.cache.backends.redis.RedisCache",
            "LOCATION": REDIS_URL,
            "KEY_PREFIX": "paper-round",
        }
    }
    CELERY_BROKER_URL = REDIS_URL
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        # No task runs longer than its time limit (below), so 15 minutes unacknowledged is dead.
        "visibility_timeout": 900,
        # kombu sweeps for dead tasks every interval x throttle seconds; its defaults make that 100 s.
        "unacked_restore_interval": 5,
        "unacked_restore_throttle": 1,
        "health_check_interval": 25,
        "socket_keepalive": True,
        "socket_connect_timeout": 3,
        "global_keyprefix": "paper-round:",
    }
    CELERY_VISIBILITY_TIMEOUT = 900
else:
    CACHES = {
        "default": {
            "BACKEND": "django.core.cache.backends.filebased.FileBasedCache",
            "LOCATION": VAR_DIR / "cache",
            # Of 300, the default, a day's answers of GitHub would push out all others.
            "OPTIONS": {"MAX_ENTRIES": 10_000},
        }
    }
    queue_dir = VAR_DIR / "queue"
    for folder in ("messages", "control"):
        (queue_dir / folder).mkdir(parents=True, exist_ok=True)
    CELERY_BROKER_URL = "filequeue://localhost//"
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "data_folder_in": str(queue_dir / "messages"),
        "data_folder_out": str(queue_dir / "messages"),
        "control_folder": str(queue_dir / "control"),
        "polling_interval": 0.05,
    }

# --- Celery -----------------------------------------------------------------------------
# The database is the truth and the broker only a hint: a task is acknowledged when done, given
# back when its worker dies, and harmless when it runs twice.
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_SOFT_TIME_LIMIT = 90
CELERY_TASK_TIME_LIMIT = 120
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_PUBLISH_RETRY_POLICY = {"max_retries": 1, "interval_start": 0.1}
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_WORKER_MAX_TASKS_PER_CHILD = 500
CELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT = 30
CELERY_BEAT_SCHEDULER = "celery.beat:Scheduler"
CELERY_TIMEZONE = "UTC"
CELERY_TASK_DEFAULT_QUEUE = "digests"
# Somebody waits for a letter with their browser open; a digest run must not stand before it.
CELERY_TASK_ROUTES = {"subscriptions.tasks.*": {"queue": "letters"}}

# --- Mail -------------------------------------------------------------------------------
ANYMAIL_ESP = env.str("ANYMAIL_ESP", default="")
EMAIL_URL = env.str("EMAIL_URL", default="")
OUTBOX_DIR = VAR_DIR / "outbox"
ANYMAIL: dict[str, Any] = {
    "REQUESTS_TIMEOUT": (5, 30),
    # By itself, Amazon's library sends again where nobody knows whether the first one left.
    "AMAZON_SES_CLIENT_PARAMS": {
        "config": {"connect_timeout": 5, "read_timeout": 30, "retries": {"total_max_attempts": 1}}
    },
}
if ANYMAIL_ESP:
    EMAIL_BACKEND = f"anymail.backends.{ANYMAIL_ESP}.EmailBackend"
    prefix = f"{ANYMAIL_ESP.upper()}_"
    for name in env.ENVIRON:
        if name.startswith(prefix):
            key = name.removesuffix("_FILE")
            ANYMAIL[key] = env.str(key)
elif EMAIL_URL:
    smtp = env.email_url("EMAIL_URL")
    EMAIL_BACKEND = smtp["EMAIL_BACKEND"]
    EMAIL_HOST = smtp["EMAIL_HOST"]
    EMAIL_PORT = smtp["EMAIL_PORT"] or 25
    EMAIL_HOST_USER = smtp["EMAIL_HOST_USER"] or ""
    EMAIL_HOST_PASSWORD = smtp["EMAIL_HOST_PASSWORD"] or ""
    EMAIL_USE_TLS = smtp.get("EMAIL_USE_TLS", False)
    EMAIL_USE_SSL = smtp.get("EMAIL_USE_SSL", False)
    EMAIL_TIMEOUT = 30
else:
    EMAIL_BACKEND = "digest.outbox.OutboxBackend"
DEFAULT_FROM_EMAIL = env.str(
    "DEFAULT_FROM_EMAIL",
    # A name with a comma or brackets in it has to stand in quotation marks.
    default=str(Address(SITE_NAME, "papers", "paper-round.example" if DEBUG else SITE_HOST)),
)
SERVER_EMAIL = DEFAULT_FROM_EMAIL
LIST_ID = env.str("LIST_ID", default=f"papers.{SITE_HOST}" if not DEBUG else "papers.paper-round.example")
POSTAL_ADDRESS = env.str("POSTAL_ADDRESS", default="1 Demo Street, Example Town" if DEBUG else "")

# --- Sign-up ----------------------------------------------------------------------------
# Proxies of ours in front, as a number or as networks: what they say of a client is believed.
TRUSTED_PROXIES = [proxy.strip() for proxy in env.list("TRUSTED_PROXIES", default=[])]
SIGN_UP_RATE_PER_NETWORK = env.str("SIGN_UP_RATE_PER_NETWORK", default="60/hour")
SIGN_UP_RATE_PER_DOMAIN = env.str("SIGN_UP_RATE_PER_DOMAIN", default="300/hour")
SIGN_UP_RATE = env.str("SIGN_UP_RATE", default="1000/hour")
REFUSE_DISPOSABLE = env.bool("REFUSE_DISPOSABLE", default=False)

# --- Papers and editions ----------------------------------------------------------------
SOURCES = env.list("SOURCES", default=[] if DEBUG else ["huggingface"])
ARXIV_CATEGORIES = env.list("ARXIV_CATEGORIES", default=["cs.AI", "cs.CL", "cs.CV", "cs.LG"])
BIORXIV_CATEGORIES = env.list("BIORXIV_CATEGORIES", default=[])
MEDRXIV_CATEGORIES = env.list("MEDRXIV_CATEGORIES", default=[])
# What is known of papers beyond their sources. Those that need a key are off without one.
ENRICHERS = env.list(
    "ENRICHERS", default=[] if DEBUG else ["arxiv-api", "github", "semanticscholar", "openalex"]
)
HUGGINGFACE_TOKEN = env.str("HUGGINGFACE_TOKEN", default="")
GITHUB_TOKEN = env.str("GITHUB_TOKEN", default="")
SEMANTICSCHOLAR_KEY = env.str("SEMANTICSCHOLAR_KEY", default="")
OPENALEX_KEY = env.str("OPENALEX_KEY", default="")
HUGGINGFACE_URL = env.str("HUGGINGFACE_URL", default="https://huggingface.co").rstrip("/")
ARXIV_FEED_URL = env.str("ARXIV_FEED_URL", default="https://rss.arxiv.org").rstrip("/")
ARXIV_OAI_URL = env.str("ARXIV_OAI_URL", default="https://oaipmh.arxiv.org/oai").rstrip("/")
ARXIV_API_URL = env.str("ARXIV_API_URL", default="https://export.arxiv.org/api/query").rstrip("/")
BIORXIV_URL = env.str("BIORXIV_URL", default="https://api.biorxiv.org").rstrip("/")
GITHUB_URL = env.str("GITHUB_URL", default="https://api.github.com").rstrip("/")
SEMANTICSCHOLAR_URL = env.str("SEMANTICSCHOLAR_URL", default="https://api.semanticscholar.org").rstrip("/")
OPENALEX_URL = env.str("OPENALEX_URL", default="https://api.openalex.org").rstrip("/")
# Sources ask for a way to reach whoever calls them.
HTTP_CONTACT = env.str("HTTP_CONTACT", default=SITE_URL)
EDITION_TIME_ZONE = env.str("EDITION_TIME_ZONE", default="UTC")
EDITION_PUBLISH_AT = env.str("EDITION_PUBLISH_AT", default="12:00")
SAMPLES_DIR = BASE_DIR / "digest" / "samples" / "daily"

# --- Language and time ------------------------------------------------------------------
LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("de", "Deutsch")]
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = "UTC"
USE_I18N = True
USE_TZ = True

# --- Static files -----------------------------------------------------------------------
STATIC_URL = "static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = DEBUG
WHITENOISE_AUTOREFRESH = DEBUG

# --- Security ---------------------------------------------------------------------------
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "frame-src": ["'self'"],
        "form-action": ["'self'"],
        "base-uri": ["'none'"],
        "frame-ancestors": ["'none'"],
    }
}
SECURE_HTTPS = SITE_URL.startswith("https://")
SESSION_COOKIE_SECURE = SECURE_HTTPS
CSRF_COOKIE_SECURE = SECURE_HTTPS
LANGUAGE_COOKIE_SECURE = SECURE_HTTPS
LANGUAGE_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_AGE = 365 * 24 * 60 * 60
SECURE_SSL_REDIRECT = env.bool("SECURE_SSL_REDIRECT", default=SECURE_HTTPS and not DEBUG)
SECURE_HSTS_SECONDS = env.int("SECURE_HSTS_SECONDS", default=31_536_000 if SECURE_HTTPS and not DEBUG else 0)
# For this host alone: whoever runs it may own neither the other names below it nor wish to be on a
# list that browsers ship. A proxy in front can say more.
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]
# One-click POSTs and health checks must never meet a redirect (RFC 8058, section 3.1).
SECURE_REDIRECT_EXEMPT = [r"^unsubscribe/", r"^healthz$", r"^readyz$"]
if env.bool("BEHIND_TLS_PROXY", default=False):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
CSRF_TRUSTED_ORIGINS = [SITE_URL] if SECURE_HTTPS else []
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
SESSION_COOKIE_AGE = 8 * 60 * 60

LOG_LEVEL = env.str("LOG_LEVEL", default="WARNING").upper()
if LOG_LEVEL not in logging.getLevelNamesMapping():
    raise ImproperlyConfigured(f"LOG_LEVEL is {LOG_LEVEL}; use DEBUG, INFO, WARNING or ERROR.")
LOGGING = logging_for(LOG_LEVEL)
