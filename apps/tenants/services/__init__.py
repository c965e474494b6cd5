from apps.tenants.services.plans import change, change_plan, upgrade_plan
from apps.tenants.services.provisioning import provision, remove, resume, suspend

__all__ = ["change", "change_plan", "provision", "remove", "resume", "suspend", "upgrade_plan"]
