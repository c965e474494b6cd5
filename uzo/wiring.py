"""Who reacts to what: event → handlers, by dotted path.

WITHIN runs inside the publisher's transaction, AFTER once it is committed.
"""

from __future__ import annotations

from apps.accounts import events as accounts
from apps.connectors import events as connectors
from apps.executions import events as executions
from apps.kernel.events import Table
from apps.notifications import events as notifications
from apps.schedules import events as schedules
from apps.tenants import events as tenants
from apps.vault import events as vault
from apps.workflows import events as workflows
from apps.workspaces import events as workspaces

_ACCESS_CHANGED = (
    accounts.UserChanged,
    accounts.UserDisabled,
    accounts.SignInsRevoked,
    accounts.ApiKeyDeleted,
    accounts.GroupDeleted,
    accounts.MemberAdded,
    accounts.MemberRemoved,
    accounts.RoleChanged,
    accounts.PermissionGranted,
    accounts.PermissionRevoked,
)

_AUDITED = (
    accounts.UserRegistered,
    accounts.UserCreated,
    accounts.UserInvited,
    accounts.UserChanged,
    accounts.UserDisabled,
    accounts.UserEnabled,
    accounts.SignedIn,
    accounts.SignInsRevoked,
    accounts.PasswordChanged,
    accounts.ApiKeyCreated,
    accounts.ApiKeyDeleted,
    accounts.GroupCreated,
    accounts.GroupChanged,
    accounts.GroupDeleted,
    accounts.MemberAdded,
    accounts.MemberRemoved,
    accounts.RoleChanged,
    accounts.PermissionGranted,
    accounts.PermissionRevoked,
    workspaces.ResourceCreated,
    workspaces.ResourceChanged,
    workspaces.ResourceMoved,
    workspaces.ResourceDeleted,
    workspaces.ResourceRestored,
    workflows.WorkflowSaved,
    workflows.EnvironmentCreated,
    workflows.VersionNamed,
    workflows.VersionPublished,
    workflows.VersionUnpublished,
    workflows.VersionRolledBack,
    workflows.WorkflowCheckedOut,
    workflows.WorkflowCheckedIn,
    workflows.EnvironmentChanged,
    workflows.EnvironmentDeleted,
    connectors.ConnectorCreated,
    connectors.ConnectorChanged,
    connectors.ConnectorDeleted,
    connectors.FileStored,
    connectors.FileDeleted,
    executions.ExecutionCancelRequested,
    executions.ApprovalDecided,
    executions.ExecutionPauseRequested,
    executions.ExecutionResumed,
    executions.ExecutionRetried,
    executions.JobRunStarted,
    executions.JobRunCancelRequested,
    schedules.StarterCreated,
    schedules.StarterChanged,
    schedules.StarterDeleted,
    schedules.HookSecretRotated,
    schedules.BackfillStarted,
    schedules.BackfillCancelled,
)

WITHIN: Table = {
    **{event: ["apps.audit.handlers.record"] for event in _AUDITED},
    vault.DataKeyRotated: ["apps.connectors.handlers.data_key_rotated", "apps.schedules.handlers.data_key_rotated"],
    executions.ExecutionFinished: [
        "apps.executions.handlers.execution_ends",
        "apps.schedules.handlers.execution_finished",
    ],
    connectors.FileStored: ["apps.audit.handlers.record", "apps.schedules.handlers.file_stored"],
    tenants.SubscriptionProvisioned: ["apps.accounts.handlers.create_first_owner"],
}
AFTER: Table = {
    vault.VaultUnsealed: ["apps.executions.handlers.vault_unsealed"],
    tenants.SubscriptionRemoved: ["apps.connectors.handlers.subscription_removed"],
    workflows.WorkflowSaved: ["apps.realtime.handlers.workflow_saved"],
    executions.ApprovalRequested: [
        "apps.executions.handlers.approval_requested",
        "apps.notifications.handlers.approval_requested",
    ],
    executions.ApprovalDecided: ["apps.notifications.handlers.approval_decided"],
    notifications.PersonNotified: ["apps.realtime.handlers.person_notified"],
    notifications.NotificationsSeen: ["apps.realtime.handlers.notifications_seen"],
    workflows.WorkflowCheckedOut: ["apps.realtime.handlers.workflow_lock"],
    workflows.WorkflowCheckedIn: ["apps.realtime.handlers.workflow_lock"],
    **{
        event: ["apps.realtime.handlers.workflow_versions"]
        for event in (workflows.VersionNamed, workflows.VersionPublished, workflows.VersionUnpublished)
    },
    executions.ExecutionQueued: ["apps.realtime.handlers.execution_queued"],
    executions.NodesChanged: ["apps.realtime.handlers.nodes_changed"],
    executions.ExecutionProgressed: ["apps.realtime.handlers.progressed"],
    executions.LogWritten: ["apps.realtime.handlers.log_written"],
    executions.PreviewReady: ["apps.realtime.handlers.preview_ready"],
    executions.ExecutionFinished: [
        "apps.realtime.handlers.execution_finished",
        "apps.executions.handlers.execution_finished",
        "apps.notifications.handlers.execution_finished",
    ],
    executions.JobRunMoved: ["apps.realtime.handlers.job_run_moved"],
    executions.ExecutionPaused: ["apps.executions.handlers.execution_paused"],
    executions.JobRunFinished: ["apps.executions.handlers.job_run_finished"],
    **{event: ["apps.realtime.handlers.access_changed"] for event in _ACCESS_CHANGED},
}
