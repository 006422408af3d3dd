// The class to filter by, on the list and on the map.
import { CategoryField } from "../desk/combo";
import { need } from "../dom";

/** Found by name, pinyin or code; the form hears of it as of any field. */
export function startClass(): void {
  const kept = need<HTMLInputElement>("wanted-category");
  const input = need<HTMLInputElement>("f-category");
  const field = new CategoryField(() => {
    if (kept.value === field.value) return;
    kept.value = field.value;
    kept.dispatchEvent(new Event("input", { bubbles: true }));
  });
  field.remember(kept.value, input.value);
  field.value = kept.value;
  input.addEventListener("focus", () => void field.load(), { once: true });
}
