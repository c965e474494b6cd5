import { Button, Group, Modal, Stack, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useMemo, useState } from "react";
import { api } from "~/api/client";
import type { Connector, ConnectorType } from "~/api/types";
import { editedConfig, editFields } from "~/graph/editedConfig";
import { LimitInput } from "~/parts/LimitInput";
import { Refusal } from "~/parts/Notice";
import { SchemaFields } from "~/parts/SchemaFields";
import { text } from "~/text";
import { saidOfFields } from "./saidOfFields";

interface EditConnectorProps {
  connector: Connector;
  type: ConnectorType;
  onClose: () => void;
}

/** Changes a connector; a secret that is left empty stays as it is sealed. */
export function EditConnector({ connector, type, onClose }: EditConnectorProps) {
  const client = useQueryClient();
  const fields = useMemo(
    () => editFields(type.config_schema, connector.config, text.connector.keepSecret),
    [type, connector.config],
  );
  const [name, setName] = useState(connector.name);
  const [description, setDescription] = useState(connector.description);
  const [atOnce, setAtOnce] = useState(connector.max_concurrent_executions);
  const [texts, setTexts] = useState<Record<string, string>>({});
  const [tried, setTried] = useState(false);
  const { config, troubles } = editedConfig(fields, texts);
  const save = useMutation({
    mutationFn: () =>
      api.patch<Connector>(`connectors/${connector.id}`, {
        name: name.trim(),
        description: description.trim(),
        ...(atOnce === connector.max_concurrent_executions ? {} : { max_concurrent_executions: atOnce }),
        ...(Object.keys(config).length > 0 ? { config } : {}),
      }),
    onSuccess: async () => {
      await Promise.all([
        client.invalidateQueries({ queryKey: ["connector", connector.id] }),
        client.invalidateQueries({ queryKey: ["connectors"] }),
      ]);
      onClose();
    },
  });

  function submit(event: FormEvent) {
    event.preventDefault();
    setTried(true);
    if (Object.keys(troubles).length === 0 && name.trim() !== "") save.mutate();
  }

  return (
    <Modal opened onClose={onClose} size="lg" title={text.connector.editTitle(connector.name)}>
      <form onSubmit={submit} noValidate>
        <Stack gap="md">
          <TextInput
            label={text.name}
            required
            data-autofocus
            value={name}
            error={tried && name.trim() === "" ? text.field.required : undefined}
            onChange={(event) => setName(event.currentTarget.value)}
          />
          <TextInput
            label={text.description}
            value={description}
            onChange={(event) => setDescription(event.currentTarget.value)}
          />
          <LimitInput
            label={text.limits.atOnce}
            description={text.connector.atOnceHint}
            max={100_000}
            value={atOnce}
            onChange={setAtOnce}
          />
          <SchemaFields
            fields={fields}
            texts={texts}
            troubles={{ ...saidOfFields(save.error), ...(tried ? troubles : {}) }}
            onChange={(field, value) => setTexts((known) => ({ ...known, [field]: value }))}
          />
          <Refusal error={save.error} />
          <Group justify="flex-end" gap="xs">
            <Button variant="default" onClick={onClose}>
              {text.cancel}
            </Button>
            <Button type="submit" loading={save.isPending}>
              {text.save}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
