import { Select } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { roles } from "~/api/people";
import { text } from "~/text";

interface RoleSelectProps {
  label: string;
  description?: string;
  value: string | null;
  disabled?: boolean;
  onChange: (role: string | null) => void;
}

/** A role out of all there are, or none. */
export function RoleSelect({ label, description, value, disabled, onChange }: RoleSelectProps) {
  const found = useQuery(roles());
  return (
    <Select
      label={label}
      {...(description === undefined ? {} : { description })}
      placeholder={text.people.members.noRole}
      clearable
      searchable
      disabled={disabled ?? false}
      data={(found.data?.results ?? []).map(({ id, name }) => ({ value: id, label: name }))}
      value={found.data === undefined ? null : value}
      onChange={onChange}
    />
  );
}
