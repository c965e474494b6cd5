import { Fieldset, Stack, Textarea, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api } from "~/api/client";
import * as queries from "~/api/queries";
import type { Workflow } from "~/api/types";
import { duration } from "~/format/numbers";
import { changedFields } from "~/graph/changedFields";
import { PlaceSelect } from "~/pages/explorer/PlaceSelect";
import { FormDialog } from "~/parts/FormDialog";
import { LimitInput } from "~/parts/LimitInput";
import { text } from "~/text";

const said = text.workflow.settings;
const MOST_AT_ONCE = 100_000;
const MOST_SECONDS = 31_536_000;

const settingsOf = (workflow: Workflow) => ({
  name: workflow.name,
  description: workflow.description,
  max_concurrent_executions: workflow.max_concurrent_executions,
  timeout: workflow.timeout,
  on_failure_workflow_id: workflow.on_failure_workflow_id,
});

interface WorkflowSettingsProps {
  workflow: Workflow;
  mayWrite: boolean;
  onClose: () => void;
}

/** What a workflow is called, how much of it runs at once and how long, and what answers for its failures. */
export function WorkflowSettings({ workflow, mayWrite, onClose }: WorkflowSettingsProps) {
  const client = useQueryClient();
  const [settings, setSettings] = useState(() => settingsOf(workflow));
  const set = (change: Partial<typeof settings>) => setSettings((known) => ({ ...known, ...change }));
  const name = settings.name.trim();
  const changes = changedFields(settingsOf(workflow), { ...settings, name });
  const save = useMutation({
    mutationFn: () => api.patch(`workflows/${workflow.id}`, changes),
    onSuccess: async () => {
      await Promise.all(
        [queries.workflow(workflow.id).queryKey, ["workflows"], ["tree"], ["jobs"]].map((queryKey) =>
          client.invalidateQueries({ queryKey, exact: queryKey.length > 1 }),
        ),
      );
      onClose();
    },
  });
  return (
    <FormDialog
      title={said.title}
      size="lg"
      submit={text.save}
      sending={save}
      complete={mayWrite && name !== "" && Object.keys(changes).length > 0}
      onClose={onClose}
      onSubmit={() => save.mutate()}
    >
      <Fieldset variant="unstyled" disabled={!mayWrite}>
        <Stack gap="md">
          <TextInput
            label={text.name}
            required
            withAsterisk={false}
            data-autofocus
            maxLength={200}
            value={settings.name}
            onChange={(event) => set({ name: event.currentTarget.value })}
          />
          <Textarea
            label={text.description}
            autosize
            minRows={2}
            maxRows={6}
            maxLength={10_000}
            value={settings.description}
            onChange={(event) => set({ description: event.currentTarget.value })}
          />
          <LimitInput
            label={text.limits.atOnce}
            description={said.atOnceHint}
            max={MOST_AT_ONCE}
            value={settings.max_concurrent_executions}
            onChange={(max_concurrent_executions) => set({ max_concurrent_executions })}
          />
          <LimitInput
            label={said.timeout}
            description={said.timeoutHint(
              settings.timeout === null ? null : duration(settings.timeout * 1000),
            )}
            placeholder={said.timeoutNone}
            suffix=" s"
            max={MOST_SECONDS}
            value={settings.timeout}
            onChange={(timeout) => set({ timeout })}
          />
          <PlaceSelect
            label={said.onFailure}
            description={said.onFailureHint}
            placeholder={said.onFailureNone}
            inputWrapperOrder={["label", "input", "description", "error"]}
            clearable
            types={["workflow"]}
            permission="execute"
            without={[workflow.id]}
            value={settings.on_failure_workflow_id}
            onChange={(chosen) => set({ on_failure_workflow_id: chosen?.id ?? null })}
          />
        </Stack>
      </Fieldset>
    </FormDialog>
  );
}
