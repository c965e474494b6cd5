"""Sockets: Channels on Redis."""

from uzo.settings.database import REDIS_URL

# Publish and subscribe rather than queues in Redis: groups survive a flush, and a group without
# listeners costs one command. What is lost on the way is read from the log (apps.realtime.log).
CHANNEL_LAYERS = {
    "default": {
        "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
        "CONFIG": {"hosts": [REDIS_URL], "prefix": "uzo:sockets:"},
    }
}
EVENT_LOG_LENGTH = 5000
"""Events kept per channel for replay."""
EVENT_LOG_SECONDS = 86_400
SOCKET_TICKET_SECONDS = 30
SOCKET_MAX_CHANNELS = 200
"""Channels one socket may follow."""
SOCKET_SEND_SECONDS = 10
"""A client that does not take a message within this time is dropped."""
SOCKET_RECHECK_SECONDS = 2
"""How often a socket's person and permissions are looked at again, besides at every change."""
