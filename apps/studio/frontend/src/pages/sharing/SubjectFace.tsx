import { Avatar } from "@mantine/core";
import { Users } from "lucide-react";
import { initialsOf } from "~/format/initials";

/** A person by their initials, or a group; decoration beside the name. */
export function SubjectFace({ kind, name, size = 28 }: { kind: string; name: string; size?: number }) {
  return (
    <Avatar
      size={size}
      radius={kind === "group" ? 8 : "xl"}
      color={kind === "group" ? "gray" : "iris"}
      aria-hidden
    >
      {kind === "group" ? <Users size={size / 2} /> : initialsOf(name)}
    </Avatar>
  );
}
