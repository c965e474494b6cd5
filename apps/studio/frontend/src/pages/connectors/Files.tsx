import { ActionIcon, Button, Modal, Progress, Text } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Download, FileSpreadsheet, Trash2, Upload, X } from "lucide-react";
import { type DragEvent, useRef, useState } from "react";
import { api } from "~/api/client";
import { filePath, filesOf } from "~/api/connectors";
import { upload } from "~/api/uploading";
import { plural, size } from "~/format/numbers";
import { ErrorNotice, Notice, Refusal } from "~/parts/Notice";
import { Card, LoadingRows } from "~/parts/Page";
import { Time } from "~/parts/Time";
import { text } from "~/text";
import styles from "./Connector.module.css";

interface Sending {
  key: string;
  name: string;
  share: number;
  error: Error | null;
  cancel: () => void;
}

/** Files on their way, each with its progress, and what became of those that were refused. */
function useUploads(id: string) {
  const client = useQueryClient();
  const [sending, setSending] = useState<Sending[]>([]);
  const drop = (key: string) => setSending((known) => known.filter((each) => each.key !== key));
  const change = (key: string, said: Partial<Sending>) =>
    setSending((known) => known.map((each) => (each.key === key ? { ...each, ...said } : each)));

  async function send(file: File) {
    const key = crypto.randomUUID();
    const { done, cancel } = upload(`connectors/${id}/files`, file, (share) => change(key, { share }));
    setSending((known) => [...known, { key, name: file.name, share: 0, error: null, cancel }]);
    try {
      await done;
      drop(key);
      await client.invalidateQueries({ queryKey: ["connector", id] });
    } catch (error) {
      change(key, { error: error as Error });
    }
  }
  return { sending, drop, send: (files: Iterable<File>) => void Promise.all([...files].map(send)) };
}

function Line({ sending, onGone }: { sending: Sending; onGone: () => void }) {
  const { name, share, error, cancel } = sending;
  return (
    <li className={styles.sending} data-failed={error !== null}>
      <span className={styles.sendingName}>{error ? `${name}: ${error.message}` : name}</span>
      {error === null && <Progress value={share * 100} aria-label={text.connector.uploading(name)} />}
      <ActionIcon
        variant="subtle"
        color="gray"
        size="sm"
        aria-label={error ? text.connector.dismiss(name) : text.connector.cancelUpload(name)}
        onClick={() => {
          if (error === null) cancel();
          onGone();
        }}
      >
        <X size={14} />
      </ActionIcon>
    </li>
  );
}

function RemoveFile({ id, name, onClose }: { id: string; name: string; onClose: () => void }) {
  const client = useQueryClient();
  const remove = useMutation({
    mutationFn: () => api.delete(filePath(id, name)),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: ["connector", id] });
      onClose();
    },
  });
  return (
    <Modal opened onClose={onClose} title={text.connector.removeTitle(name)}>
      <Text size="sm" mb="md">
        {text.connector.removeFileHint}
      </Text>
      <Refusal error={remove.error} />
      <div className={styles.buttons}>
        <Button variant="default" onClick={onClose} data-autofocus>
          {text.cancel}
        </Button>
        <Button color="red" loading={remove.isPending} onClick={() => remove.mutate()}>
          {text.connector.remove}
        </Button>
      </div>
    </Modal>
  );
}

/** The files of a connector: dropped or chosen, sent with progress, fetched, deleted. */
export function Files({ id, mayWrite, mayRead }: { id: string; mayWrite: boolean; mayRead: boolean }) {
  const files = useQuery(filesOf(id));
  const { sending, drop, send } = useUploads(id);
  const [over, setOver] = useState(false);
  const [removing, remove] = useState<string | null>(null);
  const input = useRef<HTMLInputElement>(null);

  function dropped(event: DragEvent) {
    event.preventDefault();
    setOver(false);
    send(event.dataTransfer.files);
  }

  return (
    <div className={styles.files}>
      {mayWrite && (
        // biome-ignore lint/a11y/noStaticElementInteractions: the button inside is the way without a mouse
        <div
          className={styles.drop}
          data-over={over}
          onDragOver={(event) => {
            event.preventDefault();
            setOver(true);
          }}
          onDragLeave={() => setOver(false)}
          onDrop={dropped}
        >
          <Upload size={20} strokeWidth={1.6} aria-hidden />
          <span>
            {text.connector.drop}{" "}
            <button type="button" onClick={() => input.current?.click()}>
              {text.connector.choose}
            </button>
          </span>
          <small>{text.connector.dropHint}</small>
          <input
            ref={input}
            type="file"
            multiple
            hidden
            aria-label={text.connector.choose}
            onChange={(event) => {
              send(event.currentTarget.files ?? []);
              event.currentTarget.value = "";
            }}
          />
        </div>
      )}
      {sending.length > 0 && (
        <ul className={styles.sendings} aria-live="polite">
          {sending.map((each) => (
            <Line key={each.key} sending={each} onGone={() => drop(each.key)} />
          ))}
        </ul>
      )}
      {files.isError ? (
        <ErrorNotice error={files.error} retry={() => void files.refetch()} />
      ) : files.isPending ? (
        <LoadingRows label={text.connector.tab.files} />
      ) : files.data.results.length === 0 ? (
        <Notice icon={FileSpreadsheet} title={text.connector.noFiles}>
          {text.connector.dropHint}
        </Notice>
      ) : (
        <Card>
          <table className={styles.table}>
            <thead>
              <tr>
                <th>{text.connector.file}</th>
                <th className={styles.number}>{text.connector.size}</th>
                <th>{text.connector.columns}</th>
                <th className={styles.narrow}>{text.connector.stored}</th>
                <th className={styles.tools} aria-label={text.connector.remove} />
              </tr>
            </thead>
            <tbody>
              {files.data.results.map(({ name, size: bytes, columns, stored_at }) => (
                <tr key={name}>
                  <td title={name}>{name}</td>
                  <td className={`${styles.number} numbers`}>{size(bytes)}</td>
                  <td className={styles.soft}>
                    {columns === null ? text.nothing : plural(columns.length, "column")}
                  </td>
                  <td className={`${styles.soft} ${styles.narrow}`}>
                    <Time at={stored_at} />
                  </td>
                  <td className={styles.tools}>
                    {mayRead && (
                      <ActionIcon
                        component="a"
                        href={`/api/v1/${filePath(id, name)}?download=1`}
                        download={name}
                        variant="subtle"
                        color="gray"
                        aria-label={text.connector.download(name)}
                      >
                        <Download size={15} />
                      </ActionIcon>
                    )}
                    {mayWrite && (
                      <ActionIcon
                        variant="subtle"
                        color="gray"
                        aria-label={text.connector.removeFile(name)}
                        onClick={() => remove(name)}
                      >
                        <Trash2 size={15} />
                      </ActionIcon>
                    )}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </Card>
      )}
      {removing !== null && <RemoveFile id={id} name={removing} onClose={() => remove(null)} />}
    </div>
  );
}
