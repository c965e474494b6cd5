import { Alert, Button, Stack, Text } from "@mantine/core";
import { CircleAlert } from "lucide-react";
import type { ComponentType, ReactNode } from "react";
import { Link } from "wouter";
import { Problem } from "~/api/client";
import { text } from "~/text";
import styles from "./Notice.module.css";

interface NoticeProps {
  icon?: ComponentType<{ size?: number; strokeWidth?: number }>;
  title: string;
  children?: ReactNode;
  action?: ReactNode;
  tone?: "calm" | "failed";
  role?: "status" | "alert";
}

/** A place that has nothing to show: says what it is for and what to do. */
export function Notice({ icon: Icon, title, children, action, tone = "calm", role }: NoticeProps) {
  return (
    <Stack align="center" justify="center" gap="xs" className={styles.notice} data-tone={tone} role={role}>
      {Icon && (
        <span className={styles.icon}>
          <Icon size={22} strokeWidth={1.6} />
        </span>
      )}
      <Text fw={600} size="md">
        {title}
      </Text>
      {children && (
        <Text size="sm" c="dimmed" maw={420}>
          {children}
        </Text>
      )}
      {action}
    </Stack>
  );
}

/** An error with what to do about it, and a way to try again. */
export function ErrorNotice({ error, retry }: { error: unknown; retry?: (() => void) | undefined }) {
  if (error instanceof Problem && error.status === 404) {
    return (
      <Notice
        icon={CircleAlert}
        title={text.notFound.title}
        role="alert"
        action={
          <Button component={Link} href="/" size="xs" variant="default">
            {text.notFound.home}
          </Button>
        }
      >
        {text.notFound.message}
      </Notice>
    );
  }
  const remedy = error instanceof Problem ? error.remedy : null;
  return (
    <Notice
      icon={CircleAlert}
      tone="failed"
      role="alert"
      title={error instanceof Error ? error.message : String(error)}
      action={
        retry && (
          <Button size="xs" variant="default" onClick={retry}>
            {text.retry}
          </Button>
        )
      }
    >
      {remedy}
    </Notice>
  );
}

/** Why something that a person asked for was refused, and what to do; nothing where it was not. */
export function Refusal({ error }: { error: Error | null }) {
  if (error === null) return null;
  const field = error instanceof Problem ? error.errors[0]?.message : undefined;
  return (
    <Alert color="red" variant="light" title={field ?? error.message}>
      {error instanceof Problem && error.remedy}
    </Alert>
  );
}
