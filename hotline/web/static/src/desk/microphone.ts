// Whether the browser gives us a microphone, and if not, why.

export type Microphone = "unknown" | "ready" | "denied" | "missing" | "insecure" | "busy";

/** Ask for the microphone, and let it go at once: it is taken only while talking. */
export async function askForMicrophone(): Promise<Microphone> {
  // Browsers hide devices from pages that are neither HTTPS nor on this machine.
  if (!window.isSecureContext || !navigator.mediaDevices) return "insecure";
  try {
    const stream = await navigator.mediaDevices.getUserMedia({ audio: true });
    for (const track of stream.getTracks()) track.stop();
    return "ready";
  } catch (error) {
    return whyNot(error);
  }
}

function whyNot(error: unknown): Microphone {
  const name = error instanceof DOMException ? error.name : "";
  if (name === "NotAllowedError" || name === "SecurityError") return "denied";
  if (name === "NotFoundError" || name === "OverconstrainedError") return "missing";
  return "busy";
}
