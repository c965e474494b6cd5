import {
  Ban,
  CircleCheck,
  CircleDashed,
  CircleDot,
  CirclePause,
  CircleX,
  Clock,
  LoaderCircle,
} from "lucide-react";
import type { ComponentType } from "react";
import { text } from "~/text";
import styles from "./Status.module.css";

export type AnyStatus = keyof typeof text.status;

const ICONS: Record<AnyStatus, ComponentType<{ size?: number }>> = {
  queued: Clock,
  running: LoaderCircle,
  paused: CirclePause,
  success: CircleCheck,
  failed: CircleX,
  cancelled: Ban,
  pending: CircleDot,
  skipped: CircleDashed,
};

export function StatusIcon({ status, size = 14 }: { status: AnyStatus; size?: number }) {
  const Icon = ICONS[status];
  return (
    <span className={styles.icon} data-status={status} aria-hidden>
      <Icon size={size} />
    </span>
  );
}

/** A status as icon and word, in the colour that it has everywhere. */
export function Status({ status }: { status: AnyStatus }) {
  return (
    <span className={styles.status} data-status={status}>
      <StatusIcon status={status} />
      {text.status[status]}
    </span>
  );
}
