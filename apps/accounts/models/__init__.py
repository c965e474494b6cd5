from apps.accounts.models.api_key import ApiKey
from apps.accounts.models.grants import GroupGrant, UserGrant
from apps.accounts.models.group import Group, Membership
from apps.accounts.models.role import Role
from apps.accounts.models.sign_in import RefreshToken, SignIn
from apps.accounts.models.user import User

__all__ = ["ApiKey", "Group", "GroupGrant", "Membership", "RefreshToken", "Role", "SignIn", "User", "UserGrant"]
