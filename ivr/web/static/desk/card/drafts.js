// Notes and outcomes that were not sent yet: kept in this tab, so that a reload loses nothing.

const EMPTY = { note: "", outcome: null, follow_up: "" };

export class Drafts {
  constructor() {
    this.kept = new Map();
  }

  of(call) {
    if (!this.kept.has(call)) this.kept.set(call, { ...EMPTY, ...stored(call) });
    return this.kept.get(call);
  }

  change(call, changes) {
    const draft = { ...this.of(call), ...changes };
    this.kept.set(call, draft);
    storage((kept) => kept.setItem(`draft ${call}`, JSON.stringify(draft)));
  }

  forget(call) {
    this.kept.delete(call);
    storage((kept) => kept.removeItem(`draft ${call}`));
  }
}

function stored(call) {
  return storage((kept) => JSON.parse(kept.getItem(`draft ${call}`)));
}

function storage(use) {
  try {
    return use(sessionStorage);
  } catch {
    return null; // storage is forbidden or full; the draft still lives in the page
  }
}
