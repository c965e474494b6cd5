"""The hierarchy that holds workflows."""

from apps.workspaces.models.folder import Folder
from apps.workspaces.models.job import Job
from apps.workspaces.models.job_package import JobPackage, JobPackageItem
from apps.workspaces.models.workspace import Workspace

__all__ = ["Folder", "Job", "JobPackage", "JobPackageItem", "Workspace"]
