// When is something really on the screen?

/**
 * Call back once what was drawn just now has been painted.
 *
 * The second animation frame begins after the first was painted. A hidden tab has no frames: there, and when the tab
 * is hidden while waiting, a message to ourselves is as near as it gets, and unlike a timer it is not slowed down.
 */
export function painted(done) {
  let waiting = true;
  const finish = () => {
    if (!waiting) return;
    waiting = false;
    document.removeEventListener("visibilitychange", hidden);
    done();
  };
  const soon = () => {
    const channel = new MessageChannel();
    channel.port1.onmessage = () => {
      channel.port1.close();
      finish();
    };
    channel.port2.postMessage(null);
  };
  const hidden = () => document.hidden && soon();
  if (document.hidden) {
    soon();
    return;
  }
  document.addEventListener("visibilitychange", hidden);
  requestAnimationFrame(() => requestAnimationFrame(finish));
}
