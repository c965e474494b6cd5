"""Shapes of people, groups, roles and grants."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from apps.accounts import access
from apps.accounts.api.fields import PasswordField, ReferenceField
from apps.accounts.core.levels import Level
from apps.accounts.models import ApiKey, Group, GroupGrant, Membership, Role, User, UserGrant

LEVELS = [str(level) for level in Level]


class UserSerializer(serializers.ModelSerializer[User]):
    role = serializers.CharField(source="role.name", read_only=True, allow_null=True, default=None)
    role_id = serializers.UUIDField(read_only=True, allow_null=True)

    class Meta:
        model = User
        fields = [
            "id",
            "email",
            "name",
            "role",
            "role_id",
            "is_owner",
            "is_active",
            "last_login",
            "created_at",
            "updated_at",
        ]
        read_only_fields = fields


class GroupNameSerializer(serializers.ModelSerializer[Group]):
    class Meta:
        model = Group
        fields = ["id", "name"]
        read_only_fields = fields


class UserDetailSerializer(UserSerializer):
    """Somebody as those see them who manage people."""

    state = serializers.SerializerMethodField(help_text="`invited` is somebody without a password yet")
    last_seen_at = serializers.DateTimeField(read_only=True, allow_null=True)
    groups: Any = GroupNameSerializer(many=True, read_only=True)

    class Meta(UserSerializer.Meta):
        fields = [*UserSerializer.Meta.fields, "state", "last_seen_at", "groups"]
        read_only_fields = fields

    @extend_schema_field(serializers.ChoiceField(["active", "invited", "disabled"]))
    def get_state(self, user: User) -> str:
        if not user.is_active:
            return "disabled"
        return "active" if user.has_usable_password() else "invited"


class MeSerializer(UserSerializer):
    capabilities = serializers.SerializerMethodField()
    groups = serializers.SerializerMethodField()

    class Meta(UserSerializer.Meta):
        fields = [*UserSerializer.Meta.fields, "capabilities", "groups"]
        read_only_fields = fields

    @extend_schema_field(serializers.ListField(child=serializers.CharField()))
    def get_capabilities(self, user: User) -> list[str]:
        return sorted(access.capabilities_now(user))

    @extend_schema_field(serializers.ListField(child=serializers.CharField()))
    def get_groups(self, user: User) -> list[str]:
        return list(user.groups.order_by("name").values_list("name", flat=True))


class MeChangeSerializer(serializers.Serializer[Any]):
    name = serializers.CharField(max_length=200, allow_blank=True, required=False)


class UserCreateSerializer(serializers.Serializer[Any]):
    email = serializers.EmailField(max_length=254)
    name = serializers.CharField(max_length=200, allow_blank=True, default="")
    password = PasswordField(required=False, allow_null=True)
    role_id = ReferenceField(source="role", queryset=Role.objects.all(), required=False, allow_null=True)
    is_owner = serializers.BooleanField(default=False)
    invite = serializers.BooleanField(
        default=False, help_text="Mail them a link to choose a password; without a password only"
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if attrs["invite"] and attrs.get("password") is not None:
            raise serializers.ValidationError({"invite": "Give a password or invite, not both"})
        return attrs


class UserChangeSerializer(serializers.Serializer[Any]):
    email = serializers.EmailField(max_length=254, required=False)
    name = serializers.CharField(max_length=200, allow_blank=True, required=False)
    password = PasswordField(required=False)
    role_id = ReferenceField(source="role", queryset=Role.objects.all(), required=False, allow_null=True)
    is_owner = serializers.BooleanField(required=False)
    is_active = serializers.BooleanField(required=False)


class GroupSerializer(serializers.ModelSerializer[Group]):
    role = serializers.CharField(source="role.name", read_only=True, allow_null=True, default=None)
    role_id = serializers.UUIDField(read_only=True, allow_null=True)
    member_count = serializers.IntegerField(read_only=True)

    class Meta:
        model = Group
        fields = ["id", "name", "description", "role", "role_id", "member_count", "created_at", "updated_at"]
        read_only_fields = fields


class GroupWriteSerializer(serializers.Serializer[Any]):
    name = serializers.CharField(max_length=150)
    description = serializers.CharField(allow_blank=True, required=False, max_length=10_000)
    role_id = ReferenceField(source="role", queryset=Role.objects.all(), required=False, allow_null=True)


class MemberSerializer(serializers.ModelSerializer[Membership]):
    id = serializers.UUIDField(source="user_id", read_only=True)
    email = serializers.EmailField(source="user.email", read_only=True)
    name = serializers.CharField(source="user.name", read_only=True)
    group_id = serializers.UUIDField(read_only=True)
    user_id = serializers.UUIDField(read_only=True)

    class Meta:
        model = Membership
        fields = ["id", "group_id", "user_id", "email", "name", "created_at"]
        read_only_fields = fields


class MemberAddSerializer(serializers.Serializer[Any]):
    user_id = ReferenceField(source="user", queryset=User.objects.filter(deleted_at=None))


class RoleSerializer(serializers.ModelSerializer[Role]):
    capabilities = serializers.ListField(child=serializers.CharField(), read_only=True)
    levels = serializers.ListField(child=serializers.ChoiceField(LEVELS), read_only=True)
    user_count = serializers.IntegerField(read_only=True)
    group_count = serializers.IntegerField(read_only=True)

    class Meta:
        model = Role
        fields = [
            "id", "name", "description", "capabilities", "levels", "is_built_in", "user_count", "group_count",
            "created_at", "updated_at",
        ]  # fmt: skip
        read_only_fields = fields


class CapabilitySerializer(serializers.Serializer[Any]):
    name = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    scope = serializers.ChoiceField(LEVELS, help_text="Level that an API key must carry to use it")


class RoleWriteSerializer(serializers.Serializer[Any]):
    name = serializers.CharField(max_length=100)
    description = serializers.CharField(allow_blank=True, required=False, max_length=10_000)
    capabilities = serializers.ListField(child=serializers.CharField(max_length=100), required=False, max_length=200)
    levels = serializers.ListField(child=serializers.ChoiceField(LEVELS), required=False, max_length=4)


class PermissionSerializer(serializers.Serializer[Any]):
    """A grant, to a person or a group."""

    id = serializers.UUIDField()
    object_type = serializers.SerializerMethodField()
    object_id = serializers.UUIDField(source="object_pk")
    user_id = serializers.SerializerMethodField()
    group_id = serializers.SerializerMethodField()
    permission = serializers.SerializerMethodField()
    granted_by = serializers.UUIDField(source="granted_by_id", allow_null=True)
    created_at = serializers.DateTimeField()

    def get_object_type(self, grant: UserGrant | GroupGrant) -> str:
        return grant.permission.codename.partition("_")[2]

    @extend_schema_field(serializers.UUIDField(allow_null=True))
    def get_user_id(self, grant: UserGrant | GroupGrant) -> UUID | None:
        return grant.user_id if isinstance(grant, UserGrant) else None

    @extend_schema_field(serializers.UUIDField(allow_null=True))
    def get_group_id(self, grant: UserGrant | GroupGrant) -> UUID | None:
        return grant.group_id if isinstance(grant, GroupGrant) else None

    @extend_schema_field(serializers.ChoiceField(LEVELS))
    def get_permission(self, grant: UserGrant | GroupGrant) -> str:
        return grant.permission.codename.partition("_")[0]


class PermissionGrantSerializer(serializers.Serializer[Any]):
    object_type = serializers.CharField(max_length=50)
    object_id = serializers.UUIDField()
    user_id = ReferenceField(
        source="user", queryset=User.objects.filter(deleted_at=None), required=False, allow_null=True
    )
    group_id = ReferenceField(source="group", queryset=Group.objects.all(), required=False, allow_null=True)
    permission = serializers.ChoiceField(LEVELS)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if (attrs.get("user") is None) == (attrs.get("group") is None):
            raise serializers.ValidationError({"user_id": "Give exactly one of user_id and group_id"})
        return attrs


class ApiKeySerializer(serializers.ModelSerializer[ApiKey]):
    scopes = serializers.ListField(child=serializers.ChoiceField(LEVELS), read_only=True)

    class Meta:
        model = ApiKey
        fields = [
            "id", "name", "description", "prefix", "scopes", "expires_at", "last_used_at", "created_at", "updated_at",
        ]  # fmt: skip
        read_only_fields = fields


class NewApiKeySerializer(ApiKeySerializer):
    key = serializers.CharField(read_only=True, help_text="The key itself, shown this once")

    class Meta(ApiKeySerializer.Meta):
        fields = [*ApiKeySerializer.Meta.fields, "key"]
        read_only_fields = fields


class ApiKeyCreateSerializer(serializers.Serializer[Any]):
    name = serializers.CharField(max_length=200)
    description = serializers.CharField(allow_blank=True, default="", max_length=10_000)
    scopes = serializers.ListField(
        child=serializers.ChoiceField(LEVELS),
        default=lambda: list(LEVELS),
        min_length=1,
        max_length=4,
        help_text="Levels that the key may use; without it, all that its person may",
    )
    expires_at = serializers.DateTimeField(required=False, allow_null=True)
