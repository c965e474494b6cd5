import { connectorIcon } from "~/parts/icons";
import styles from "./Connector.module.css";

/** A type's mark: its icon on its own tint. */
export function ConnectorLogo({ type, size = 28 }: { type: string; size?: number }) {
  const Icon = connectorIcon(type);
  return (
    <span className={styles.logo} data-type={type} style={{ width: size, height: size }}>
      <Icon size={Math.round(size * 0.56)} strokeWidth={1.75} aria-hidden />
    </span>
  );
}
