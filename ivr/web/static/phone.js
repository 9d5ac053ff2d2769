// The phone in this page, or that there is none: desk phones then ring as always.

export class Phone {
  /** `changed()` is called when something of it looks different; `say(text)` tells the agent something. */
  constructor({ changed, say, reader }) {
    this.changed = changed;
    this.say = say;
    this.reader = reader;
    this.state = "off";
    this.muted = false;
  }

  get there() {
    return this.state !== "off";
  }

  answer() {}

  hangUp() {}

  mute() {}

  keypad() {}
}
