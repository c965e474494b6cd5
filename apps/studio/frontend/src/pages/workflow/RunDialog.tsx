import { Alert, Button, Group, Modal, Stack, Switch, TextInput } from "@mantine/core";
import { Play } from "lucide-react";
import { type FormEvent, useState } from "react";
import { type Declared, initialText, readParameters, widgetOf } from "~/graph/parameters";
import { text } from "~/text";

interface RunDialogProps {
  opened: boolean;
  parameters: Readonly<Record<string, Declared>>;
  busy: boolean;
  error: Error | null;
  onClose: () => void;
  onRun: (values: Record<string, unknown>) => void;
}

/** Asks for the parameters of a run, with their defaults filled in. */
export function RunDialog({ opened, parameters, busy, error, onClose, onRun }: RunDialogProps) {
  const [texts, setTexts] = useState<Record<string, string>>({});
  const { values, errors } = readParameters(parameters, texts);
  const set = (name: string, value: string) => setTexts((known) => ({ ...known, [name]: value }));

  function submit(event: FormEvent) {
    event.preventDefault();
    if (Object.keys(errors).length === 0) onRun(values);
  }

  return (
    <Modal opened={opened} onClose={onClose} title={text.workflow.runTitle}>
      <form onSubmit={submit}>
        <Stack gap="md">
          {Object.entries(parameters).map(([name, declared], index) => {
            const value = texts[name] ?? initialText(declared);
            if (widgetOf(declared.type) === "boolean") {
              return (
                <Switch
                  key={name}
                  label={name}
                  checked={value === "true"}
                  onChange={(event) => set(name, String(event.currentTarget.checked))}
                />
              );
            }
            const wrong = errors[name];
            return (
              <TextInput
                key={name}
                label={name}
                description={declared.type ? text.workflow.parameterHint(declared.type) : undefined}
                value={value}
                error={wrong && text.workflow.parameterError[wrong]}
                data-autofocus={index === 0 || undefined}
                onChange={(event) => set(name, event.currentTarget.value)}
              />
            );
          })}
          {error && (
            <Alert color="red" variant="light" title={error.message}>
              {null}
            </Alert>
          )}
          <Group justify="flex-end" gap="xs">
            <Button variant="default" onClick={onClose}>
              {text.cancel}
            </Button>
            <Button type="submit" loading={busy} leftSection={<Play size={14} fill="currentColor" />}>
              {text.workflow.run}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
