"""Whether this process can work: the database and Redis answer."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import DatabaseError, connection
from drf_spectacular.utils import extend_schema
from redis import Redis
from redis.exceptions import RedisError
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from apps.kernel.api.base import RuledAPIView
from apps.kernel.api.rules import Public, Rule


class HealthSerializer(serializers.Serializer[dict[str, str]]):
    status = serializers.ChoiceField(["ok", "degraded", "down"])
    database = serializers.ChoiceField(["ok", "down"])
    redis = serializers.ChoiceField(["ok", "down"])


def _database() -> str:
    try:
        with connection.cursor() as cursor:
            cursor.execute("select 1")
    except DatabaseError:
        return "down"
    return "ok"


def _redis() -> str:
    try:
        with Redis.from_url(settings.REDIS_URL, socket_connect_timeout=1, socket_timeout=1) as client:
            client.ping()
    except RedisError:
        return "down"
    return "ok"


class HealthView(RuledAPIView):
    """Public, so it says no more than which part is missing. Without Redis work is slower, not lost."""

    rules: ClassVar[dict[str, Rule]] = {"get": Public()}
    throttle_classes = []
    authentication_classes = []

    @extend_schema(responses={200: HealthSerializer, 503: HealthSerializer}, tags=["health"])
    def get(self, request: Request) -> Response:  # noqa: ARG002
        database, redis = _database(), _redis()
        status = "down" if database == "down" else "degraded" if redis == "down" else "ok"
        return Response(
            {"status": status, "database": database, "redis": redis}, status=503 if database == "down" else 200
        )
