// The calendar's week: one click copies Monday's hours to the other working days.
import { need } from "../dom";

const REST = ["tue", "wed", "thu", "fri"] as const;

const same = need<HTMLButtonElement>("same");
same.hidden = false;
same.addEventListener("click", () => {
  const monday = need<HTMLInputElement>("f-mon").value;
  for (const day of REST) need<HTMLInputElement>(`f-${day}`).value = monday;
});
