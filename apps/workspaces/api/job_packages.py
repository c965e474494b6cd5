"""Job packages."""

from __future__ import annotations

from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts.access import Level
from apps.accounts.api.base import OnObject, Rule, TenantAPIView
from apps.kernel.api.documents import list_schema
from apps.kernel.api.listing import narrow
from apps.kernel.api.pagination import PageNumberPagination
from apps.workspaces import selectors
from apps.workspaces.api.base import DeletesResource, documents_delete
from apps.workspaces.api.rules import OnDeletion, OnRestoration
from apps.workspaces.api.serializers import JobPackageSerializer, JobPackageWriteSerializer
from apps.workspaces.models import JobPackage
from apps.workspaces.services import job_packages, restoring

LISTING: dict[str, Any] = {
    "filters": {"name": "name"},
    "search": ("name", "description"),
    "ordering": ("name", "created_at", "updated_at"),
}


class ShowsPackages(TenantAPIView):
    """Renders packages with the jobs that the viewer may see."""

    rules: ClassVar[dict[str, Rule]] = {}

    def shown(self, packages: list[JobPackage]) -> Any:
        jobs = selectors.jobs_of_packages(self.viewer, packages)
        return JobPackageSerializer(packages, many=True, context={"jobs": jobs}).data


class JobPackagesView(ShowsPackages):
    rules: ClassVar[dict[str, Rule]] = {"get": OnObject("workspace"), "post": OnObject("workspace", Level.WRITE)}

    @list_schema(JobPackageSerializer, tags=["job packages"], **LISTING)
    def get(self, request: Request, **_: Any) -> Response:
        found = selectors.packages_in(self.viewer, self.object)
        paginator = PageNumberPagination()
        narrowed = narrow(request, found, default_ordering="name", **LISTING)
        page = paginator.paginate_queryset(narrowed, request, view=self)
        return paginator.get_paginated_response(self.shown(page or []))

    @extend_schema(request=JobPackageWriteSerializer, responses={201: JobPackageSerializer}, tags=["job packages"])
    def post(self, request: Request, **_: Any) -> Response:
        body = JobPackageWriteSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        package = job_packages.create_job_package(workspace=self.object, by=self.viewer, **body.validated_data)
        return Response(self.shown([package])[0], status=201)


class JobPackageView(ShowsPackages, DeletesResource):
    kind = "job_package"
    rules: ClassVar[dict[str, Rule]] = {
        "get": OnObject("job_package"),
        "patch": OnObject("job_package", Level.WRITE),
        "delete": OnDeletion("job_package"),
    }

    @extend_schema(responses={200: JobPackageSerializer}, tags=["job packages"])
    def get(self, request: Request, **_: Any) -> Response:  # noqa: ARG002
        return Response(self.shown([self.object])[0])

    @extend_schema(request=JobPackageWriteSerializer, responses={200: JobPackageSerializer}, tags=["job packages"])
    def patch(self, request: Request, **_: Any) -> Response:
        body = JobPackageWriteSerializer(data=request.data, partial=True)
        body.is_valid(raise_exception=True)
        package = job_packages.change_job_package(package=self.object, by=self.viewer, changes=body.validated_data)
        return Response(self.shown([package])[0])

    @documents_delete("job packages")
    def delete(self, request: Request, **_: Any) -> Response:
        return self.destroy(request)


class JobPackageRestoreView(ShowsPackages):
    rules: ClassVar[dict[str, Rule]] = {"post": OnRestoration("job_package")}

    @extend_schema(request=None, responses={200: JobPackageSerializer}, tags=["job packages"])
    def post(self, request: Request, **_: Any) -> Response:  # noqa: ARG002
        package = restoring.restore_job_package(package=self.object, by=self.viewer)
        return Response(self.shown([package])[0])
