from apps.connectors.models.connector import Connector
from apps.connectors.models.discovered import DiscoveredTable

__all__ = ["Connector", "DiscoveredTable"]
