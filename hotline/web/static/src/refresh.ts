// Parts of the page fetched anew, the rest left alone: what is typed or playing goes on.
import htmx from "htmx.org";

/** Replace the elements of these ids by what the server shows at this address now. Gives false
 * when it cannot be reached (the connection's own bar says so) or this page is no more. */
export async function refresh(...ids: string[]): Promise<boolean> {
  let text: string;
  try {
    const response = await fetch(location.href, { headers: { Accept: "text/html" } });
    // Another page (the login, the desk) has nothing of this one.
    if (!response.ok || response.redirected) return false;
    text = await response.text();
  } catch {
    return false;
  }
  for (const id of ids) {
    const old = document.getElementById(id);
    if (old) htmx.swap(old, text, { swapStyle: "outerHTML" } as never, { select: `#${id}` });
  }
  return true;
}
