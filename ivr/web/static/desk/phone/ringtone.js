// The ring of the phone in this page: two soft tones, made here, no file.

const EVERY_MS = 3000;

export class Ring {
  set(on) {
    clearInterval(this.timer);
    this.timer = null;
    if (!on) return;
    this.once();
    this.timer = setInterval(() => this.once(), EVERY_MS);
  }

  once() {
    try {
      this.context ??= new AudioContext();
    } catch {
      return; // no sound here; the page shows it
    }
    if (this.context.state === "suspended") this.context.resume().catch(() => undefined);
    [[440, 0], [554, 0.22], [440, 0.44], [554, 0.66]].forEach(([pitch, at]) => this.tone(pitch, this.context.currentTime + at));
  }

  tone(pitch, at) {
    const [wave, level] = [this.context.createOscillator(), this.context.createGain()];
    wave.frequency.value = pitch;
    level.gain.setValueAtTime(0, at);
    level.gain.linearRampToValueAtTime(0.12, at + 0.02);
    level.gain.exponentialRampToValueAtTime(0.001, at + 0.3);
    wave.connect(level).connect(this.context.destination);
    wave.start(at);
    wave.stop(at + 0.32);
  }
}
