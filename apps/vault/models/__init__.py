from apps.vault.models.data_key import DataKey
from apps.vault.models.parameters import VaultParameters

__all__ = ["DataKey", "VaultParameters"]
