import { Button, Group, Modal, type ModalProps, Stack } from "@mantine/core";
import type { FormEvent, ReactNode } from "react";
import { text } from "~/text";
import { Refusal } from "./Notice";

interface FormDialogProps {
  title: ReactNode;
  size?: ModalProps["size"];
  /** What the button that sends the form says. */
  submit: string;
  /** What is sent: whether it is on its way, and what it was refused for. */
  sending: { isPending: boolean; error: Error | null };
  complete: boolean;
  onSubmit: () => void;
  onClose: () => void;
  children: ReactNode;
}

/** A form in a dialog: its fields, why it was refused, and the two ways out. */
export function FormDialog(props: FormDialogProps) {
  const { title, size, submit, sending, complete, onSubmit, onClose, children } = props;
  return (
    <Modal opened onClose={onClose} title={title} {...(size === undefined ? {} : { size })}>
      <form
        onSubmit={(event: FormEvent) => {
          event.preventDefault();
          onSubmit();
        }}
      >
        <Stack gap="md">
          {children}
          <Refusal error={sending.error} />
          <Group justify="flex-end" gap="xs">
            <Button variant="default" onClick={onClose}>
              {text.cancel}
            </Button>
            <Button type="submit" loading={sending.isPending} disabled={!complete}>
              {submit}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
