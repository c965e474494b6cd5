from tests.db.executions.conftest import job, run_folder, work, workflow_of

__all__ = ["job", "run_folder", "work", "workflow_of"]
