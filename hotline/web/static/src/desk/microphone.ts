// Whether the browser gives us a microphone, and if not, why.

export type Microphone = "unknown" | "ready" | "denied" | "missing" | "insecure" | "busy";

/** Ask for the microphone, and let it go at once: it is taken only while talking. */
export async function askForMicrophone(audio: MediaTrackConstraints | true): Promise<Microphone> {
  try {
    const stream = await openMicrophone(audio);
    for (const track of stream.getTracks()) track.stop();
    return "ready";
  } catch (error) {
    return whyNot(error);
  }
}

/** The microphone, open. Throws what `whyNot` explains. */
export async function openMicrophone(audio: MediaTrackConstraints | true): Promise<MediaStream> {
  // Browsers hide devices from pages that are neither HTTPS nor on this machine.
  if (!window.isSecureContext || !navigator.mediaDevices) throw new Insecure();
  return navigator.mediaDevices.getUserMedia({ audio });
}

class Insecure extends Error {}

export function whyNot(error: unknown): Microphone {
  if (error instanceof Insecure) return "insecure";
  const name = error instanceof DOMException ? error.name : "";
  if (name === "NotAllowedError" || name === "SecurityError") return "denied";
  if (name === "NotFoundError" || name === "OverconstrainedError") return "missing";
  return "busy";
}
