import { TextInput, type TextInputProps } from "@mantine/core";
import { Search } from "lucide-react";

interface SearchInputProps extends Omit<TextInputProps, "value" | "onChange" | "type" | "leftSection"> {
  /** What is searched, for the placeholder and for who cannot see it. */
  label: string;
  value: string;
  onChange: (value: string) => void;
}

/** A field that narrows what stands below it. */
export function SearchInput({ label, value, onChange, placeholder, ...others }: SearchInputProps) {
  return (
    <TextInput
      type="search"
      leftSection={<Search size={15} />}
      aria-label={label}
      placeholder={placeholder ?? label}
      value={value}
      onChange={(event) => onChange(event.currentTarget.value)}
      {...others}
      label={undefined}
    />
  );
}
