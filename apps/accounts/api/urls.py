"""Endpoints of accounts on tenants' hosts."""

from django.urls import path

from apps.accounts.api import explaining, groups, people, permissions
from apps.accounts.api.auth import RegisterView
from apps.accounts.api.subscription import UpgradeView
from apps.accounts.api.urls_auth import urlpatterns as auth

urlpatterns = [
    *auth,
    path("auth/register", RegisterView.as_view()),
    path("users", people.UsersView.as_view()),
    path("users/<uuid:id>", people.UserView.as_view()),
    path("users/<uuid:id>/invitation", people.UserInvitationView.as_view()),
    path("users/<uuid:id>/access", explaining.UserAccessView.as_view()),
    path("groups", groups.GroupsView.as_view()),
    path("groups/<uuid:id>", groups.GroupView.as_view()),
    path("groups/<uuid:id>/members", groups.MembersView.as_view()),
    path("groups/<uuid:id>/members/<uuid:user_id>", groups.MemberView.as_view()),
    path("capabilities", groups.CapabilitiesView.as_view()),
    path("roles", groups.RolesView.as_view()),
    path("roles/<uuid:id>", groups.RoleView.as_view()),
    path("subscriptions/upgrade", UpgradeView.as_view()),
    path("permissions", permissions.PermissionsView.as_view()),
    path("permissions/check", permissions.PermissionCheckView.as_view()),
    path("permissions/access", explaining.PermissionAccessView.as_view()),
    path("permissions/subjects", explaining.PermissionSubjectsView.as_view()),
    path("permissions/<uuid:id>", permissions.PermissionView.as_view()),
]
