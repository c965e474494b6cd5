"""The operators' pages: subscriptions, hosts, plans, features."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from simple_history.admin import SimpleHistoryAdmin
from unfold.admin import ModelAdmin, TabularInline

from apps.kernel.admin import each_in_turn, operator_site
from apps.kernel.errors import Invalid
from apps.tenants import services
from apps.tenants.events import FirstOwner
from apps.tenants.models import Domain, Feature, FeatureOverride, Plan, PlanFeature, Subscription
from apps.tenants.services.provisioning import check_host


class NewSubscriptionForm(forms.ModelForm):  # type: ignore[type-arg]
    host = forms.CharField(max_length=253, help_text="Like data.example.org")
    owner_email = forms.EmailField(required=False, help_text="The first owner; they choose a password by mail")

    class Meta:
        model = Subscription
        fields = ["name", "description", "plan", "registration_open"]

    def clean_host(self) -> str:
        host: str = self.cleaned_data["host"].lower()
        try:
            check_host(host)
        except Invalid as error:
            raise forms.ValidationError(error.errors[0].message) from error
        return host


class DomainInline(TabularInline):  # type: ignore[misc]
    model = Domain
    extra = 0


class OverrideInline(TabularInline):  # type: ignore[misc]
    model = FeatureOverride
    extra = 0


@admin.register(Subscription, site=operator_site)
class SubscriptionAdmin(SimpleHistoryAdmin, ModelAdmin):  # type: ignore[misc]
    list_display = ("name", "status", "plan", "registration_open", "created_at")
    list_filter = ("status", "plan")
    list_select_related = ("plan",)
    search_fields = ("name", "domains__domain")
    readonly_fields = ("status", "schema_name", "created_at", "updated_at")
    actions = ("suspend", "resume")

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        return super().get_form(request, obj, change, **(kwargs if obj else {**kwargs, "form": NewSubscriptionForm}))

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:  # noqa: ARG002
        plain = ["name", "description", "plan", "registration_open"]
        return [*plain, *(self.readonly_fields if obj else ("host", "owner_email"))]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:  # noqa: ARG002
        return self.readonly_fields if obj else ()

    def get_inlines(self, request: HttpRequest, obj: Any) -> Any:  # noqa: ARG002
        return [DomainInline, OverrideInline] if obj else []

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        if change:
            super().save_model(request, obj, form, change)
            return
        said = form.cleaned_data
        email = said["owner_email"]
        made = services.provision(
            name=said["name"],
            description=said["description"],
            host=said["host"],
            plan_key=said["plan"].key,
            registration_open=said["registration_open"],
            owner=FirstOwner(email=email, name="") if email else None,
        )
        obj.__dict__.update(
            {field.attname: getattr(made, field.attname) for field in Subscription._meta.concrete_fields}
        )
        obj._state.adding = False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """One at a time, and only what is suspended: it drops the schema."""
        return (
            obj is not None and obj.status == Subscription.Status.SUSPENDED and super().has_delete_permission(request)
        )

    def delete_model(self, request: HttpRequest, obj: Subscription) -> None:  # noqa: ARG002
        services.remove(subscription=obj)

    @admin.action(description="Suspend: close it to everybody", permissions=["change"])
    def suspend(self, request: HttpRequest, queryset: QuerySet[Subscription]) -> None:
        each_in_turn(request, queryset, "suspended", lambda each: services.suspend(subscription=each))

    @admin.action(description="Resume: open it again", permissions=["change"])
    def resume(self, request: HttpRequest, queryset: QuerySet[Subscription]) -> None:
        each_in_turn(request, queryset, "resumed", lambda each: services.resume(subscription=each))


class PlanFeatureInline(TabularInline):  # type: ignore[misc]
    model = PlanFeature
    extra = 0


@admin.register(Plan, site=operator_site)
class PlanAdmin(SimpleHistoryAdmin, ModelAdmin):  # type: ignore[misc]
    list_display = ("name", "key", "price", "rank")
    list_filter = ("features__feature",)
    search_fields = ("name", "key")
    inlines = (PlanFeatureInline,)


@admin.register(Feature, site=operator_site)
class FeatureAdmin(SimpleHistoryAdmin, ModelAdmin):  # type: ignore[misc]
    list_display = ("name", "key", "kind", "default_enabled", "default_limit")
    list_filter = ("kind",)
    search_fields = ("name", "key")


@admin.register(Domain, site=operator_site)
class DomainAdmin(SimpleHistoryAdmin, ModelAdmin):  # type: ignore[misc]
    list_display = ("domain", "tenant", "is_primary")
    list_filter = ("is_primary", "tenant__status", "tenant__plan")
    list_select_related = ("tenant",)
    search_fields = ("domain", "tenant__name")
