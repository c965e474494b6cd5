import { Button, Group, Modal, Stack, Text } from "@mantine/core";
import type { UseMutationResult } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { text } from "~/text";
import { Refusal } from "./Notice";

interface ConfirmProps {
  title: string;
  /** What the button says that does it. */
  action: string;
  does: Pick<UseMutationResult<unknown, Error, void>, "mutate" | "isPending" | "error">;
  danger?: boolean;
  onClose: () => void;
  children: ReactNode;
}

/** Asks before something is done that others will notice. The way out has the focus. */
export function Confirm({ title, action, does, danger = false, onClose, children }: ConfirmProps) {
  return (
    <Modal opened onClose={onClose} title={title}>
      <Stack gap="md">
        <Text size="sm">{children}</Text>
        <Refusal error={does.error} />
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onClose} data-autofocus>
            {text.cancel}
          </Button>
          <Button
            {...(danger ? { color: "red" } : {})}
            loading={does.isPending}
            onClick={() => does.mutate()}
          >
            {action}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
