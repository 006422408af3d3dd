// Recordings by keyboard: space plays and stops, the arrows jump, a button makes it faster.
import { addShortcuts } from "../shortcuts";

const JUMP_S = 5;
const SPEEDS = [1, 1.5, 2];

function audioOf(player: Element | null): HTMLAudioElement | null {
  return player?.querySelector("audio") ?? null;
}

/** The one that plays, or was played last, or stands first. */
function current(): HTMLAudioElement | null {
  const all = [...document.querySelectorAll<HTMLAudioElement>(".player audio")];
  return all.find((audio) => !audio.paused) ?? all.find((audio) => audio.currentTime > 0) ?? all[0] ?? null;
}

function toggle(audio: HTMLAudioElement): void {
  // What went wrong is told by the element's error event.
  if (audio.paused) audio.play().catch(() => undefined);
  else audio.pause();
}

/** Do it with the recording that is played; the key is somebody else's on a button or a link. */
function onAudio(event: KeyboardEvent, act: (audio: HTMLAudioElement) => void): boolean {
  const audio = current();
  if (!audio || (event.target as HTMLElement).closest("button, a, summary, audio, input")) return false;
  act(audio);
  return true;
}

function jump(event: KeyboardEvent, seconds: number): boolean {
  return onAudio(event, (audio) => {
    audio.currentTime = Math.max(0, audio.currentTime + seconds);
  });
}

function prepare(player: HTMLElement): void {
  const audio = audioOf(player);
  if (!audio) return;
  audio.addEventListener("error", () => {
    const problem = player.querySelector<HTMLElement>(".problem-text");
    if (problem) problem.hidden = false;
  });
  audio.addEventListener("play", () => {
    for (const other of document.querySelectorAll<HTMLAudioElement>(".player audio")) {
      if (other !== audio) other.pause();
    }
  });
  player.querySelector("[data-speed]")?.addEventListener("click", (event) => {
    const next = SPEEDS[(SPEEDS.indexOf(audio.playbackRate) + 1) % SPEEDS.length] ?? 1;
    audio.playbackRate = next;
    (event.currentTarget as HTMLElement).textContent = `${next}×`;
  });
}

export function startPlayers(): void {
  for (const player of document.querySelectorAll<HTMLElement>(".player")) prepare(player);
  const any = () => current() !== null;
  addShortcuts("keys.players", [
    { keys: "Space", says: "keys.play", when: any, act: (event) => onAudio(event, toggle) },
    { keys: "Alt+P", says: "keys.case.play", when: any, act: () => toggle(current()!) },
    { keys: "←", says: "keys.play_back", when: any, repeats: true, act: (event) => jump(event, -JUMP_S) },
    { keys: "→", says: "keys.play_on", when: any, repeats: true, act: (event) => jump(event, JUMP_S) },
  ]);
}
