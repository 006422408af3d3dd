// The page's words, from the same catalogue as the server's.
import en from "../../i18n/en.json";
import zh from "../../i18n/zh.json";

export type Key = keyof typeof zh;

const texts: Record<Key, string> = document.documentElement.lang.startsWith("zh") ? zh : en;

export function t(key: Key, values: Record<string, string | number> = {}): string {
  return texts[key].replace(/\{(\w+)\}/g, (place, name: string) => String(values[name] ?? place));
}

/** A text whose key came from the server; the key itself when there is none. */
export function tLoose(key: string, values: Record<string, string | number> = {}): string {
  return key in texts ? t(key as Key, values) : key;
}
