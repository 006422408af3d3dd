// What the server gives a case's page: see hotline/web/pages_cases.py.
export type FieldName =
  | "kind"
  | "category"
  | "component_code"
  | "address"
  | "description"
  | "happened"
  | "caller_name"
  | "caller_phone"
  | "urgency"
  | "anonymous"
  | "confidential"
  | "callback_wanted"
  | "unit";

export type Values = Record<FieldName, string | boolean>;

export interface Case {
  number: string;
  version: number;
  state: string;
  form: Omit<Values, "caller_name" | "caller_phone">;
  category_name: string;
  phone: string;
}

export interface Answer {
  case: Case;
}
