"""UZO's ASGI application: Django for HTTP, Channels for `/ws/`."""

from __future__ import annotations

import gc
import os
from typing import Any, cast

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "uzo.settings")

import django

django.setup(set_prefix=False)

# Only now are the apps loaded, and with them the models that the consumers import.
from channels.routing import ProtocolTypeRouter  # noqa: E402
from django.conf import settings  # noqa: E402
from django.urls import get_resolver  # noqa: E402

from apps.kernel.body_limit import BodyLimit  # noqa: E402
from apps.kernel.threads import ThreadedHandler  # noqa: E402
from apps.realtime.routing import application as websocket_application  # noqa: E402

django_application = ThreadedHandler(threads=settings.WEB_THREADS)
application = ProtocolTypeRouter({"http": BodyLimit(cast(Any, django_application)), "websocket": websocket_application})

# The first request shall not pay for loading the views, and no later one for a search through all that was
# loaded: a full collection takes a tenth of a second, and what is loaded now never becomes garbage.
get_resolver().url_patterns  # noqa: B018
gc.collect()
gc.freeze()
