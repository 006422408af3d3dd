// A photo at full size over the page: arrows go on, Escape leads back.
import { need } from "../dom";

export function startViewer(): void {
  const dialog = document.getElementById("photo-viewer");
  if (!(dialog instanceof HTMLDialogElement)) return;
  let at = 0;

  const links = (): HTMLAnchorElement[] => [
    ...document.querySelectorAll<HTMLAnchorElement>("#attachment-list a[data-photo]"),
  ];
  const show = (number: number): void => {
    const all = links();
    const link = all[(number + all.length) % all.length];
    if (!link) return;
    at = all.indexOf(link);
    need<HTMLImageElement>("viewer-photo").src = link.href;
    need("viewer-words").textContent = `${at + 1} / ${all.length}  ${link.dataset.photo ?? ""}`;
    if (!dialog.open) dialog.showModal();
  };

  document.addEventListener("click", (event) => {
    const target = event.target instanceof Element ? event.target : undefined;
    const link = target?.closest<HTMLAnchorElement>("#attachment-list a[data-photo]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    show(links().indexOf(link));
  });
  dialog.addEventListener("keydown", (event) => {
    if (event.key === "ArrowRight" || event.key === " ") show(at + 1);
    else if (event.key === "ArrowLeft") show(at - 1);
    else return;
    event.preventDefault();
  });
  need("viewer-before").addEventListener("click", () => show(at - 1));
  need("viewer-after").addEventListener("click", () => show(at + 1));
  need("viewer-close").addEventListener("click", () => dialog.close());
  dialog.addEventListener("close", () => links()[at]?.focus());
}
