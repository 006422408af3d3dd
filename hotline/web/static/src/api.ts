// Calls to our own server. Every fault arrives as an ApiError with words to show.
import { t } from "./i18n";

const PATIENCE_MS = 15_000;
// A question that was lost at once is asked again: it changes nothing.
const AGAIN_MS = [200, 600];
const SOON_MS = 2_000;

export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly key: string,
    message: string,
    readonly fields: Record<string, string> = {},
    readonly body: object = {},
  ) {
    super(message);
  }
}

interface Fault {
  error?: string;
  message?: string;
  fields?: Record<string, string>;
}

export function csrfToken(): string {
  return document.querySelector<HTMLMetaElement>('meta[name="csrf-token"]')?.content ?? "";
}

async function fault(response: Response): Promise<ApiError> {
  let said: Fault = {};
  try {
    said = (await response.json()) as Fault;
  } catch {
    // A proxy's page, not ours: the status is all there is.
  }
  const message = said.message ?? t("error.status", { status: response.status });
  return new ApiError(response.status, said.error ?? "unknown", message, said.fields, said);
}

type Method = "GET" | "POST" | "PUT" | "DELETE";

interface Options {
  keepalive?: boolean;
  patienceMs?: number;
}

/** Send `body` as JSON and give back the answer's JSON. Throws ApiError; `status` 0 when the
 * server was not reached. `keepalive` lets the request outlive the page; after `patienceMs` it
 * counts as lost. */
export async function request<T>(
  method: Method,
  path: string,
  body?: unknown,
  options: Options = {},
): Promise<T> {
  for (const pause of method === "GET" ? AGAIN_MS : []) {
    const began = performance.now();
    try {
      return await once<T>(method, path, body, options);
    } catch (error) {
      const lost = error instanceof ApiError && error.status === 0;
      if (!lost || performance.now() - began > SOON_MS) throw error;
      await new Promise((resume) => setTimeout(resume, pause));
    }
  }
  return once<T>(method, path, body, options);
}

async function once<T>(
  method: Method,
  path: string,
  body: unknown,
  { keepalive = false, patienceMs = PATIENCE_MS }: Options,
): Promise<T> {
  const headers: Record<string, string> = { Accept: "application/json" };
  if (method !== "GET") headers["X-CSRF-Token"] = csrfToken();
  if (body !== undefined) headers["Content-Type"] = "application/json";
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), patienceMs);
  let response: Response;
  try {
    response = await fetch(path, {
      method,
      headers,
      keepalive,
      signal: stop.signal,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  } catch {
    throw new ApiError(0, "unreachable", t("error.unreachable"));
  } finally {
    clearTimeout(timer);
  }
  if (!response.ok) throw await fault(response);
  return (response.status === 204 ? undefined : await response.json()) as T;
}
