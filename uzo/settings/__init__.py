"""Django's settings, one file a topic; `env.py` alone reads the environment."""

from uzo.settings.paths import *
from uzo.settings.apps import *
from uzo.settings.database import *
from uzo.settings.web import *
from uzo.settings.accounts import *
from uzo.settings.mail import *
from uzo.settings.api import *
from uzo.settings.realtime import *
from uzo.settings.tasks import *
from uzo.settings.workflows import *
from uzo.settings.executions import *
from uzo.settings.connectors import *
from uzo.settings.logs import *
