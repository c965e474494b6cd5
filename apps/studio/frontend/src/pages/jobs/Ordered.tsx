import { ActionIcon, Menu, Tooltip } from "@mantine/core";
import { ArrowDown, ArrowUp, Ellipsis, GripVertical } from "lucide-react";
import { type KeyboardEvent, type ReactNode, useState } from "react";
import { Link } from "wouter";
import { hrefOf, ICON, type Item } from "~/pages/explorer/kinds";
import { Card } from "~/parts/Page";
import { Time } from "~/parts/Time";
import { text } from "~/text";
import styles from "./Jobs.module.css";
import { moved } from "./order";

const said = text.jobs;

interface OrderedProps {
  items: readonly Item[];
  onOrder: (ids: string[]) => void;
  /** What is dragged, for whoever takes it elsewhere; null once it was let go. */
  onDrag?: (item: Item | null) => void;
  /** More to do with one of them, below moving it. */
  menu: (item: Item) => ReactNode;
}

/** Things in the order in which they run: dragged by the grip, moved by the menu or by Alt and the arrow keys. */
export function Ordered({ items, onOrder, onDrag, menu }: OrderedProps) {
  const [dragged, setDragged] = useState<string | null>(null);
  const [over, setOver] = useState<string | null>(null);
  const ids = items.map(({ id }) => id);
  const move = (id: string, by: number) => {
    const to = ids.indexOf(id) + by;
    if (to >= 0 && to < ids.length) onOrder(moved(ids, id, to));
  };
  const press = (event: KeyboardEvent, id: string) => {
    const by = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    if (!event.altKey || by === undefined) return;
    event.preventDefault();
    move(id, by);
  };
  const drop = () => {
    if (dragged !== null && over !== null && dragged !== over)
      onOrder(moved(ids, dragged, ids.indexOf(over)));
    setDragged(null);
    setOver(null);
  };
  return (
    <Card>
      <table className={styles.table}>
        <thead>
          <tr>
            <th className={styles.place}>{said.order}</th>
            <th>{text.explorer.columnName}</th>
            <th className={styles.when}>{text.explorer.columnChanged}</th>
            <th className={styles.menu} aria-label={text.explorer.columnKind} />
          </tr>
        </thead>
        <tbody>
          {items.map((item, index) => {
            const Icon = ICON[item.kind];
            return (
              <tr
                key={item.id}
                data-dragged={dragged === item.id}
                data-over={over === item.id && dragged !== item.id}
                onDragOver={(event) => {
                  if (dragged === null) return;
                  event.preventDefault();
                  setOver(item.id);
                }}
                onDrop={drop}
              >
                <td className={styles.place}>
                  <Tooltip label={said.drag(item.name)} openDelay={600}>
                    <ActionIcon
                      variant="subtle"
                      color="gray"
                      size="sm"
                      draggable
                      data-idle={items.length < 2}
                      aria-label={said.drag(item.name)}
                      style={{ cursor: "grab" }}
                      onKeyDown={(event) => press(event, item.id)}
                      onDragStart={(event) => {
                        event.dataTransfer.effectAllowed = "move";
                        event.dataTransfer.setData("text/plain", item.name);
                        setDragged(item.id);
                        onDrag?.(item);
                      }}
                      onDragEnd={() => {
                        onDrag?.(null);
                        setDragged(null);
                        setOver(null);
                      }}
                    >
                      <GripVertical size={15} />
                    </ActionIcon>
                  </Tooltip>
                  <span className="numbers">{index + 1}</span>
                </td>
                <td>
                  <Link href={hrefOf(item.kind, item.id)} className={styles.link} title={item.name}>
                    <Icon size={16} strokeWidth={1.75} aria-hidden />
                    <span>{item.name}</span>
                  </Link>
                </td>
                <td className={styles.when}>
                  <Time at={item.updated_at} />
                </td>
                <td className={styles.menu}>
                  <Menu position="bottom-end">
                    <Menu.Target>
                      <ActionIcon
                        variant="subtle"
                        color="gray"
                        size="sm"
                        aria-label={text.explorer.actions(item.name)}
                      >
                        <Ellipsis size={16} />
                      </ActionIcon>
                    </Menu.Target>
                    <Menu.Dropdown>
                      {index > 0 && (
                        <Menu.Item leftSection={<ArrowUp size={15} />} onClick={() => move(item.id, -1)}>
                          {said.up}
                        </Menu.Item>
                      )}
                      {index < items.length - 1 && (
                        <Menu.Item leftSection={<ArrowDown size={15} />} onClick={() => move(item.id, 1)}>
                          {said.down}
                        </Menu.Item>
                      )}
                      {menu(item)}
                    </Menu.Dropdown>
                  </Menu>
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </Card>
  );
}
