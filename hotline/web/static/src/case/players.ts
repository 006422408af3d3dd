// Recordings by keyboard: space plays and stops, the arrows jump, a button makes it faster.
import { typing } from "../dom";

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

function onKey(event: KeyboardEvent): void {
  if (event.ctrlKey || event.altKey || event.metaKey || typing(event.target)) return;
  const target = event.target as HTMLElement;
  if (target.closest("button, a, summary, audio, input")) return;
  const audio = current();
  if (!audio) return;
  if (event.code === "Space") toggle(audio);
  else if (event.key === "ArrowLeft") audio.currentTime = Math.max(0, audio.currentTime - JUMP_S);
  else if (event.key === "ArrowRight") audio.currentTime += JUMP_S;
  else return;
  event.preventDefault();
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
  document.addEventListener("keydown", onKey);
}
