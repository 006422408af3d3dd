// A case that an agent verifies between calls: case.ts does the case, this keeps the agent's phone
// and leads back.
import { leadBack } from "../desk/on_task";
import { WebPhone } from "../desk/phone";
import { PhoneMenu } from "../desk/phone_menu";
import { need } from "../dom";

const phone = new WebPhone(need<HTMLAudioElement>("remote"), () => menu.show());
const menu = new PhoneMenu(phone, `hotline-phone:${document.body.dataset.user ?? ""}`, () =>
  menu.show(),
);
leadBack();
menu.start();
