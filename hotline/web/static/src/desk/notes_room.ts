// How high the notes over the side stand, for the panels that they lie over: what one does in an
// article or a message list is never covered by a note.
export function keepRoomForNotes(): void {
  const notes = document.querySelector<HTMLElement>(".floor-notes");
  const desk = document.querySelector<HTMLElement>(".desk");
  if (!notes || !desk) return;
  new ResizeObserver(() => {
    const some = [...notes.children].some((note) => (note as HTMLElement).offsetHeight > 0);
    desk.style.setProperty("--notes", some ? `${notes.offsetHeight}px` : "0px");
  }).observe(notes);
}
