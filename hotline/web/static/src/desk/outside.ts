// Another program's page about the call, in a tab of its own.
import { request } from "../api";

/** Ask for the page and open it. Raises ApiError. */
export async function openOutside(callId: string): Promise<void> {
  const path = `/api/calls/${encodeURIComponent(callId)}/crm`;
  const { url } = await request<{ url: string }>("POST", path);
  window.open(url, "_blank", "noopener,noreferrer");
}
