// What waits to be sent, kept in this browser's own store: neither a lost network, a closed tab nor
// an empty battery loses a photo.

const NAME = "hotline-attachments";
const STORE = "waiting";

/** `caseNumber` is empty while the form of `callId` is not saved: it waits for that. `refused` holds why the server will not take it; such a one is not sent again by itself. */
export interface Waiting {
  key: string;
  user: string;
  caseNumber: string;
  callId?: string;
  stage: string;
  name: string;
  at: number;
  data: Blob;
  refused?: string;
}

function opened(): Promise<IDBDatabase> {
  return new Promise((done, failed) => {
    const asked = indexedDB.open(NAME, 1);
    asked.onupgradeneeded = () => asked.result.createObjectStore(STORE, { keyPath: "key" });
    asked.onsuccess = () => done(asked.result);
    asked.onerror = () => failed(asked.error ?? new Error(NAME));
  });
}

async function ask<T>(mode: IDBTransactionMode, work: (store: IDBObjectStore) => IDBRequest<T>): Promise<T> {
  const database = await opened();
  try {
    return await new Promise<T>((done, failed) => {
      const turn = database.transaction(STORE, mode);
      const asked = work(turn.objectStore(STORE));
      turn.oncomplete = () => done(asked.result);
      turn.onabort = () => failed(turn.error ?? new Error(NAME));
      turn.onerror = () => failed(turn.error ?? new Error(NAME));
    });
  } finally {
    database.close();
  }
}

export async function keep(one: Waiting): Promise<void> {
  // A browser that is short of room throws away first what it never promised to keep.
  void navigator.storage?.persist?.();
  await ask("readwrite", (store) => store.put(one));
}

export async function forget(key: string): Promise<void> {
  await ask("readwrite", (store) => store.delete(key) as IDBRequest<undefined>);
}

/** What this user has not got through yet, the oldest first. */
export async function waiting(user: string): Promise<Waiting[]> {
  const all = await ask("readonly", (store) => store.getAll() as IDBRequest<Waiting[]>);
  return all.filter((one) => one.user === user).sort((a, b) => a.at - b.at);
}
