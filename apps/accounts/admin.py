"""People, groups, roles, keys and sign-ins: on the tenants' site for their owners; on the operators' site the
operators themselves. Everything is done by the services, so that events and refusals are the same as by HTTP."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from simple_history.admin import SimpleHistoryAdmin
from unfold.admin import ModelAdmin, TabularInline

from apps.accounts.models import ApiKey, Group, GroupGrant, Membership, Role, SignIn, User, UserGrant
from apps.accounts.services import api_keys, people, permissions, sign_in
from apps.kernel.admin import ReadOnlyAdmin, each_in_turn, operator_site
from apps.kernel.errors import UzoError


class UserForm(forms.ModelForm):  # type: ignore[type-arg]
    """No password here: people choose theirs by `forgot password`."""

    class Meta:
        model = User
        fields = ["email", "name", "role", "is_owner", "is_active"]


@admin.register(User, site=operator_site)
@admin.register(User)
class UserAdmin(SimpleHistoryAdmin, ModelAdmin):  # type: ignore[misc]
    form = UserForm
    list_display = ("email", "name", "role", "is_owner", "is_active", "last_login")
    list_filter = ("is_active", "is_owner", "role")
    list_select_related = ("role",)
    search_fields = ("email", "name")
    actions = ("disable", "enable", "sign_out")

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        found: QuerySet[User] = super().get_queryset(request).filter(deleted_at=None)
        return found

    def get_actions(self, request: HttpRequest) -> Any:
        actions = super().get_actions(request)
        actions.pop("delete_selected", None)
        return actions

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        said = {name: form.cleaned_data[name] for name in form.changed_data}
        try:
            if change:
                people.change_user(user=obj, by=request.user, changes=said)  # type: ignore[arg-type]
            else:
                said.pop("is_active", None)
                made = people.create_user(by=request.user, **said)  # type: ignore[arg-type]
                obj.pk, obj._state.adding = made.pk, False
        except UzoError as error:
            messages.error(request, error.message)

    def delete_model(self, request: HttpRequest, obj: User) -> None:
        try:
            people.delete_user(user=obj, by=request.user)  # type: ignore[arg-type]
        except UzoError as error:
            messages.error(request, error.message)

    def _switch(self, request: HttpRequest, users: QuerySet[User], on: bool) -> None:
        each_in_turn(
            request,
            users,
            "switched on" if on else "switched off",
            lambda user: people.change_user(user=user, by=request.user, changes={"is_active": on}),  # type: ignore[arg-type]
        )

    @admin.action(description="Switch off: tokens, keys and sessions end at once", permissions=["change"])
    def disable(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        self._switch(request, queryset, False)

    @admin.action(description="Switch on again", permissions=["change"])
    def enable(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        self._switch(request, queryset, True)

    @admin.action(description="Sign out everywhere", permissions=["change"])
    def sign_out(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        each_in_turn(
            request,
            queryset,
            "signed out",
            lambda user: sign_in.revoke_all(user=user, reason="disabled", by=request.user),  # type: ignore[arg-type]
        )


class MembershipInline(TabularInline):  # type: ignore[misc]
    model = Membership
    extra = 0
    autocomplete_fields = ("user",)


@admin.register(Group)
class GroupAdmin(SimpleHistoryAdmin, ModelAdmin):  # type: ignore[misc]
    list_display = ("name", "role", "created_at")
    list_filter = ("role",)
    list_select_related = ("role",)
    search_fields = ("name", "description")
    inlines = (MembershipInline,)


@admin.register(Role)
class RoleAdmin(SimpleHistoryAdmin, ModelAdmin):  # type: ignore[misc]
    list_display = ("name", "description", "is_built_in")
    list_filter = ("is_built_in",)
    search_fields = ("name", "description")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_change_permission(request, obj) and not (obj and obj.is_built_in)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_delete_permission(request, obj) and not (obj and obj.is_built_in)


@admin.register(ApiKey)
class ApiKeyAdmin(ReadOnlyAdmin):
    list_display = ("name", "prefix", "user", "expires_at", "last_used_at", "created_at")
    list_filter = ("expires_at",)
    list_select_related = ("user",)
    search_fields = ("name", "prefix", "user__email")
    exclude = ("digest",)
    actions = ("end",)

    @admin.action(description="End these keys", permissions=["view"])
    def end(self, request: HttpRequest, queryset: QuerySet[ApiKey]) -> None:
        each_in_turn(request, queryset, "ended", lambda key: api_keys.delete(key=key, by=request.user))  # type: ignore[arg-type]


@admin.register(SignIn)
class SignInAdmin(ReadOnlyAdmin):
    list_display = ("user", "created_at", "revoked_at", "reason")
    list_filter = ("reason",)
    list_select_related = ("user",)
    search_fields = ("user__email",)


class _GrantAdmin(ReadOnlyAdmin):
    list_filter = ("content_type",)
    list_select_related = ("permission__content_type", "content_type")
    actions = ("take_back",)

    @admin.action(description="Take these permissions back", permissions=["view"])
    def take_back(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        each_in_turn(request, queryset, "taken back", lambda row: permissions.revoke(grant=row, by=request.user))  # type: ignore[arg-type]


@admin.register(UserGrant)
class UserGrantAdmin(_GrantAdmin):
    list_display = ("user", "permission", "object_pk", "created_at")
    search_fields = ("user__email", "object_pk")


@admin.register(GroupGrant)
class GroupGrantAdmin(_GrantAdmin):
    list_display = ("group", "permission", "object_pk", "created_at")
    search_fields = ("group__name", "object_pk")
