import { LoadingRows, Page } from "~/parts/Page";
import { text } from "~/text";
import styles from "./Settings.module.css";

/** Holds the room's place while it is on its way. */
export function SettingsSkeleton() {
  return (
    <div className={styles.room}>
      <div className={styles.side} />
      <div className={styles.content}>
        <Page title={text.nav.settings}>
          <LoadingRows label={text.nav.settings} rows={4} />
        </Page>
      </div>
    </div>
  );
}
