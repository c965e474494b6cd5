"""Connectors, the vault, the way out to the network."""

from uzo.settings.env import ENV
from uzo.settings.paths import DATA_DIR

VAULT_KEY_FILE = ENV.uzo_vault_key_file or DATA_DIR / "vault.key"
VAULT_AUTO_UNSEAL = ENV.uzo_vault_auto_unseal
EGRESS_ALLOW = ENV.uzo_egress_allow
DISCOVERY_TIMEOUT_SECONDS = 2
DISCOVERY_ALL_SECONDS = 60
"""For all tables of a connector at once, when someone asks for them."""
CONNECTOR_STORAGE_BYTES = 20 * 2**30
"""What the files of one connector may take in all."""
