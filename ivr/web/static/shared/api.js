// The JSON API, as our own pages ask it.

/** What the server refused, with its sentences in both languages and the places they belong to. */
export class Refusal extends Error {
  constructor(status, problem) {
    super(problem?.texts?.title?.en ?? String(status));
    this.status = status;
    this.title = problem?.texts?.detail ?? problem?.texts?.title ?? null;
    this.errors = (problem?.errors ?? []).map((error) => ({ place: error.pointer ?? error.parameter ?? "#", text: error.text }));
  }
}

export class Api {
  /** `csrf` is the token of this page: a cookie alone changes nothing. */
  constructor(csrf) {
    this.csrf = csrf;
  }

  get(path) {
    return this.ask("GET", path);
  }

  /** Ask; resolves with what the answer holds, rejects with a `Refusal`, or with null where nobody answers.
   *  `keepalive`: it arrives even if the page is left at once. */
  async ask(method, path, body, keepalive = false) {
    const headers = method === "GET" ? {} : { "X-CSRF-Token": this.csrf };
    if (body !== undefined) headers["Content-Type"] = "application/json";
    let answer;
    try {
      answer = await fetch(`/api/v1${path}`, {
        method, headers, body: body === undefined ? undefined : JSON.stringify(body), cache: "no-store", keepalive,
      });
    } catch {
      throw null; // nobody there
    }
    if (answer.status === 401) location.assign("/sign-in");
    const told = answer.status === 204 ? null : await answer.json().catch(() => null);
    if (!answer.ok) throw new Refusal(answer.status, told);
    return told;
  }
}
