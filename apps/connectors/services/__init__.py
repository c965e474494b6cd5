from apps.connectors.services.connectors import change_connector, create_connector, delete_connector, reseal_secrets
from apps.connectors.services.discovery import discover, forget_tables
from apps.connectors.services.files import delete_file, store_file
from apps.connectors.services.probing import preview, test_connector, test_unsaved

__all__ = [
    "change_connector",
    "create_connector",
    "delete_connector",
    "delete_file",
    "discover",
    "forget_tables",
    "preview",
    "reseal_secrets",
    "store_file",
    "test_connector",
    "test_unsaved",
]
