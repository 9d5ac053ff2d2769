// A call becomes a test of the corpus: what the server is asked.

export const AS_IT_IS = "as it is";
export const NONE = "none";

/** The body of the request: nothing, or what it really was about. */
function body(id) {
  if (id === AS_IT_IS) return {};
  return { intent: id === NONE ? "" : id.replace(/^intent /u, "") };
}

/** Ask the server; resolves with what was made. */
export function make(api, call, id) {
  return api.ask("POST", `/calls/${encodeURIComponent(call)}/test`, body(id));
}
