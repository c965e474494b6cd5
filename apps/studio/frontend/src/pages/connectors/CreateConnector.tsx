import { Alert, Button, Group, Modal, Skeleton, Stack, Text, TextInput, UnstyledButton } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { ArrowLeft } from "lucide-react";
import { type FormEvent, useMemo, useState } from "react";
import { useLocation } from "wouter";
import { api, Problem } from "~/api/client";
import * as queries from "~/api/queries";
import type { Connector, ConnectorType, TestResult } from "~/api/types";
import { formFields, readForm } from "~/graph/schemaForm";
import { ErrorNotice } from "~/parts/Notice";
import { SchemaFields } from "~/parts/SchemaFields";
import { SearchInput } from "~/parts/SearchInput";
import { text } from "~/text";
import { ConnectorLogo } from "./ConnectorLogo";
import styles from "./ConnectorsPage.module.css";
import { saidOfFields } from "./saidOfFields";
import { TestOutcome } from "./TestOutcome";

function Choose({ onChoose }: { onChoose: (type: ConnectorType) => void }) {
  const types = useQuery(queries.connectorTypes());
  const [search, setSearch] = useState("");
  if (types.isError) return <ErrorNotice error={types.error} retry={() => void types.refetch()} />;
  if (types.isPending) return <Skeleton height={160} />;
  const wanted = search.trim().toLowerCase();
  const shown = types.data.filter((type) =>
    [type.label, type.description, type.category].some((each) => each.toLowerCase().includes(wanted)),
  );
  return (
    <div className={styles.gallery}>
      <form
        className={styles.wide}
        onSubmit={(event) => {
          event.preventDefault();
          if (shown[0]) onChoose(shown[0]);
        }}
      >
        <SearchInput
          autoFocus
          data-autofocus
          label={text.connector.searchTypes}
          value={search}
          onChange={setSearch}
        />
      </form>
      {shown.length === 0 && <Text size="sm">{text.connectors.noMatch}</Text>}
      {shown.map((type) => {
        return (
          <UnstyledButton key={type.type} className={styles.choice} onClick={() => onChoose(type)}>
            <ConnectorLogo type={type.type} size={32} />
            <span>
              <strong>{type.label}</strong>
              <span>{type.description}</span>
            </span>
          </UnstyledButton>
        );
      })}
    </div>
  );
}

interface FormProps {
  type: ConnectorType;
  onBack: () => void;
  onDone: (made: Connector) => void;
}

function ConnectorForm({ type, onBack, onDone }: FormProps) {
  const client = useQueryClient();
  const fields = useMemo(() => formFields(type.config_schema), [type]);
  const [name, setName] = useState("");
  const [texts, setTexts] = useState<Record<string, string>>({});
  const [tried, setTried] = useState(false);
  const { values, troubles } = readForm(fields, texts);
  const complete = Object.keys(troubles).length === 0;
  const body = { connector_type: type.type, config: values };
  const test = useMutation({ mutationFn: () => api.post<TestResult>("connectors/test", body) });
  const save = useMutation({
    mutationFn: () => api.post<Connector>("connectors", { ...body, name: name.trim() }),
    onSuccess: async (made) => {
      await client.invalidateQueries({ queryKey: ["connectors"] });
      onDone(made);
    },
  });
  const refusal = save.error ?? test.error;

  function submit(event: FormEvent) {
    event.preventDefault();
    setTried(true);
    if (complete && name.trim() !== "") save.mutate();
  }

  return (
    <form onSubmit={submit} noValidate>
      <Stack gap="md">
        <TextInput
          label={text.name}
          required
          // The dialog was open before: what it focuses by itself is gone.
          autoFocus
          value={name}
          error={tried && name.trim() === "" ? text.field.required : undefined}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <SchemaFields
          fields={fields}
          texts={texts}
          troubles={{ ...saidOfFields(refusal), ...(tried ? troubles : {}) }}
          onChange={(field, value) => setTexts((known) => ({ ...known, [field]: value }))}
        />
        {refusal && (
          <Alert color="red" variant="light" title={refusal.message}>
            {refusal instanceof Problem && refusal.remedy}
          </Alert>
        )}
        <TestOutcome result={test.isPending ? undefined : test.data} error={null} whole />
        <Group justify="space-between">
          <Button variant="subtle" color="gray" leftSection={<ArrowLeft size={15} />} onClick={onBack}>
            {text.connectors.back}
          </Button>
          <Group gap="xs">
            <Button
              variant="default"
              loading={test.isPending}
              onClick={() => {
                setTried(true);
                if (complete) test.mutate();
              }}
            >
              {text.connectors.testFirst}
            </Button>
            <Button type="submit" loading={save.isPending}>
              {text.create}
            </Button>
          </Group>
        </Group>
      </Stack>
    </form>
  );
}

/** Makes a connector: first its type, then the form that the type describes. */
export function CreateConnector({ onClose }: { onClose: () => void }) {
  const [, navigate] = useLocation();
  const [type, setType] = useState<ConnectorType | null>(null);
  return (
    <Modal
      opened
      onClose={onClose}
      size="lg"
      title={type === null ? text.connectors.add : text.connectors.titleFor(type.label)}
    >
      {type === null ? (
        <>
          <Text size="sm" c="dimmed" mb="sm">
            {text.connectors.choose}
          </Text>
          <Choose onChoose={setType} />
        </>
      ) : (
        <ConnectorForm
          key={type.type}
          type={type}
          onBack={() => setType(null)}
          onDone={({ id }) => navigate(`/connectors/${id}`)}
        />
      )}
    </Modal>
  );
}
