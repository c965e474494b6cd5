from apps.tenants.models.domain import Domain
from apps.tenants.models.plan import Feature, FeatureOverride, Plan, PlanFeature
from apps.tenants.models.subscription import Subscription

__all__ = ["Domain", "Feature", "FeatureOverride", "Plan", "PlanFeature", "Subscription"]
