import { NumberInput, type NumberInputProps } from "@mantine/core";
import { text } from "~/text";

interface LimitInputProps extends Omit<NumberInputProps, "value" | "onChange" | "min"> {
  /** Null is without a limit: the field is empty. */
  value: number | null;
  onChange: (value: number | null) => void;
}

/** A whole number from one up, or none. */
export function LimitInput({ value, onChange, ...others }: LimitInputProps) {
  return (
    <NumberInput
      allowDecimal={false}
      allowNegative={false}
      thousandSeparator=","
      placeholder={text.limits.none}
      inputWrapperOrder={["label", "input", "description", "error"]}
      {...others}
      min={1}
      value={value ?? ""}
      onChange={(typed) => onChange(typeof typed === "number" && typed > 0 ? typed : null)}
    />
  );
}
