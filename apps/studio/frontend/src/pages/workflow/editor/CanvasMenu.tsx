import { Menu } from "@mantine/core";
import type { Position } from "~/graph/diagram";
import type { Actions } from "./actions";
import { type MenuKind, offered } from "./menus";
import { keyName } from "./ShortcutSheet";
import type { Openers, Shortcut } from "./shortcuts";

export interface MenuAt {
  kind: MenuKind;
  /** In the window. */
  at: Position;
}

interface Props {
  menu: MenuAt;
  actions: Actions;
  openers: Openers;
  onClose: () => void;
}

/** The menu of a node, an edge, a selection or the canvas, where it was asked for. */
export function CanvasMenu({ menu, actions, openers, onClose }: Props) {
  const groups = offered(menu.kind, actions.editor.readOnly);
  if (groups.length === 0) return null;
  function run(shortcut: Shortcut) {
    // What is added or pasted comes to lie where the menu was opened.
    actions.pointer = menu.at;
    onClose();
    shortcut.run(actions, openers);
  }
  return (
    <Menu opened onClose={onClose} position="bottom-start" offset={0} withinPortal shadow="md" width={264}>
      <Menu.Target>
        <span
          aria-hidden
          style={{ position: "fixed", left: menu.at.x, top: menu.at.y, width: 1, height: 1 }}
        />
      </Menu.Target>
      <Menu.Dropdown data-testid={`menu-${menu.kind}`}>
        {groups.map((group, index) => (
          <div key={group[0]?.what}>
            {index > 0 && <Menu.Divider />}
            {group.map((shortcut) => (
              <Menu.Item
                key={shortcut.what}
                rightSection={<kbd>{keyName(shortcut.keys[0] ?? "")}</kbd>}
                onClick={() => run(shortcut)}
              >
                {shortcut.what}
              </Menu.Item>
            ))}
          </div>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
