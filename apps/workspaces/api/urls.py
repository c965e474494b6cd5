from django.urls import path

from apps.workspaces.api import folders, job_packages, jobs, workspaces

urlpatterns = [
    path("workspaces", workspaces.WorkspacesView.as_view()),
    path("workspaces/<uuid:id>", workspaces.WorkspaceView.as_view()),
    path("workspaces/<uuid:id>/restore", workspaces.WorkspaceRestoreView.as_view()),
    path("workspaces/<uuid:id>/folders", folders.FoldersView.as_view()),
    path("workspaces/<uuid:id>/job-packages", job_packages.JobPackagesView.as_view()),
    path("folders/<uuid:id>", folders.FolderView.as_view()),
    path("folders/<uuid:id>/restore", folders.FolderRestoreView.as_view()),
    path("folders/<uuid:id>/move", folders.FolderMoveView.as_view()),
    path("folders/<uuid:id>/jobs", jobs.JobsView.as_view()),
    path("jobs/<uuid:id>", jobs.JobView.as_view()),
    path("jobs/<uuid:id>/restore", jobs.JobRestoreView.as_view()),
    path("jobs/<uuid:id>/move", jobs.JobMoveView.as_view()),
    path("job-packages/<uuid:id>", job_packages.JobPackageView.as_view()),
    path("job-packages/<uuid:id>/restore", job_packages.JobPackageRestoreView.as_view()),
]
