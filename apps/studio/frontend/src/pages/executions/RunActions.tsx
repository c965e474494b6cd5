import { ActionIcon, Button, Group, Menu, Text } from "@mantine/core";
import { ChevronDown, Pause, Play, RotateCcw, Square } from "lucide-react";
import type { ReactNode } from "react";
import type { Act } from "~/api/runs";
import type { ExecutionState } from "~/graph/execution";
import { possible } from "~/graph/lifecycle";
import { text } from "~/text";

const said = text.run;

function Choice({ label, hint, onClick }: { label: string; hint: string; onClick: () => void }) {
  return (
    <Menu.Item onClick={onClick}>
      {label}
      <Text size="xs" c="dimmed">
        {hint}
      </Text>
    </Menu.Item>
  );
}

interface SplitProps {
  label: string;
  icon: ReactNode;
  filled: boolean;
  loading: boolean;
  onClick: () => void;
  children: ReactNode;
}

/** A button for what is meant mostly, and beside it the other ways. */
function Split({ label, icon, filled, loading, onClick, children }: SplitProps) {
  const variant = filled ? "filled" : "default";
  return (
    <Button.Group>
      <Button variant={variant} leftSection={icon} loading={loading} onClick={onClick}>
        {label}
      </Button>
      <Menu position="bottom-end" width={300}>
        <Menu.Target>
          <ActionIcon
            variant={variant}
            size={36}
            aria-label={`${label}: ${said.more}`}
            style={{ borderStartStartRadius: 0, borderEndStartRadius: 0, marginInlineStart: filled ? 1 : -1 }}
          >
            <ChevronDown size={16} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>{children}</Menu.Dropdown>
      </Menu>
    </Button.Group>
  );
}

interface RunActionsProps {
  run: ExecutionState;
  /** What is being asked just now, if anything. */
  asking: Act | undefined;
  act: (act: Act) => void;
}

/** Everything that may be done to the whole run as it stands. */
export function RunActions({ run, asking, act }: RunActionsProps) {
  const may = possible(run);
  const busy = (does: Act["does"]) => asking?.does === does;
  return (
    <Group gap={8}>
      {may.pause && (
        <Button
          variant="default"
          leftSection={<Pause size={14} />}
          loading={busy("pause")}
          onClick={() => act({ does: "pause" })}
        >
          {said.pause}
        </Button>
      )}
      {may.cancel && (
        <Button
          variant="default"
          leftSection={<Square size={14} />}
          loading={busy("cancel")}
          onClick={() => act({ does: "cancel" })}
        >
          {text.workflow.cancelRun}
        </Button>
      )}
      {may.resume && (
        <Split
          label={said.resume}
          icon={<Play size={14} />}
          filled
          loading={busy("resume")}
          onClick={() => act({ does: "resume", version: "same" })}
        >
          <Choice
            label={said.resumeSame}
            hint={said.resumeSameHint}
            onClick={() => act({ does: "resume", version: "same" })}
          />
          <Choice
            label={said.resumeLatest}
            hint={said.resumeLatestHint}
            onClick={() => act({ does: "resume", version: "latest" })}
          />
        </Split>
      )}
      {may.retry && (
        <Split
          label={said.retry}
          icon={<RotateCcw size={14} />}
          filled={!may.resume}
          loading={busy("retry")}
          onClick={() => act({ does: "retry", version: "same" })}
        >
          <Choice
            label={said.retrySame}
            hint={said.retrySameHint}
            onClick={() => act({ does: "retry", version: "same" })}
          />
          <Choice
            label={said.retryLatest}
            hint={said.retryLatestHint}
            onClick={() => act({ does: "retry", version: "latest" })}
          />
        </Split>
      )}
    </Group>
  );
}
