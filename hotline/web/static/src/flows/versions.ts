// A version by its name: 0 is what the product ships.
import { t } from "../i18n";

export function versionName(version: number): string {
  return version === 0 ? t("flows.shipped_version") : t("flows.version_n", { version });
}
