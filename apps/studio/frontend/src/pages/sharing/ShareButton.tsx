import { ActionIcon, Button, type ButtonProps, Menu, Tooltip } from "@mantine/core";
import { UserPlus } from "lucide-react";
import { lazy, Suspense, useState } from "react";
import type { Shareable } from "~/api/people";
import { text } from "~/text";

const ShareDialog = lazy(() => import("./ShareDialog").then((module) => ({ default: module.ShareDialog })));

/** The dialog of something that is to be shared, loaded once it is asked for; nothing while nothing is. */
export function Sharing({ object, onClose }: { object: Shareable | null; onClose: () => void }) {
  if (object === null) return null;
  return (
    <Suspense>
      <ShareDialog key={object.id} object={object} onClose={onClose} />
    </Suspense>
  );
}

/** The same as a line of a menu. */
export function ShareItem({ onClick }: { onClick: () => void }) {
  return (
    <Menu.Item leftSection={<UserPlus size={15} />} onClick={onClick}>
      {text.people.sharing.share}
    </Menu.Item>
  );
}

/** The same where there is room for no word. */
export function ShareIcon({ object }: { object: Shareable }) {
  const [open, setOpen] = useState(false);
  const label = text.people.sharing.shareOf(object.name);
  return (
    <>
      <Tooltip label={text.people.sharing.share}>
        <ActionIcon variant="default" size={30} aria-label={label} onClick={() => setOpen(true)}>
          <UserPlus size={15} />
        </ActionIcon>
      </Tooltip>
      <Sharing object={open ? object : null} onClose={() => setOpen(false)} />
    </>
  );
}

/** Opens the dialog about who may do what with something. */
export function ShareButton({ object, ...button }: { object: Shareable } & ButtonProps) {
  const [open, setOpen] = useState(false);
  return (
    <>
      <Button
        variant="default"
        leftSection={<UserPlus size={15} />}
        {...button}
        aria-label={text.people.sharing.shareOf(object.name)}
        onClick={() => setOpen(true)}
      >
        {text.people.sharing.share}
      </Button>
      <Sharing object={open ? object : null} onClose={() => setOpen(false)} />
    </>
  );
}
