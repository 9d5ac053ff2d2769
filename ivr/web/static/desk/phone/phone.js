// The phone in this page: it registers with Asterisk and rings, answers, mutes, sends keys. Hold and transfers are the server's.

import { Ring } from "./ringtone.js";

const AGAIN_MS = [1000, 2000, 5000, 10_000, 20_000];
const TALK = { audio: { echoCancellation: true, noiseSuppression: true, autoGainControl: true }, video: false };
const ICE_MS = 800;

export class Phone {
  /** `changed()` is called when something of it looks different; `say(text)` tells the agent something. */
  constructor({ changed, say, reader, keypad }) {
    this.changed = changed;
    this.say = say;
    this.reader = reader;
    this.showKeypad = keypad;
    this.state = "off";
    this.muted = false;
    this.session = null;
    this.tries = 0;
    this.ring = new Ring();
    this.sound = new Audio();
  }

  get there() {
    return this.state !== "off";
  }

  /** What the server gives at sign-in; null: no phone here. Of several windows only one has the phone, else all would ring. */
  offer(settings) {
    if (!settings || this.settings) return;
    this.settings = settings;
    if (navigator.locks) navigator.locks.request("softphone", () => this.run().then(() => new Promise(() => {})));
    else this.run();
  }

  async run() {
    this.become("loading");
    try {
      this.sip = await import(this.settings.library);
      this.build();
      await this.register();
    } catch {
      this.lost();
      if (!this.sip) this.say(this.reader().t.phone_failed);
    }
  }

  build() {
    const { UserAgent, Registerer } = this.sip;
    const { address, user, password, ice } = this.settings;
    this.agent = new UserAgent({
      uri: UserAgent.makeURI(`sip:${user}@${new URL(address).hostname}`),
      authorizationUsername: user, authorizationPassword: password, contactName: user, logBuiltinEnabled: false,
      transportOptions: { server: address, keepAliveInterval: 20 },
      sessionDescriptionHandlerFactoryOptions: {
        iceGatheringTimeout: ICE_MS, peerConnectionConfiguration: { iceServers: ice.map((urls) => ({ urls })) },
      },
      delegate: { onInvite: (invitation) => this.invited(invitation), onDisconnect: (error) => error && this.lost() },
    });
    this.registerer = new Registerer(this.agent, { expires: 120 });
    this.registerer.stateChange.addListener((state) => {
      if (this.session) return;
      if (state === "Registered") this.become("ready");
      else if (state === "Unregistered" && this.state === "ready") this.lost();
    });
    addEventListener("pagehide", () => this.registerer.unregister().catch(() => undefined));
    addEventListener("online", () => this.again());
    // A reload would end the call that is talked here.
    addEventListener("beforeunload", (event) => this.session && event.preventDefault());
  }

  async register() {
    this.become(this.session ? this.state : "connecting");
    await this.agent.start();
    await this.registerer.register({ requestDelegate: { onReject: () => this.lost() } });
    this.tries = 0;
  }

  /** Not there: try again, waiting longer each time. A call that is going on goes on as long as its sound does. */
  lost() {
    if (!this.session) this.become("failed");
    clearTimeout(this.retry);
    this.retry = setTimeout(() => this.again(), AGAIN_MS[Math.min(this.tries++, AGAIN_MS.length - 1)]);
  }

  async again() {
    clearTimeout(this.retry);
    if (!this.agent || (this.agent.isConnected() && this.registerer.state === "Registered")) return;
    try {
      if (!this.agent.isConnected()) await this.agent.reconnect();
      await this.registerer.register({ requestDelegate: { onReject: () => this.lost() } });
      this.tries = 0;
    } catch {
      this.lost();
    }
  }

  invited(invitation) {
    if (this.session) {
      invitation.reject({ statusCode: 486 });
      return;
    }
    this.session = invitation;
    invitation.stateChange.addListener((state) => {
      if (state === "Established") this.connected(invitation);
      else if (state === "Terminated") this.over(invitation);
    });
    this.become("ringing");
  }

  async answer() {
    const { session } = this;
    if (this.state !== "ringing" || this.answering === session) return;
    this.answering = session;
    try {
      await session.accept({ sessionDescriptionHandlerOptions: { constraints: TALK } });
    } catch (error) {
      const denied = error?.name === "NotAllowedError" || error?.name === "NotFoundError";
      this.say(denied ? this.reader().t.phone_denied : this.reader().t.phone_lost);
    }
    this.answering = null;
  }

  connected(session) {
    if (this.session !== session) return;
    const { peerConnection, remoteMediaStream } = session.sessionDescriptionHandler;
    this.sound.srcObject = remoteMediaStream;
    this.sound.play().catch(() => undefined);
    peerConnection.addEventListener("connectionstatechange", () => {
      if (peerConnection.connectionState === "failed" && this.session === session) this.say(this.reader().t.phone_lost);
    });
    this.become("talking");
  }

  over(session) {
    if (this.session !== session) return;
    this.session = null;
    this.sound.srcObject = null;
    this.muted = false;
    this.become(this.registerer.state === "Registered" ? "ready" : "failed");
    if (this.state === "failed") this.lost();
  }

  hangUp() {
    if (this.state === "talking") this.session.bye();
  }

  mute(muted) {
    const senders = this.session?.sessionDescriptionHandler?.peerConnection?.getSenders() ?? [];
    for (const { track } of senders) if (track) track.enabled = !muted;
    this.muted = muted;
    this.changed();
  }

  key(tone) {
    return this.session?.sessionDescriptionHandler?.sendDtmf(tone, { duration: 120, interToneGap: 80 }) ?? false;
  }

  keypad() {
    this.showKeypad((tone) => this.key(tone));
  }

  become(state) {
    if (this.state === state) return;
    this.state = state;
    this.ring.set(state === "ringing");
    this.changed();
  }
}
