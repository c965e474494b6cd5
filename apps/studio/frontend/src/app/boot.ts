/** What the server wrote into the page: who is signed in. Never a secret. */

export interface Person {
  id: string;
  name: string;
  email: string;
  is_owner: boolean;
  /** Whether their role lets them look at operations. */
  may_operate: boolean;
  /** What their role lets them do that is not about one object. */
  capabilities: string[];
}

export interface Boot {
  user: Person;
  subscription: string;
}

export interface LoginBoot {
  page: "login";
  next: string;
  subscription: string;
}

/** The token of the link stays in the address; the server does not write it into the page. */
export interface ResetBoot {
  page: "reset-password";
  subscription: string;
}

export function readBoot<T>(): T {
  const element = document.getElementById("boot");
  if (element?.textContent == null) throw new Error("the page has no boot data");
  return JSON.parse(element.textContent) as T;
}

/** The nonce that the policy of this page allows for style elements. */
export function styleNonce(): string {
  return document.querySelector<HTMLMetaElement>('meta[name="csp-nonce"]')?.nonce ?? "";
}
