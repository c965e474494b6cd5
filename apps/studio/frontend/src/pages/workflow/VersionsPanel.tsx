import {
  ActionIcon,
  Badge,
  Button,
  Group,
  Menu,
  Skeleton,
  Stack,
  Text,
  Textarea,
  TextInput,
} from "@mantine/core";
import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Ellipsis, X } from "lucide-react";
import { type FormEvent, useState } from "react";
import { api } from "~/api/client";
import * as queries from "~/api/queries";
import { difference, type VersionSummary, versionsKey, versionsOf } from "~/api/versions";
import { ErrorNotice } from "~/parts/Notice";
import { Time } from "~/parts/Time";
import { text } from "~/text";
import { useWorkflowView } from "./context";
import styles from "./Versions.module.css";

const words = text.versions;

function Naming({ version, onDone }: { version: VersionSummary; onDone: () => void }) {
  const client = useQueryClient();
  const [name, setName] = useState(version.name);
  const [comment, setComment] = useState(version.comment);
  const save = useMutation({
    mutationFn: () => api.patch<VersionSummary>(`versions/${version.id}`, { name, comment }),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: versionsKey(version.workflow_id) });
      onDone();
    },
  });
  function submit(event: FormEvent) {
    event.preventDefault();
    save.mutate();
  }
  return (
    <form onSubmit={submit} className={styles.naming}>
      <Stack gap="xs">
        <TextInput
          label={words.name}
          value={name}
          maxLength={200}
          data-autofocus
          autoFocus
          onChange={({ currentTarget: { value } }) => setName(value)}
        />
        <Textarea
          label={words.comment}
          value={comment}
          autosize
          minRows={2}
          onChange={({ currentTarget: { value } }) => setComment(value)}
        />
        {save.error && (
          <Text size="xs" c="var(--status-failed)" role="alert">
            {save.error.message}
          </Text>
        )}
        <Group gap="xs" justify="flex-end">
          <Button size="xs" variant="default" onClick={onDone}>
            {text.cancel}
          </Button>
          <Button size="xs" type="submit" loading={save.isPending}>
            {words.save}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

/** What has changed since; a click on a node that is on the canvas selects it. */
function Since({ version }: { version: VersionSummary }) {
  const { workflow, select, diagram } = useWorkflowView();
  const answer = useQuery(difference(version.id, workflow.version));
  if (answer.isError) return <ErrorNotice error={answer.error} retry={() => void answer.refetch()} />;
  if (answer.data === undefined) return <Skeleton height={32} />;
  const { same, nodes, edges, parameters } = answer.data;
  const there = new Set(diagram.nodes.map(({ id }) => id));
  const kinds = (["added", "removed", "changed", "moved"] as const).filter((kind) => nodes[kind].length > 0);
  const fields = new Map(
    nodes.changed.map(({ node_id, changes }) => [
      node_id,
      changes.map(({ field }) => field.replace(/^config\./, "")).join(", "),
    ]),
  );
  const edgesChanged = edges.added.length + edges.removed.length > 0;
  const named = [...parameters.added, ...parameters.removed, ...parameters.changed];
  return (
    <div className={styles.since} data-testid="version-difference">
      <h4>{words.since}</h4>
      {same && <p>{words.same}</p>}
      {kinds.map((kind) => (
        <section key={kind} data-kind={kind}>
          <h5>{words.kinds[kind](nodes[kind].length)}</h5>
          <ul>
            {nodes[kind].slice(0, 50).map((node) => (
              <li key={node.node_id}>
                {there.has(node.node_id) ? (
                  <button type="button" onClick={() => select(node.node_id)}>
                    {node.label}
                  </button>
                ) : (
                  <span>{node.label}</span>
                )}
                {kind === "changed" && <small>{fields.get(node.node_id)}</small>}
              </li>
            ))}
          </ul>
        </section>
      ))}
      {edgesChanged && <p>{words.edges(edges.added.length, edges.removed.length)}</p>}
      {named.length > 0 && (
        <p>
          {words.parameters}: {named.join(", ")}
        </p>
      )}
      {!same && kinds.length === 0 && !edgesChanged && named.length === 0 && <p>{words.notes}</p>}
    </div>
  );
}

function Row({ version }: { version: VersionSummary }) {
  const { past, workflow, mayWrite, showVersion } = useWorkflowView();
  const client = useQueryClient();
  const [naming, setNaming] = useState(false);
  const shown = past === null ? version.is_current : past.id === version.id;
  const act = useMutation({
    mutationFn: (verb: "publish" | "unpublish" | "rollback") =>
      verb === "unpublish"
        ? api.delete(`versions/${version.id}/publish`)
        : api.post(`versions/${version.id}/${verb}`, {}),
    onSuccess: async (_, verb) => {
      await client.invalidateQueries({ queryKey: queries.workflow(workflow.id).queryKey });
      if (verb === "rollback") showVersion(null);
    },
  });
  return (
    <li className={styles.row} data-shown={shown} data-testid={`version-${version.number}`}>
      <div className={styles.line}>
        <button
          type="button"
          className={styles.which}
          aria-current={shown || undefined}
          onClick={() => showVersion(version.is_current ? null : version.id)}
        >
          {version.name || words.number(version.number)}
        </button>
        {version.is_current && (
          <Badge size="xs" variant="light" tt="none">
            {words.current}
          </Badge>
        )}
        {version.published_at && (
          <Badge size="xs" variant="light" color="green" tt="none" title={words.publishedHint}>
            {words.published}
          </Badge>
        )}
        <span className={styles.spring} />
        {mayWrite && (
          <Menu position="bottom-end" withinPortal>
            <Menu.Target>
              <ActionIcon variant="subtle" color="gray" size="sm" aria-label={words.more(version.number)}>
                <Ellipsis size={15} />
              </ActionIcon>
            </Menu.Target>
            <Menu.Dropdown>
              <Menu.Item onClick={() => setNaming(true)}>{words.rename}</Menu.Item>
              {version.published_at ? (
                <Menu.Item onClick={() => act.mutate("unpublish")}>{words.unpublish}</Menu.Item>
              ) : (
                <Menu.Item onClick={() => act.mutate("publish")}>{words.publish}</Menu.Item>
              )}
              {!version.is_current && (
                <Menu.Item onClick={() => act.mutate("rollback")}>{words.restore}</Menu.Item>
              )}
            </Menu.Dropdown>
          </Menu>
        )}
      </div>
      <div className={styles.about}>
        {version.name && <span>{words.number(version.number)} · </span>}
        <Time at={version.saved_at ?? version.created_at} /> {words.by(version.author?.name ?? words.unknown)}
      </div>
      {version.comment && <p className={styles.comment}>{version.comment}</p>}
      {act.error && (
        <Text size="xs" c="var(--status-failed)" role="alert">
          {act.error.message}
        </Text>
      )}
      {naming && <Naming version={version} onDone={() => setNaming(false)} />}
      {shown && !version.is_current && <Since version={version} />}
    </li>
  );
}

/** All saved states of the workflow, the newest first. */
export function VersionsPanel({ onClose }: { onClose: () => void }) {
  const { workflow } = useWorkflowView();
  const answer = useInfiniteQuery(versionsOf(workflow.id));
  const versions = answer.data?.pages.flatMap(({ results }) => results);
  return (
    <div className={styles.panel}>
      <header className={styles.head}>
        <h3>{words.title}</h3>
        <ActionIcon variant="subtle" color="gray" aria-label={words.close} onClick={onClose}>
          <X size={16} />
        </ActionIcon>
      </header>
      {answer.isError && <ErrorNotice error={answer.error} retry={() => void answer.refetch()} />}
      {versions === undefined && !answer.isError && <Skeleton height={48} m="md" />}
      <ol className={styles.list}>
        {versions?.map((version) => (
          <Row key={version.id} version={version} />
        ))}
      </ol>
      {answer.hasNextPage && (
        <Button
          variant="subtle"
          size="xs"
          m="sm"
          loading={answer.isFetchingNextPage}
          onClick={() => void answer.fetchNextPage()}
        >
          {words.older}
        </Button>
      )}
    </div>
  );
}
