import { ActionIcon, Button, Menu, Skeleton } from "@mantine/core";
import { Ellipsis, FolderInput, Pencil, Plus, Trash2 } from "lucide-react";
import { useState } from "react";
import { Link, useLocation } from "wouter";
import { useAskedFor } from "~/app/useAskedFor";
import { ShareButton, ShareItem, Sharing } from "~/pages/sharing/ShareButton";
import { ErrorNotice, Notice } from "~/parts/Notice";
import { Card, LoadingRows } from "~/parts/Page";
import { Time } from "~/parts/Time";
import { text } from "~/text";
import { Deleted } from "./Deleted";
import { CreateDialog, DeleteDialog, RenameDialog } from "./dialogs";
import styles from "./ExplorerPage.module.css";
import {
  type ContainerKind,
  childKinds,
  holdersOf,
  hrefOf,
  ICON,
  type Item,
  isContainer,
  type Kind,
} from "./kinds";
import { More } from "./More";
import { useDrag, useDrop, useMoving } from "./moving";
import { useChildren } from "./useChildren";

type Dialog =
  | { does: "create"; kind: Kind }
  | { does: "rename"; item: Item }
  | { does: "share"; item: Item }
  | { does: "delete"; item: Item };

function ItemMenu({ item, ask }: { item: Item; ask: (dialog: Dialog) => void }) {
  const { ask: move } = useMoving();
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <ActionIcon variant="subtle" color="gray" size="sm" aria-label={text.explorer.actions(item.name)}>
          <Ellipsis size={16} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item leftSection={<Pencil size={15} />} onClick={() => ask({ does: "rename", item })}>
          {text.explorer.rename}
        </Menu.Item>
        {holdersOf(item.kind).length > 0 && (
          <Menu.Item leftSection={<FolderInput size={15} />} onClick={() => move(item)}>
            {text.explorer.moveTo}
          </Menu.Item>
        )}
        <ShareItem onClick={() => ask({ does: "share", item })} />
        <Menu.Item
          color="red"
          leftSection={<Trash2 size={15} />}
          onClick={() => ask({ does: "delete", item })}
        >
          {text.explorer.remove}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}

function Row({ item, ask }: { item: Item; ask: (dialog: Dialog) => void }) {
  const drag = useDrag(item, holdersOf(item.kind).length > 0);
  const drop = useDrop(item);
  const Icon = ICON[item.kind];
  return (
    <tr {...drag} {...(isContainer(item.kind) ? drop : {})}>
      <td>
        <Link href={hrefOf(item.kind, item.id)} className={styles.link} draggable={false} title={item.name}>
          <Icon size={16} strokeWidth={1.75} aria-hidden />
          <span>{item.name}</span>
        </Link>
      </td>
      <td className={styles.kind}>{text.explorer.kind[item.kind]}</td>
      <td className={styles.changed}>
        <Time at={item.updated_at} />
      </td>
      <td className={styles.menu}>
        <ItemMenu item={item} ask={ask} />
      </td>
    </tr>
  );
}

interface ListingProps {
  kind: ContainerKind | null;
  id: string | null;
  workspace: string | null;
  title: string;
  description: string;
}

/** What lies in the chosen container, with what can be done there. */
export function Listing({ kind, id, workspace, title, description }: ListingProps) {
  const [, navigate] = useLocation();
  const { items, total, pending, error, retry, more, loadingMore } = useChildren(id);
  const asked = useAskedFor("new");
  const [dialog, ask] = useState<Dialog | null>(
    asked && kind === null ? { does: "create", kind: "workspace" } : null,
  );
  const [deleted, setDeleted] = useState<Item | null>(null);
  const close = () => ask(null);
  const [emptyTitle, emptyHint] =
    kind === null
      ? [text.explorer.empty, text.explorer.emptyHint]
      : (text.explorer.emptyFor[kind] ?? ["", ""]);
  const buttons = childKinds(kind).map((child, index) => (
    <Button
      key={child}
      size="sm"
      variant={index === 0 ? "filled" : "default"}
      leftSection={<Plus size={15} />}
      onClick={() => ask({ does: "create", kind: child })}
    >
      {text.explorer.add[child]}
    </Button>
  ));

  return (
    <section className={styles.listing} aria-label={title}>
      <header className={styles.header}>
        <div className={styles.heading}>
          {title === "" ? <Skeleton height={20} width={180} my={4} /> : <h1>{title}</h1>}
          {description && <p>{description}</p>}
        </div>
        <div className={styles.buttons}>
          {kind !== null && id !== null && title !== "" && (
            <ShareButton object={{ type: kind, id, name: title }} />
          )}
          {buttons}
        </div>
      </header>
      {deleted && <Deleted item={deleted} onDone={() => setDeleted(null)} />}
      {error ? (
        <ErrorNotice error={error} retry={retry} />
      ) : pending ? (
        <LoadingRows label={title} rows={4} />
      ) : items.length === 0 ? (
        <Notice
          icon={ICON[childKinds(kind)[0] ?? "workflow"]}
          title={emptyTitle}
          action={
            <Button
              size="xs"
              leftSection={<Plus size={14} />}
              onClick={() => ask({ does: "create", kind: childKinds(kind)[0] ?? "workflow" })}
            >
              {text.explorer.add[childKinds(kind)[0] ?? "workflow"]}
            </Button>
          }
        >
          {emptyHint}
        </Notice>
      ) : (
        <Card>
          <table className={styles.table}>
            <thead>
              <tr>
                <th>{text.explorer.columnName}</th>
                <th className={styles.kind}>{text.explorer.columnKind}</th>
                <th className={styles.changed}>{text.explorer.columnChanged}</th>
                <th className={styles.menu} aria-label={text.explorer.actions(title)} />
              </tr>
            </thead>
            <tbody>
              {items.map((item) => (
                <Row key={item.id} item={item} ask={ask} />
              ))}
            </tbody>
          </table>
          <More shown={items.length} total={total} more={more} loading={loadingMore} />
        </Card>
      )}
      {dialog?.does === "create" && (
        <CreateDialog
          kind={dialog.kind}
          place={{ kind, id, workspace }}
          onClose={close}
          onCreated={(made) => navigate(hrefOf(dialog.kind, made.id))}
        />
      )}
      {dialog?.does === "rename" && <RenameDialog item={dialog.item} onClose={close} />}
      {dialog?.does === "share" && (
        <Sharing object={{ ...dialog.item, type: dialog.item.kind }} onClose={close} />
      )}
      {dialog?.does === "delete" && (
        <DeleteDialog item={dialog.item} onClose={close} onDeleted={() => setDeleted(dialog.item)} />
      )}
    </section>
  );
}
