/** Sending a file, with progress: `fetch` cannot tell how much of a body has gone. */

import { csrfToken, Problem, problemFrom } from "./client";

export interface Upload {
  done: Promise<void>;
  cancel: () => void;
}

/** Upload a file; `onProgress` is told the share that has gone, 0 to 1. Rejects with a Problem. */
export function upload(path: string, file: File, onProgress: (share: number) => void): Upload {
  const request = new XMLHttpRequest();
  const done = new Promise<void>((resolve, reject) => {
    request.open("POST", `/api/v1/${path}`);
    request.setRequestHeader("Accept", "application/json");
    request.setRequestHeader("X-CSRFToken", csrfToken());
    request.upload.onprogress = ({ loaded, total }) => onProgress(total > 0 ? loaded / total : 0);
    request.onload = () =>
      request.status < 300 ? resolve() : reject(problemFrom(request.status, request.responseText));
    request.onerror = () =>
      reject(
        new Problem(0, "unreachable", "The server cannot be reached.", "Check the network, then try again."),
      );
    request.onabort = () => reject(new Problem(0, "cancelled", "The upload was cancelled."));
    const body = new FormData();
    body.append("file", file);
    request.send(body);
  });
  return { done, cancel: () => request.abort() };
}
